import JalonConsensus
import JalonModel

/// Transactions that were admitted and are not final, in the order of their admission, bounded in count and bytes.
///
/// One member fills a quarter of it at the most. Where all of it is full, the member that holds most of it loses its
/// newest, so that there is always room for one that holds little.
struct Mempool: Sendable {
    struct Entry: Sendable {
        let transaction: Verified<Transaction>
        /// When it was admitted, monotonic milliseconds.
        let admittedAt: UInt64
        /// Its place in the order of admission: one that left and came again stands at the end, and there once.
        let number: UInt64
    }

    /// What a transaction finds when it comes.
    enum Room: Hashable, Sendable {
        case free
        /// There is room once this member, which holds more than the issuer, has lost some.
        case heldBy(MemberID)
        /// The issuer has as many waiting as a member may have, or nobody holds more.
        case none(waiting: Int)
    }

    /// Which part of the whole one member may hold.
    private static let shareDivisor = 4
    /// A member that must give way loses so many at once at the most, as a part of the whole: that makes losses, after
    /// which the admission state is made anew, rare.
    private static let lossDivisor = 16

    private let maximumCount: Int
    private let maximumByteCount: Int
    private let guards: Guards
    private var entries: [LeafHash: Entry] = [:]
    private var leaves: [TransactionID: LeafHash] = [:]
    private var order = Lane()
    private var lanes: [MemberID: Lane] = [:]
    private var nextNumber: UInt64 = 0
    private(set) var byteCount = 0
    /// Counts changes, so that what was derived from the content can tell whether it is still true.
    private(set) var version: UInt64 = 0

    init(maximumCount: Int, maximumByteCount: Int, guards: Guards = .all) {
        self.maximumCount = maximumCount
        self.maximumByteCount = maximumByteCount
        self.guards = guards
    }

    var count: Int { entries.count }
    var isEmpty: Bool { entries.isEmpty }

    func count(of member: MemberID) -> Int { lanes[member]?.count ?? 0 }

    subscript(leaf: LeafHash) -> Entry? { entries[leaf] }

    func contains(_ id: TransactionID) -> Bool { leaves[id] != nil }

    // MARK: - Room

    /// Whether a transaction finds room.
    ///
    /// - Complexity: O(1), and O(m) for m members where all of it is full.
    func room(for transaction: Transaction) -> Room {
        let lane = lanes[transaction.issuer] ?? Lane()
        let size = transaction.bytes.count
        let isWithinShare =
            lane.count < max(maximumCount / Mempool.shareDivisor, 1)
            && lane.byteCount + size <= max(maximumByteCount / Mempool.shareDivisor, size)
        guard isWithinShare else { return .none(waiting: lane.count) }
        let hasPlace = entries.count < maximumCount
        if hasPlace, byteCount + size <= maximumByteCount { return .free }
        // Whichever bound is reached says what counts as most.
        let greatest = lanes.keys.sorted().max { hold($0, counted: !hasPlace) < hold($1, counted: !hasPlace) }
        let own = hasPlace ? lane.byteCount + size : lane.count + 1
        guard let greatest, hold(greatest, counted: !hasPlace) > own, guards[.mostGivesWay] else {
            return .none(waiting: lane.count)
        }
        return .heldBy(greatest)
    }

    private func hold(_ member: MemberID, counted: Bool) -> Int {
        guard let lane = lanes[member] else { return 0 }
        return counted ? lane.count : lane.byteCount
    }

    /// Takes a member's newest transactions away, up to half of them, until there is room for one of so many bytes, and for
    /// more of its kind.
    ///
    /// - Returns: What was lost, the newest first.
    mutating func shrink(_ member: MemberID, for size: Int) -> [Transaction] {
        guard let lane = lanes[member] else { return [] }
        let most = max(lane.count / 2, 1)
        let spareCount = max(maximumCount / Mempool.lossDivisor, 1)
        let spareByteCount = max(maximumByteCount / Mempool.lossDivisor, size)
        var lost: [Transaction] = []
        for place in lane.places.reversed() {
            if lost.count >= most { break }
            guard let entry = entry(place) else { continue }
            if entries.count + spareCount <= maximumCount, byteCount + spareByteCount <= maximumByteCount {
                break
            }
            lost.append(entry.transaction.value)
            remove(entry.transaction.value.id)
        }
        return lost
    }

    // MARK: - Coming and going

