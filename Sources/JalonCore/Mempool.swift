import JalonModel

/// Transactions that were admitted and are not final, in the order of their admission, bounded in count and bytes.
struct Mempool: Sendable {
    struct Entry: Sendable {
        let transaction: Verified<Transaction>
        /// When it was admitted, monotonic milliseconds.
        let admittedAt: UInt64
        /// Its place in the order of admission: one that left and came again stands at the end, and there once.
        fileprivate let number: UInt64
    }

    private let maximumCount: Int
    private let maximumByteCount: Int
    private var entries: [LeafHash: Entry] = [:]
    private var leaves: [TransactionID: LeafHash] = [:]
    // In order of admission; entries that left stay here until the array is compacted.
    private var order: [(leaf: LeafHash, number: UInt64)] = []
    private var nextNumber: UInt64 = 0
    private(set) var byteCount = 0
    /// Counts changes, so that what was derived from the content can tell whether it is still true.
    private(set) var version: UInt64 = 0

    init(maximumCount: Int, maximumByteCount: Int) {
        self.maximumCount = maximumCount
        self.maximumByteCount = maximumByteCount
    }

    var count: Int { entries.count }
    var isEmpty: Bool { entries.isEmpty }

    subscript(leaf: LeafHash) -> Entry? { entries[leaf] }

    func contains(_ id: TransactionID) -> Bool { leaves[id] != nil }

    /// Whether a transaction of so many bytes finds room.
    func hasRoom(for byteCount: Int) -> Bool {
        entries.count < maximumCount && self.byteCount + byteCount <= maximumByteCount
    }

    /// Adds a transaction whose id is not held.
    mutating func insert(_ transaction: Verified<Transaction>, at now: UInt64) {
        let leaf = transaction.value.leaf
        guard entries[leaf] == nil, leaves[transaction.value.id] == nil else { return }
        entries[leaf] = Entry(transaction: transaction, admittedAt: now, number: nextNumber)
        leaves[transaction.value.id] = leaf
        order.append((leaf, nextNumber))
        nextNumber += 1
        byteCount += transaction.value.bytes.count
        version += 1
    }

    /// Removes by id: whichever copy of the signature became final, the statement is settled.
    @discardableResult
    mutating func remove(_ id: TransactionID) -> Bool {
        guard let leaf = leaves.removeValue(forKey: id), let entry = entries.removeValue(forKey: leaf) else {
            return false
        }
        byteCount -= entry.transaction.value.bytes.count
        version += 1
        if order.count > 64, order.count > 2 * entries.count {
            order = order.filter { self.entry($0) != nil }
        }
        return true
    }

    /// The admitted transactions, oldest first.
    var inOrder: some Sequence<Entry> {
        order.lazy.compactMap { entry($0) }
    }

    /// The one admitted first of those that wait.
    var oldest: Entry? { inOrder.first { _ in true } }

    private func entry(_ place: (leaf: LeafHash, number: UInt64)) -> Entry? {
        entries[place.leaf].flatMap { $0.number == place.number ? $0 : nil }
    }
}
