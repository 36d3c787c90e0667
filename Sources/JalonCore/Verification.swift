package import JalonCrypto
package import JalonModel

/// Signatures to check, with everything that the check needs.
package struct Verification: Sendable {
    /// Who sent it; `nil` for a client of this node.
    package let source: PeerID?
    package let subject: Subject

    // Indirect, as the results are: made once, handed on often.
    package indirect enum Subject: Sendable {
        case vote(Vote, VotingContext)
        case certificate(Certificate, VotingContext)
        /// A proposal, its leader, and the certificates of its justification that are not held yet.
        case proposal(Proposal, leader: ValidatorIndex, justification: [Certificate], VotingContext)
        /// Transactions, each with the key that its `kid` names; `isOwn` where a client of this node handed them in.
        case transactions([(transaction: Transaction, key: PublicKey)], isOwn: Bool)
        /// Transactions of a held block that were not checked yet.
        case block(BlockID, [(transaction: Transaction, key: PublicKey)])
        case evidence(Equivocation, VotingContext)
        /// A run of final blocks that ends with this finalization.
        case finalization(Certificate, VotingContext)
        /// Where a validator says it stands.
        case standing(Standing, VotingContext)
        /// That a validator of a set that may come is ready.
        case readiness(ReadinessNotice, ValidatorSet, ChainID)
    }

    package init(source: PeerID?, subject: Subject) {
        self.source = source
        self.subject = subject
    }

    /// Checks the signatures.
    ///
    /// Pure; call it from any thread.
    package func run(by verifier: some SignatureVerifying) -> VerificationOutcome {
        VerificationOutcome(verification: self, result: result(by: verifier))
    }

    /// The outcome for a vote that was checked before under the same validators: the one that ``run(by:)`` would give again.
    ///
    /// - Returns: `nil` where another vote, or something else, is asked about.
    package func outcome(knowing known: Verified<Vote>) -> VerificationOutcome? {
        guard case .vote(let vote, _) = subject, vote == known.value else { return nil }
        return VerificationOutcome(verification: self, result: .vote(known))
    }

    /// The outcome for transactions that were checked before: the one that ``run(by:)`` would give again.
    ///
    /// - Returns: `nil` where others, or something else, is asked about, or a key that is not the transaction's.
    package func outcome(knowing known: [Verified<Transaction>]) -> VerificationOutcome? {
        switch subject {
        case .transactions(let asked, _), .block(_, let asked):
            // A key's id is the hash of the key: another one would have another id.
            let isSame =
                asked.count == known.count
                && zip(asked, known).allSatisfy { asked, known in
                    asked.transaction == known.value && asked.key.id == known.value.keyID
                }
            return isSame ? VerificationOutcome(verification: self, result: .transactions(known)) : nil
        case .vote, .certificate, .proposal, .evidence, .finalization, .standing, .readiness: return nil
        }
    }

    private func result(by verifier: some SignatureVerifying) -> VerificationOutcome.Result {
        switch subject {
        case .vote(let vote, let context):
            vote.verified(in: context, by: verifier).map { .vote($0) } ?? .invalid
        case .certificate(let certificate, let context):
            certificate.verified(in: context, by: verifier).map { .certificate($0) } ?? .invalid
        case .proposal(let proposal, let leader, let certificates, let context):
            proposalResult(proposal, leader, certificates, context, verifier)
        case .transactions(let transactions, _), .block(_, let transactions):
            .transactions(transactions.map { $0.transaction.verified(key: $0.key, by: verifier) })
        case .evidence(let evidence, let context):
            evidence.verified(in: context, by: verifier).map { .evidence($0) } ?? .invalid
        case .finalization(let certificate, let context):
            certificate.verified(in: context, by: verifier).map { .finalization($0) } ?? .invalid
        case .standing(let standing, let context): standingResult(standing, context, verifier)
        case .readiness(let notice, let set, let chain):
            notice.verified(in: set, chain: chain, by: verifier).map { .readiness($0) } ?? .invalid
        }
    }

    private func standingResult(
        _ standing: Standing,
        _ context: VotingContext,
        _ verifier: some SignatureVerifying
    ) -> VerificationOutcome.Result {
        // An answer with a part that does not verify is a lie, and says nothing at all.
        guard standing.isSigned(in: context, by: verifier) else { return .invalid }
        let content = standing.content
        let entry = content.entry?.verified(in: context, by: verifier)
        let proof = content.rejoinProof?.verified(in: context, by: verifier)
        guard (entry != nil) == (content.entry != nil), (proof != nil) == (content.rejoinProof != nil)
        else { return .invalid }
        let votes = content.votes.compactMap { $0.verified(in: context, by: verifier) }
        guard votes.count == content.votes.count else { return .invalid }
        return .standing(
            VerifiedStanding(
                nonce: content.nonce,
                signer: standing.signer,
                entry: entry,
                rejoinProof: proof,
                isRejoining: content.isRejoining,
                votes: votes
            )
        )
    }

    private func proposalResult(
        _ proposal: Proposal,
        _ leader: ValidatorIndex,
        _ certificates: [Certificate],
        _ context: VotingContext,
        _ verifier: some SignatureVerifying
    ) -> VerificationOutcome.Result {
        guard let verified = proposal.verified(leader: leader, in: context, by: verifier) else {
            return .invalid
        }
        // The certificates count each for itself: a proposal with a bad one is a proposal without it.
        let valid = certificates.compactMap { $0.verified(in: context, by: verifier) }
        return .proposal(verified, justification: valid)
    }
}

/// What came of a ``Verification``; only ``Verification/run(by:)`` makes one.
package struct VerificationOutcome: Sendable {
    package let verification: Verification
    package let result: Result

    package indirect enum Result: Sendable {
        case vote(Verified<Vote>)
        case certificate(Verified<Certificate>)
        case proposal(Verified<Proposal>, justification: [Verified<Certificate>])
        /// One entry for each transaction asked for; `nil` where the signature is not valid.
        case transactions([Verified<Transaction>?])
        case evidence(Verified<Equivocation>)
        case finalization(Verified<Certificate>)
        case standing(VerifiedStanding)
        case readiness(Verified<ReadinessNotice>)
        case invalid
    }

    fileprivate init(verification: Verification, result: Result) {
        self.verification = verification
        self.result = result
    }
}
