import JalonCore
import JalonModel

/// Votes and transactions whose signatures were checked, once for all nodes of one world: the answer depends on them and
/// their keys alone.
struct CheckedMemory {
    private static let capacity = 100_000

    private struct KnownVote {
        let vote: Verified<Vote>
        let validators: ValidatorSet
    }

    /// By a fingerprint of the signature; the votes themselves are compared.
    private var votes: [UInt64: KnownVote] = [:]
    private var transactions: [LeafHash: Verified<Transaction>] = [:]

    /// Checks what a core asks to be checked.
    mutating func run(_ verification: JalonCore.Verification, by verifier: RememberingVerifier)
        -> VerificationOutcome
    {
        switch verification.subject {
        case .vote(let vote, let context): run(verification, vote, context, by: verifier)
        case .transactions(let asked, _), .block(_, let asked):
            run(verification, asked.map(\.transaction.leaf), by: verifier)
        case .certificate, .proposal, .evidence, .finalization, .standing, .readiness:
            verification.run(by: verifier)
        }
    }

    private mutating func run(
        _ verification: JalonCore.Verification,
        _ vote: Vote,
        _ context: VotingContext,
        by verifier: RememberingVerifier
    ) -> VerificationOutcome {
        let fingerprint = EventHash.fingerprint(of: vote.signature)
        if let known = votes[fingerprint], known.validators.hash == context.validators.hash,
            let outcome = verification.outcome(knowing: known.vote)
        {
            return outcome
        }
        let outcome = verification.run(by: verifier)
        if case .vote(let checked) = outcome.result {
            if votes.count >= CheckedMemory.capacity { votes.removeAll(keepingCapacity: true) }
            votes[fingerprint] = KnownVote(vote: checked, validators: context.validators)
        }
        return outcome
    }

    private mutating func run(
        _ verification: JalonCore.Verification,
        _ leaves: [LeafHash],
        by verifier: RememberingVerifier
    ) -> VerificationOutcome {
        let known = leaves.compactMap { transactions[$0] }
        if let outcome = verification.outcome(knowing: known) { return outcome }
        let outcome = verification.run(by: verifier)
        if case .transactions(let checked) = outcome.result {
            if transactions.count >= CheckedMemory.capacity { transactions.removeAll(keepingCapacity: true) }
            for case let transaction? in checked { transactions[transaction.value.leaf] = transaction }
        }
        return outcome
    }
}
