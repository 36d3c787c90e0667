import JalonCrypto
import JalonModel

/// What is known of one view.
///
/// Its fields lie behind one reference: they are asked for after every event, and a proposal and three certificates are
/// much to copy for one look.
struct ViewState: Sendable {
    private struct Fields: Sendable {
        var proposal: Verified<Proposal>?
        var verdict = Verdict.unjudged
        var notarizes: [Verified<Vote>?]
        var nullifies: [Verified<Vote>?]
        var finalizes: [Verified<Vote>?]
        var accused: [Bool]
        var notarization: Verified<Certificate>?
        var nullification: Verified<Certificate>?
        var finalization: Verified<Certificate>?
    }

    // An array of one: shared where it is copied, changed in place where it is not.
    private var fields: [Fields]

    /// The first verified proposal of the view's leader.
    var proposal: Verified<Proposal>? {
        get { fields[0].proposal }
        _modify { yield &fields[0].proposal }
    }
    /// What became of that proposal here.
    var verdict: Verdict {
        get { fields[0].verdict }
        _modify { yield &fields[0].verdict }
    }
    /// First-seen votes by signer; a conflicting later one never replaces or removes the first.
    var notarizes: [Verified<Vote>?] {
        get { fields[0].notarizes }
        _modify { yield &fields[0].notarizes }
    }
    var nullifies: [Verified<Vote>?] {
        get { fields[0].nullifies }
        _modify { yield &fields[0].nullifies }
    }
    var finalizes: [Verified<Vote>?] {
        get { fields[0].finalizes }
        _modify { yield &fields[0].finalizes }
    }
    /// Signers with evidence against them in this view: at most one pair a signer.
    var accused: [Bool] {
        get { fields[0].accused }
        _modify { yield &fields[0].accused }
    }
    var notarization: Verified<Certificate>? {
        get { fields[0].notarization }
        _modify { yield &fields[0].notarization }
    }
    var nullification: Verified<Certificate>? {
        get { fields[0].nullification }
        _modify { yield &fields[0].nullification }
    }
    var finalization: Verified<Certificate>? {
        get { fields[0].finalization }
        _modify { yield &fields[0].finalization }
    }

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
        let none = [Verified<Vote>?](repeating: nil, count: validatorCount)
        let accused = [Bool](repeating: false, count: validatorCount)
        fields = [Fields(notarizes: none, nullifies: none, finalizes: none, accused: accused)]
    }

    /// Whether any certificate resolved the view.
    var isResolved: Bool { notarization != nil || nullification != nil || finalization != nil }

    /// Whether nothing resolved the view and a validator voted in it.
    func hasOpenVote(of signer: ValidatorIndex) -> Bool {
        guard !isResolved else { return false }
        return notarizes[signer.value] != nil || nullifies[signer.value] != nil
            || finalizes[signer.value] != nil
    }

    /// The block that a quorum voted for, by either kind of certificate.
    var certifiedBlock: BlockID? { (finalization ?? notarization)?.value.block }

    /// The certificate that justifies a child of this view's block.
    var parentCertificate: Certificate? { (finalization ?? notarization)?.value }

    subscript(kind: VoteKind) -> [Verified<Vote>?] {
        get {
            switch kind {
            case .notarize: notarizes
            case .nullify: nullifies
            case .finalize: finalizes
            }
        }
        _modify {
            switch kind {
            case .notarize: yield &fields[0].notarizes
            case .nullify: yield &fields[0].nullifies
            case .finalize: yield &fields[0].finalizes
            }
        }
    }

    /// How many validators' votes of a kind were seen.
    func voteCount(_ kind: VoteKind) -> Int {
        let votes = self[kind]
        var count = 0
        for index in votes.indices where votes[index] != nil { count += 1 }
        return count
    }

    /// Every certificate held, in the order of the kinds.
    var certificates: [Certificate] {
        [notarization, nullification, finalization].compactMap { $0?.value }
    }

    /// Every first-seen vote held.
    var votes: [Vote] {
        (notarizes + nullifies + finalizes).compactMap { $0?.value }
    }

    /// The vote of `signer` of a kind that contradicts `vote`, if one was seen.
    func contradiction(to vote: Vote) -> Vote? {
        for kind in VoteKind.allCases {
            guard let seen = self[kind][vote.signer.value]?.value else { continue }
            if Equivocation(seen, vote) != nil { return seen }
        }
        return nil
    }
}
