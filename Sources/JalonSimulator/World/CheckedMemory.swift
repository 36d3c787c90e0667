import JalonCore
import JalonModel

/// Votes whose signatures were checked, once for all nodes of one world: the answer depends on the vote and the validators
/// alone.
struct VoteMemory {
    private static let capacity = 100_000

    private struct Known {
        let vote: Verified<Vote>
        let validators: ValidatorSet
    }

    /// By a fingerprint of the signature; the votes themselves are compared.
    private var known: [UInt64: Known] = [:]

    /// Checks what a core asks to be checked.
    mutating func run(_ verification: JalonCore.Verification, by verifier: NodeVerifier)
        -> VerificationOutcome
    {
        guard case .vote(let vote, let context) = verification.subject else {
            return verification.run(by: verifier)
        }
        let fingerprint = EventHash.fingerprint(of: vote.signature)
        if let known = known[fingerprint], known.validators.hash == context.validators.hash,
            let outcome = verification.outcome(knowing: known.vote)
        {
            return outcome
        }
        let outcome = verification.run(by: verifier)
        if case .vote(let checked) = outcome.result {
            if known.count >= VoteMemory.capacity { known.removeAll(keepingCapacity: true) }
            known[fingerprint] = Known(vote: checked, validators: context.validators)
        }
        return outcome
    }
}