    /// Adds a transaction whose id is not held.
    mutating func insert(_ transaction: Verified<Transaction>, at now: UInt64) {
        let leaf = transaction.value.leaf
        guard entries[leaf] == nil, leaves[transaction.value.id] == nil else { return }
        let size = transaction.value.bytes.count
        entries[leaf] = Entry(transaction: transaction, admittedAt: now, number: nextNumber)
        leaves[transaction.value.id] = leaf
        order.append(Place(leaf: leaf, number: nextNumber), size)
        lanes[transaction.value.issuer, default: Lane()].append(Place(leaf: leaf, number: nextNumber), size)
        nextNumber += 1
        byteCount += size
        version += 1
    }

    /// Removes by id: whichever copy of the signature became final, the statement is settled.
    @discardableResult
    mutating func remove(_ id: TransactionID) -> Bool {
        guard let leaf = leaves.removeValue(forKey: id), let entry = entries.removeValue(forKey: leaf) else {
            return false
        }
        let (issuer, size) = (entry.transaction.value.issuer, entry.transaction.value.bytes.count)
        byteCount -= size
        version += 1
        order.remove(size, from: entries)
        lanes[issuer]?.remove(size, from: entries)
        if lanes[issuer]?.count == 0 { lanes[issuer] = nil }
        return true
    }

    // MARK: - Orders

    /// The admitted transactions, oldest first.
    var inOrder: some Sequence<Entry> {
        order.places.lazy.compactMap { entry($0) }
    }

    /// The one admitted first of those that wait.
    var oldest: Entry? { order.places.first.flatMap { entry($0) } }

    /// The admitted transactions in turns of their members, for blocks that can't hold all of them.
    ///
    /// - Complexity: O(m log m) for m members; each step is O(1) but for transactions of many times the quantum.
    var turns: Turns {
        let places = lanes.keys.sorted().compactMap { lanes[$0]?.places }
        return Turns(
            places.sorted { ($0.first?.number ?? 0) < ($1.first?.number ?? 0) },
            of: entries
        )
    }

    private func entry(_ place: Place) -> Entry? { place.entry(in: entries) }
}

extension Mempool {
    /// Where a transaction stands in an order.
    struct Place: Sendable {
        let leaf: LeafHash
        let number: UInt64

        fileprivate func entry(in entries: [LeafHash: Entry]) -> Entry? {
            entries[leaf].flatMap { $0.number == number ? $0 : nil }
        }
    }

    /// Transactions in order of their admission; those that left stay in the array until it is compacted, but never as the
    /// first.
    private struct Lane: Sendable {
        private var storage: [Place] = []
        private var start = 0
        private(set) var count = 0
        private(set) var byteCount = 0

        var places: ArraySlice<Place> { storage[start...] }

        mutating func append(_ place: Place, _ size: Int) {
            storage.append(place)
            count += 1
            byteCount += size
        }

        /// One of them, which had so many bytes, left the entries.
        ///
        /// - Complexity: O(1), amortised.
        mutating func remove(_ size: Int, from entries: [LeafHash: Entry]) {
            count -= 1
            byteCount -= size
            while start < storage.count, storage[start].entry(in: entries) == nil { start += 1 }
            guard storage.count > 64, storage.count > 2 * count else { return }
            storage = storage[start...].filter { $0.entry(in: entries) != nil }
            start = 0
        }
    }

    /// Deficit round robin (Shreedhar and Varghese, 1995) over the members: in each round a member earns the same number of
    /// bytes, and what it does not use counts in the next.
    ///
    /// Whoever's first transaction waits longest begins.
    struct Turns: Sequence, IteratorProtocol {
        /// Bytes that a member earns in a round: a transaction or two of the usual size.
        private static let quantum = 1_024

        private let entries: [LeafHash: Entry]
        private var lanes: [(rest: ArraySlice<Place>, credit: Int)]
        private var current = 0
        private var isNewTurn = true

        fileprivate init(_ lanes: [ArraySlice<Place>], of entries: [LeafHash: Entry]) {
            self.entries = entries
            self.lanes = lanes.map { ($0, 0) }
        }

        mutating func next() -> Entry? {
            while !lanes.isEmpty {
                if current >= lanes.count { current = 0 }
                if isNewTurn { lanes[current].credit += Turns.quantum }
                isNewTurn = false
                guard let place = lanes[current].rest.first else {
                    lanes.remove(at: current)
                    isNewTurn = true
                    continue
                }
                guard let entry = place.entry(in: entries) else {
                    lanes[current].rest.removeFirst()
                    continue
                }
                let size = entry.transaction.value.bytes.count
                guard size <= lanes[current].credit else {
                    current += 1
                    isNewTurn = true
                    continue
                }
                lanes[current].credit -= size
                lanes[current].rest.removeFirst()
                return entry
            }
            return nil
        }
    }
}
