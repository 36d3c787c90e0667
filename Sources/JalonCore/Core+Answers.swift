import JalonConsensus
import JalonModel

/// Peers that asked for transactions which are themselves on their way here: a proposal that is passed on may be ahead of
/// what it names.
struct Askers: Sendable {
    /// The most questions that are remembered; who is not answered asks another peer.
    static let maximumCount = 4_096

    private var peers: [LeafHash: [PeerID]] = [:]
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    mutating func add(_ peer: PeerID, for leaf: LeafHash) {
        guard count < Askers.maximumCount, peers[leaf]?.contains(peer) != true else { return }
        peers[leaf, default: []].append(peer)
        count += 1
    }

    /// Who asked for a transaction, in the order of their questions; they are not remembered any more.
    mutating func take(_ leaf: LeafHash) -> [PeerID] {
        let taken = peers.removeValue(forKey: leaf) ?? []
        count -= taken.count
        return taken
    }

    mutating func removeAll() { self = Askers() }
}

extension Core {
    /// Sends those of the transactions asked for that are held, and remembers who wants those that are on their way.
    mutating func answer(_ leaves: [LeafHash], to peer: PeerID) {
        let found = bytes(of: leaves)
        send(leaves.compactMap { found[$0] }, to: peer)
        guard found.count < leaves.count, configuration.guards[.askersKept] else { return }
        // Those that a proposal which is being put together here waits for, or that are being checked.
        let beingVerified = tree.leavesBeingVerified
        for leaf in leaves where found[leaf] == nil {
            let isOnItsWay =
                inFlight.contains(leaf) || beingVerified.contains(leaf)
                || assemblies.values.contains { $0.missing[leaf] != nil }
            if isOnItsWay { askers.add(peer, for: leaf) }
        }
    }

    /// Sends transactions, whose signatures were checked, to whoever asked for them before.
    ///
    /// Unchecked ones are not sent: an invalid signature would be held against this node.
    mutating func answerAskers(_ transactions: [Verified<Transaction>]) {
        guard !askers.isEmpty else { return }
        var answers: [(peer: PeerID, transactions: [[UInt8]])] = []
        for transaction in transactions {
            for peer in askers.take(transaction.value.leaf) {
                let bytes = transaction.value.bytes
                if let index = answers.firstIndex(where: { $0.peer == peer }) {
                    answers[index].transactions.append(bytes)
                } else {
                    answers.append((peer, [bytes]))
                }
            }
        }
        for answer in answers where peers.contains(answer.peer) { send(answer.transactions, to: answer.peer) }
    }

    private mutating func send(_ transactions: [[UInt8]], to peer: PeerID) {
        for message in PeerMessage.batches(of: transactions) { turn.send(message, to: [peer]) }
    }

    /// The full bytes of those transactions that wait, stand in a held block or became final lately.
    ///
    /// - Complexity: One pass over those blocks, however many are asked for.
    private func bytes(of leaves: [LeafHash]) -> [LeafHash: [UInt8]] {
        var found: [LeafHash: [UInt8]] = [:]
        var missing: Set<LeafHash> = []
        for leaf in leaves {
            if let entry = mempool[leaf] {
                found[leaf] = entry.transaction.value.bytes
            } else {
                missing.insert(leaf)
            }
        }
        guard !missing.isEmpty else { return found }
        func look(at transaction: Transaction) {
            if missing.remove(transaction.leaf) != nil { found[transaction.leaf] = transaction.bytes }
        }
        for id in tree.heldInOrder {
            for transaction in tree.executed(id)?.transactions ?? [] { look(at: transaction.value) }
        }
        if !missing.isEmpty { recentTransactions.forEach(look) }
        return found
    }
}
