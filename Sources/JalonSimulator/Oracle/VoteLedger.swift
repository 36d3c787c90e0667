import JalonCrypto
import JalonModel

/// Every vote that a node ever made durable, and what follows from all of them together: rules S1, S2 and S4.
///
/// Votes are counted from the moment at which they are durable, since from then on they may be sent, also after a
/// restart. It counts for itself and asks nothing of the code under test.
struct VoteLedger {
    private struct Place: Hashable {
        let epoch: Epoch
        let view: View
    }

    /// What one node voted in one view.
    private struct OwnVotes {
        var notarized: BlockID?
        var finalized: (block: BlockID, logRoot: Digest)?
        var nullified = false
    }

    /// What all nodes voted in one view: a bit for each signer.
    private struct Tally {
        var notarizes: [(block: BlockID, signers: UInt64)] = []
        var finalizes: [(block: BlockID, signers: UInt64)] = []
        var nullifies: UInt64 = 0
    }

    /// n − f with f = ⌊(n − 1)/3⌋, worked out here anew.
    let quorum: Int
    private var own: [[Place: OwnVotes]]
    private var tallies: [Place: Tally] = [:]
    /// The last view in which each node voted.
    private(set) var lastVoted: [View]

    init(validatorCount: Int) {
        quorum = validatorCount - (validatorCount - 1) / 3
        own = Array(repeating: [:], count: validatorCount)
        lastVoted = Array(repeating: View(0), count: validatorCount)
    }

    /// Takes a vote that became durable.
    ///
    /// - Returns: The block that this very vote made finalizable.
    mutating func add(_ ballot: Ballot, epoch: Epoch, of node: Int) throws(Finding) -> BlockID? {
        let place = Place(epoch: epoch, view: ballot.view)
        try check(ballot, at: place, of: node)
        lastVoted[node] = max(lastVoted[node], ballot.view)
        var votes = own[node][place] ?? OwnVotes()
        var tally = tallies[place] ?? Tally()
        let bit = UInt64(1) << UInt64(node)
        switch ballot {
        case .notarize(_, let block):
            votes.notarized = block
            VoteLedger.add(bit, for: block, to: &tally.notarizes)
        case .nullify:
            votes.nullified = true
            tally.nullifies |= bit
        case .finalize(_, let block, let logRoot):
            votes.finalized = (block, logRoot)
            VoteLedger.add(bit, for: block, to: &tally.finalizes)
        }
        own[node][place] = votes
        tallies[place] = tally
        return try judge(tally, at: place)
    }

    /// A node's disk is lost: it may start in an earlier view than it voted in.
    mutating func forget(_ node: Int) { lastVoted[node] = View(0) }

    /// Whether the node made this vote durable.
    func holds(_ ballot: Ballot, epoch: Epoch, of node: Int) -> Bool {
        guard own.indices.contains(node), let votes = own[node][Place(epoch: epoch, view: ballot.view)] else {
            return false
        }
        switch ballot {
        case .notarize(_, let block): return votes.notarized == block
        case .nullify: return votes.nullified
        case .finalize(_, let block, let logRoot):
            return votes.finalized.map { $0.block == block && $0.logRoot == logRoot } ?? false
        }
    }

    private static func add(
        _ bit: UInt64,
        for block: BlockID,
        to votes: inout [(block: BlockID, signers: UInt64)]
    ) {
        if let index = votes.firstIndex(where: { $0.block == block }) {
            votes[index].signers |= bit
        } else {
            votes.append((block, bit))
        }
    }

    /// Rule S4.
    private func check(_ ballot: Ballot, at place: Place, of node: Int) throws(Finding) {
        guard let votes = own[node][place] else { return }
        let who = "node \(node), view \(place.view)"
        switch ballot {
        case .notarize(_, let block):
            if let earlier = votes.notarized, earlier != block {
                throw Finding("S4", "\(who): notarizes \(block.short) after \(earlier.short)")
            }
            if votes.nullified, votes.notarized == nil {
                throw Finding("S4", "\(who): notarizes \(block.short) after it nullified")
            }
        case .nullify:
            if let finalized = votes.finalized {
                throw Finding("S4", "\(who): nullifies after it finalized \(finalized.block.short)")
            }
        case .finalize(_, let block, _):
            if let earlier = votes.finalized, earlier.block != block {
                throw Finding("S4", "\(who): finalizes \(block.short) after \(earlier.block.short)")
            }
            if votes.nullified {
                throw Finding("S4", "\(who): finalizes \(block.short) after it nullified")
            }
        }
    }

    /// Rules S1 and S2.
    private func judge(_ tally: Tally, at place: Place) throws(Finding) -> BlockID? {
        let notarizable = tally.notarizes.filter { $0.signers.nonzeroBitCount >= quorum }
        guard notarizable.count <= 1 else {
            throw Finding("S1", "view \(place.view): \(notarizable.map(\.block.short)) are both notarizable")
        }
        let finalizable = tally.finalizes.filter { $0.signers.nonzeroBitCount >= quorum }
        guard let first = finalizable.first else { return nil }
        guard finalizable.count == 1 else {
            throw Finding("S2", "view \(place.view): \(finalizable.map(\.block.short)) are both finalizable")
        }
        guard tally.nullifies.nonzeroBitCount < quorum else {
            throw Finding(
                "S2",
                "view \(place.view): \(first.block.short) is finalizable and the view nullifiable"
            )
        }
        guard notarizable.first?.block == first.block else {
            throw Finding("S2", "view \(place.view): \(first.block.short) is finalizable and not notarizable")
        }
        return first.block
    }
}

extension TypedDigest {
    /// The first eight hexadecimal digits: enough to tell ids of one run apart.
    var short: String { String(hex.prefix(8)) }
}
