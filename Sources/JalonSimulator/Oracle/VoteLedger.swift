import JalonCrypto
import JalonModel

/// Every vote that an honest node let out, and what follows from all of them together with anything that Byzantine
/// validators may sign: rules S1, S2 and S4.
///
/// A vote counts from the moment at which its node does anything after it is durable: from then on somebody may know it,
/// and it counts across a lost disk. A Byzantine validator counts as having cast every vote there is. The ledger counts
/// for itself and asks nothing of the code under test.
struct VoteLedger {
    private struct Place: Hashable {
        let epoch: Epoch
        let view: View
    }

    /// What one validator voted in one view.
    private struct OwnVotes {
        var notarized: BlockID?
        var finalized: (block: BlockID, logRoot: Digest)?
        var nullified = false
    }

    /// What all validators voted in one view: a bit for each signer.
    private struct Tally {
        var notarizes: [(block: BlockID, signers: UInt64)] = []
        var finalizes: [(block: BlockID, signers: UInt64)] = []
        var nullifies: UInt64 = 0
    }

    /// By epoch: a bit for each validator, and how many of them are a quorum.
    private var sets: [(members: UInt64, quorum: Int)]
    /// A bit for each Byzantine validator.
    private(set) var byzantine: UInt64
    /// Whether more validators are Byzantine than a network withstands: then only rule S4 is left.
    private let isOverrun: Bool
    private var own: [[Place: OwnVotes]]
    private var tallies: [Place: Tally] = [:]

    /// `validators` are the nodes that vote in the first epoch.
    init(nodeCount: Int, validators: [Int], byzantine: UInt64 = 0, isOverrun: Bool = false) {
        sets = []
        self.byzantine = byzantine
        self.isOverrun = isOverrun
        own = Array(repeating: [:], count: nodeCount)
        begin(validators)
    }

    /// Another epoch begins, in which these nodes vote.
    mutating func begin(_ validators: [Int]) {
        // n − f with f = ⌊(n − 1)/3⌋, worked out here anew.
        let quorum = validators.count - (validators.count - 1) / 3
        sets.append((validators.reduce(0) { $0 | 1 << UInt64($1) }, quorum))
    }

    /// Whether a validator is Byzantine.
    func isByzantine(_ validator: Int) -> Bool { byzantine & (1 << UInt64(validator)) != 0 }

    /// From now on a validator counts as Byzantine.
    mutating func markByzantine(_ validator: Int) { byzantine |= 1 << UInt64(validator) }

    /// Takes a vote that an honest validator let out.
    ///
    /// - Returns: The block that this very vote made finalizable, or made so again.
    mutating func add(_ ballot: Ballot, epoch: Epoch, of validator: Int) throws(Finding) -> BlockID? {
        let place = Place(epoch: epoch, view: ballot.view)
        try check(ballot, at: place, of: validator)
        var tally = tallies[place] ?? Tally()
        note(ballot, at: place, of: validator)
        let bit = UInt64(1) << UInt64(validator)
        switch ballot {
        case .notarize(_, let block):
            VoteLedger.add(bit, for: block, to: &tally.notarizes)
        case .nullify:
            tally.nullifies |= bit
        case .finalize(_, let block, _):
            VoteLedger.add(bit, for: block, to: &tally.finalizes)
        }
        tallies[place] = tally
        return isOverrun ? nil : try judge(tally, at: place)
    }

    private mutating func note(_ ballot: Ballot, at place: Place, of validator: Int) {
        switch ballot {
        case .notarize(_, let block): own[validator][place, default: OwnVotes()].notarized = block
        case .nullify: own[validator][place, default: OwnVotes()].nullified = true
        case .finalize(_, let block, let logRoot):
            own[validator][place, default: OwnVotes()].finalized = (block, logRoot)
        }
    }

    /// Whether the validator let this vote out.
    func holds(_ ballot: Ballot, epoch: Epoch, of validator: Int) -> Bool {
        guard own.indices.contains(validator),
            let votes = own[validator][Place(epoch: epoch, view: ballot.view)]
        else { return false }
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

    /// The blocks that are finalizable, by view: more of them once a validator counts as Byzantine.
    func finalizable() throws(Finding) -> [BlockID] {
        let places = tallies.keys.sorted { ($0.epoch, $0.view) < ($1.epoch, $1.view) }
        var blocks: [BlockID] = []
        for place in places {
            if let tally = tallies[place], let block = try judge(tally, at: place) { blocks.append(block) }
        }
        return blocks
    }

    /// Rule S4.
    private func check(_ ballot: Ballot, at place: Place, of validator: Int) throws(Finding) {
        guard let votes = own[validator][place] else { return }
        let who = "node \(validator), view \(place.view)"
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
        case .finalize(_, let block, let logRoot):
            if let earlier = votes.finalized, earlier != (block, logRoot) {
                throw Finding("S4", "\(who): finalizes \(block.short) after \(earlier.block.short)")
            }
            if votes.nullified {
                throw Finding("S4", "\(who): finalizes \(block.short) after it nullified")
            }
        }
    }

    /// Whether a quorum can have notarized a block in a view, together with votes that are not out yet.
    func isNotarizable(_ block: BlockID, in view: View, epoch: Epoch, with others: UInt64) -> Bool {
        let votes = tallies[Place(epoch: epoch, view: view)]?.notarizes.first { $0.block == block }
        return isQuorum((votes?.signers ?? 0) | others, in: epoch)
    }

    /// Whether a quorum can have nullified a view, together with votes that are not out yet.
    func isNullifiable(_ view: View, epoch: Epoch, with others: UInt64) -> Bool {
        isQuorum((tallies[Place(epoch: epoch, view: view)]?.nullifies ?? 0) | others, in: epoch)
    }

    private func isQuorum(_ signers: UInt64, in epoch: Epoch) -> Bool {
        guard epoch.value < UInt64(sets.count) else { return false }
        let set = sets[Int(epoch.value)]
        return ((signers | byzantine) & set.members).nonzeroBitCount >= set.quorum
    }

    /// Rules S1 and S2.
    private func judge(_ tally: Tally, at place: Place) throws(Finding) -> BlockID? {
        let notarizable = tally.notarizes.filter { isQuorum($0.signers, in: place.epoch) }
        guard notarizable.count <= 1 else {
            throw Finding("S1", "view \(place.view): \(notarizable.map(\.block.short)) are both notarizable")
        }
        let finalizable = tally.finalizes.filter { isQuorum($0.signers, in: place.epoch) }
        guard let first = finalizable.first else { return nil }
        guard finalizable.count == 1 else {
            throw Finding("S2", "view \(place.view): \(finalizable.map(\.block.short)) are both finalizable")
        }
        guard !isQuorum(tally.nullifies, in: place.epoch) else {
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
