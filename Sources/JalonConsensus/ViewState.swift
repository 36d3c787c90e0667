import JalonCrypto
import JalonModel

/// What is known of one view.
///
/// Its fields lie behind one reference, and a proposal and certificates each behind one of their own: they are asked for after
/// every event, and are much to copy for one look.
struct ViewState: Sendable {
    private final class Kept<Value: Sendable>: Sendable {
        let verified: Verified<Value>

        init(_ verified: Verified<Value>) { self.verified = verified }
    }

    private struct Fields: Sendable {
        var proposal: Kept<Proposal>?
        var verdict = Verdict.unjudged
        /// First-seen votes, by kind and then by signer.
        var votes: [Verified<Vote>?]
        /// Whose votes of each kind are among them, a bit for each signer: asked far more often than the votes.
        var signers: (UInt64, UInt64, UInt64) = (0, 0, 0)
        var accused: [Bool]
        var notarization: Kept<Certificate>?
        var nullification: Kept<Certificate>?
        var finalization: Kept<Certificate>?
    }

    // An array of one: shared where it is copied, changed in place where it is not.
    private var fields: [Fields]

    /// The first verified proposal of the view's leader.
    var proposal: Verified<Proposal>? {
        get { fields[0].proposal?.verified }
        set { fields[0].proposal = newValue.map { Kept($0) } }
    }
    var hasProposal: Bool { fields[0].proposal != nil }
    /// The block that it proposes.
    var proposedBlock: BlockID? { fields[0].proposal?.verified.value.block }
    /// What became of that proposal here.
    var verdict: Verdict {
        get { fields[0].verdict }
        _modify { yield &fields[0].verdict }
    }
    /// Signers with evidence against them in this view: at most one pair a signer.
    var accused: [Bool] {
        get { fields[0].accused }
        _modify { yield &fields[0].accused }
    }
    var notarization: Verified<Certificate>? {
        get { fields[0].notarization?.verified }
        set { fields[0].notarization = newValue.map { Kept($0) } }
    }
    var nullification: Verified<Certificate>? {
        get { fields[0].nullification?.verified }
        set { fields[0].nullification = newValue.map { Kept($0) } }
    }
    var finalization: Verified<Certificate>? {
        get { fields[0].finalization?.verified }
        set { fields[0].finalization = newValue.map { Kept($0) } }
    }
    var isNotarized: Bool { fields[0].notarization != nil }
    var isNullified: Bool { fields[0].nullification != nil }
    var isFinalized: Bool { fields[0].finalization != nil }

    /// How far the judgement of a proposal has come.
    enum Verdict: Hashable, Sendable {
        case unjudged
        /// Older gap nullifications are missing and were asked for, up to this view.
        case waitingForCertificates(through: View)
        /// The justification holds; the block is being validated.
        case validating
        case valid
        case invalid
    }

    init(validatorCount: Int) {
        let none = [Verified<Vote>?](repeating: nil, count: VoteKind.allCases.count * validatorCount)
        fields = [Fields(votes: none, accused: [Bool](repeating: false, count: validatorCount))]
    }

    /// Whether any certificate resolved the view.
    var isResolved: Bool { isNotarized || isNullified || isFinalized }

    /// Whether nothing resolved the view and a validator voted in it.
    func hasOpenVote(of signer: ValidatorIndex) -> Bool {
        guard !isResolved else { return false }
        return VoteKind.allCases.contains { holds($0, of: signer) }
    }

    /// The block that is notarized.
    var notarizedBlock: BlockID? { fields[0].notarization?.verified.value.block }

    /// The block that a quorum voted for, by either kind of certificate.
    var certifiedBlock: BlockID? { (fields[0].finalization ?? fields[0].notarization)?.verified.value.block }

    /// The certificate that justifies a child of this view's block.
    var parentCertificate: Certificate? {
        (fields[0].finalization ?? fields[0].notarization)?.verified.value
    }

    // MARK: - Votes

    /// The first-seen vote of a kind of a signer.
    func vote(_ kind: VoteKind, of signer: ValidatorIndex) -> Verified<Vote>? {
        holds(kind, of: signer) ? fields[0].votes[place(kind, signer.value)] : nil
    }

    /// Whether a vote of a kind of this signer was seen.
    func holds(_ kind: VoteKind, of signer: ValidatorIndex) -> Bool {
        signers(kind) & (1 << UInt64(signer.value)) != 0
    }

    /// How many validators' votes of a kind were seen.
    func voteCount(_ kind: VoteKind) -> Int { signers(kind).nonzeroBitCount }

    /// The first-seen votes of a kind, by signer.
    func votes(_ kind: VoteKind) -> [Verified<Vote>] {
        let first = place(kind, 0)
        var votes: [Verified<Vote>] = []
        votes.reserveCapacity(voteCount(kind))
        for place in first..<first + fields[0].accused.count {
            if let vote = fields[0].votes[place] { votes.append(vote) }
        }
        return votes
    }

    /// Keeps the first vote that was seen of a kind and signer; a conflicting later one never replaces or removes it.
    mutating func keep(_ vote: Verified<Vote>) {
        let (kind, signer) = (vote.value.kind, vote.value.signer.value)
        fields[0].votes[place(kind, signer)] = vote
        setSigners(kind, signers(kind) | 1 << UInt64(signer))
    }

    /// Lets go of all votes but one validator's.
    mutating func forgetVotes(keeping own: ValidatorIndex?) {
        for kind in VoteKind.allCases {
            for signer in 0..<fields[0].accused.count where signer != own?.value {
                fields[0].votes[place(kind, signer)] = nil
            }
            setSigners(kind, signers(kind) & (own.map { 1 << UInt64($0.value) } ?? 0))
        }
    }

    private func place(_ kind: VoteKind, _ signer: Int) -> Int {
        let count = fields[0].accused.count
        return switch kind {
        case .notarize: signer
        case .nullify: count + signer
        case .finalize: 2 * count + signer
        }
    }

    private func signers(_ kind: VoteKind) -> UInt64 {
        switch kind {
        case .notarize: fields[0].signers.0
        case .nullify: fields[0].signers.1
        case .finalize: fields[0].signers.2
        }
    }

    private mutating func setSigners(_ kind: VoteKind, _ signers: UInt64) {
        switch kind {
        case .notarize: fields[0].signers.0 = signers
        case .nullify: fields[0].signers.1 = signers
        case .finalize: fields[0].signers.2 = signers
        }
    }

    /// Every certificate held, in the order of the kinds.
    var certificates: [Certificate] {
        [notarization, nullification, finalization].compactMap { $0?.value }
    }

    /// Every first-seen vote held.
    var votes: [Vote] {
        fields[0].votes.compactMap { $0?.value }
    }

    /// The vote of `signer` of a kind that contradicts `vote`, if one was seen.
    func contradiction(to vote: Vote) -> Vote? {
        for kind in VoteKind.allCases {
            guard let seen = self.vote(kind, of: vote.signer)?.value else { continue }
            if Equivocation(seen, vote) != nil { return seen }
        }
        return nil
    }
}
