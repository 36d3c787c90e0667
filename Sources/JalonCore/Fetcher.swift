import JalonModel

/// What is missing here and is asked of one peer after the other until it is held.
struct Fetcher: Sendable {
    /// A missing piece.
    enum Want: Hashable, Sendable {
        case block(BlockID)
        /// Transactions of the proposal of this block.
        case transactions(BlockID)
        case certificates(ClosedRange<View>)
    }

    struct Entry: Hashable, Sendable {
        let want: Want
        /// Asked first, then the connected ones in turn.
        let preferred: PeerID?
        /// Where the turn through the peers begins: another place for each piece, also for one asked for anew.
        let start: Int
        var attempts = 0
        var nextAt: UInt64
    }

    /// The most pieces asked for at once; more are found missing again when these have come.
    static let maximumCount = 512

    private(set) var entries: [Entry] = []
    private var nextStart = 0

    /// Asks for a piece, from now on; one that is asked for already stays as it is.
    mutating func add(_ want: Want, preferred: PeerID?, at now: UInt64) {
        guard entries.count < Fetcher.maximumCount, !entries.contains(where: { $0.want == want }) else {
            return
        }
        entries.append(Entry(want: want, preferred: preferred, start: nextStart, nextAt: now))
        nextStart = (nextStart + 1) % 1_000_000
    }

    mutating func remove(_ want: Want) {
        entries.removeAll { $0.want == want }
    }

    /// Drops what is held by now or can't matter any more.
    mutating func prune(keeping isWanted: (Want) -> Bool) {
        entries.removeAll { !isWanted($0.want) }
    }

    func contains(_ want: Want) -> Bool { entries.contains { $0.want == want } }

    var deadline: UInt64? { entries.lazy.map(\.nextAt).min() }

    /// What to ask of whom now.
    ///
    /// `peers` are the connected ones, in any fixed order; after `interval` milliseconds the next one is asked, where it
    /// `takesTurns`: only a simulated mutant does not.
    mutating func due(
        at now: UInt64,
        peers: [PeerID],
        interval: UInt64,
        takesTurns: Bool
    ) -> [(want: Want, peer: PeerID)] {
        var due: [(want: Want, peer: PeerID)] = []
        for index in entries.indices where entries[index].nextAt <= now {
            entries[index].nextAt = now + interval
            guard !peers.isEmpty else { continue }
            let attempt = entries[index].attempts
            if takesTurns { entries[index].attempts += 1 }
            if attempt == 0, let preferred = entries[index].preferred, peers.contains(preferred) {
                due.append((entries[index].want, preferred))
            } else {
                due.append((entries[index].want, peers[(attempt + entries[index].start) % peers.count]))
            }
        }
        return due
    }
}
