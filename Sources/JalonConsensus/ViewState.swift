import JalonCrypto
import JalonModel

/// What is known of one view.
struct ViewState: Sendable {
    /// The first verified proposal of the view's leader.
    var proposal: Verified<Proposal>?
    /// What became of that proposal here.
    var verdict = Verdict.unjudged
    /// First-seen votes by signer; a conflicting later one never replaces or removes the first.
    var notarizes: [Verified<Vote>?]
    var nullifies: [Verified<Vote>?]
    var finalizes: [Verified<Vote>?]
    /// Signers with evidence against them in this view: at most one pair a signer.
    var accused: [Bool]
    var notarization: Verified<Certificate>?
    var nullification: Verified<Certificate>?
    var finalization: Verified<Certificate>?

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
        (notarizes, nullifies, finalizes) = (none, none, none)
        accused = [Bool](repeating: false, count: validatorCount)
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
        set {
            switch kind {
            case .notarize: notarizes = newValue
            case .nullify: nullifies = newValue
            case .finalize: finalizes = newValue
            }
        }
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
