package import JalonCrypto
package import JalonModel

extension Proof {
    /// Checks the file with the genesis alone.
    ///
    /// - Parameters:
    ///   - genesis: What the reader believes; its hash is the chain's id.
    ///   - document: SHA-256 of a document that the transaction should name, where one is to be compared.
    ///   - verifier: Checks the signatures.
    /// - Returns: Every step with its verdict; what rests on a step that fails is not checked.
    package func verify(
        genesis: Genesis,
        document: Digest? = nil,
        by verifier: some SignatureVerifying = KeySignatureVerifier()
    ) -> ProofReport {
        let ground = Result<Ground, ProofError> { () throws(ProofError) in try Ground(self, genesis, verifier)
        }
        let isFounded = (try? ground.get()) != nil
        // A claim that does not hold is one step's failure, never the ground of another.
        let proven = isFounded ? states.filter { (try? $0.verify(root: seal.header.stateRoot)) != nil } : []
        var report = ProofReport()
        if let document {
            report.add(.document, isFounded: true) { () throws(ProofError) in
                guard let statement else { throw .noStatement }
                return (.holds, try statement.text(of: document))
            }
        }
        if let statement {
            report.add(.signature, isFounded: isFounded || genesis.key(of: statement.transaction) != nil) {
                () throws(ProofError) in
                (.holds, try statement.verifySignature(genesis: genesis, states: proven, by: verifier))
            }
            report.add(.inclusion, isFounded: isFounded) { () throws(ProofError) in
                (.holds, try statement.verifyInclusion(in: seal.header))
            }
        }
        report.add(.seal, isFounded: true) { () throws(ProofError) in
            let ground = try ground.get()
            let set = ground.context.validators
            return (
                .holds,
                "\(ground.signers.count) of \(set.count) validators sealed block \(seal.header.height), "
                    + "\(set.quorum) are needed: \(ground.members)"
            )
        }
        report.add(.genesis, isFounded: isFounded) { () throws(ProofError) in
            let changes = epochs.count == 1 ? "one change" : "\(epochs.count) changes"
            return (
                .holds,
                "unbroken from the genesis of \(genesis.network) (chain \(genesis.chain)), \(changes) of validators"
            )
        }
        if let earlier {
            report.add(.consistency, isFounded: isFounded) { () throws(ProofError) in
                (.holds, try verify(earlier, in: ground.get().contexts, by: verifier))
            }
        }
        addStates(to: &report, isFounded: isFounded, genesis: genesis)
        return report
    }

    /// What the votes of each epoch are bound to, from epoch 0 to the sealed block's.
    ///
    /// - Parameters:
    ///   - genesis: What the reader believes.
    ///   - verifier: Checks the signatures.
    /// - Returns: One for each epoch, each handed over to by the validators of the one before.
    /// - Throws: ``ProofError`` where a handover or the seal does not hold.
    package func votingContexts(
        genesis: Genesis,
        by verifier: some SignatureVerifying = KeySignatureVerifier()
    ) throws(ProofError) -> [VotingContext] {
        try Ground(self, genesis, verifier).contexts
    }

    /// What everything else rests on: the validators of all epochs, and the seal of the block.
    private struct Ground {
        let contexts: [VotingContext]
        let signers: [ValidatorIndex]

        init(
            _ proof: Proof,
            _ genesis: Genesis,
            _ verifier: some SignatureVerifying
        ) throws(ProofError) {
            let header = proof.seal.header
            guard header.chain == genesis.chain else {
                throw .otherChain(found: header.chain, expected: genesis.chain)
            }
            // Exactly those that lead to the block: what leads further is nobody's to check.
            guard UInt64(proof.epochs.count) == header.epoch.value else {
                throw .wrongEpochCount(found: proof.epochs.count, expected: header.epoch)
            }
            var contexts = [
                VotingContext(
                    network: genesis.network,
                    chain: genesis.chain,
                    epoch: Epoch(0),
                    validators: genesis.validators
                )
            ]
            for change in proof.epochs { contexts.append(try change.verify(in: contexts, by: verifier)) }
            signers = try proof.seal.verify(in: contexts, by: verifier)
            self.contexts = contexts
        }

        /// The context of the sealed block's epoch.
        var context: VotingContext { contexts[contexts.count - 1] }

        /// Who sealed, by name.
        var members: String {
            signers.compactMap { context.validators[$0]?.member.text }.joined(separator: ", ")
        }
    }

    private func verify(
        _ earlier: Earlier,
        in contexts: [VotingContext],
        by verifier: some SignatureVerifying
    ) throws(ProofError) -> String {
        _ = try earlier.seal.verify(in: contexts, by: verifier)
        let (before, after) = (earlier.seal.header, seal.header)
        let proof = earlier.consistency
        guard proof.earlierSize == before.logSize else {
            throw .wrongLogSize(found: proof.earlierSize, expected: before.logSize)
        }
        guard proof.size == after.logSize else {
            throw .wrongLogSize(found: proof.size, expected: after.logSize)
        }
        guard before.height <= after.height, proof.verify(earlierRoot: before.logRoot, root: after.logRoot)
        else { throw .notConsistent(earlier: before.height, later: after.height) }
        return "the log of block \(after.height) (\(after.logSize) transactions) begins with that of block "
            + "\(before.height) (\(before.logSize)): nothing was changed or taken out"
    }

    private func addStates(to report: inout ProofReport, isFounded: Bool, genesis: Genesis) {
        let header = seal.header
        for state in states {
            // That the signer's key is its member's is a part of the step about the signature.
            if let transaction = statement?.transaction, state.path == .key(transaction.keyID),
                StatePath(recordOf: transaction) != state.path
            {
                if isFounded, (try? state.verify(root: header.stateRoot)) != nil { continue }
            }
            report.add(.state, isFounded: isFounded) { () throws(ProofError) in
                try state.verify(root: header.stateRoot)
                return try state.words(of: statement?.transaction, at: header.height)
            }
        }
    }
}

extension Proof.Statement {
    /// Compares a document with the files that the transaction names.
    fileprivate func text(of document: Digest) throws(ProofError) -> String {
        guard case .success(let body) = transaction.content,
            let file = body.documents.first(where: { $0.sha256 == document })
        else { throw .otherDocument(document) }
        return "the document is the one that the transaction names: \(file.name.text), "
            + "\(file.byteCount) bytes, SHA-256 \(document)"
    }

    /// Checks the signature under a key that is proven to be the member's.
    fileprivate func verifySignature(
        genesis: Genesis,
        states: [StateClaim],
        by verifier: some SignatureVerifying
    ) throws(ProofError) -> String {
        let (issuer, id) = (transaction.issuer, transaction.keyID)
        guard transaction.chain == genesis.chain else {
            throw .otherChain(found: transaction.chain, expected: genesis.chain)
        }
        var source = "a key of the genesis"
        var key = genesis.key(of: transaction)
        if key == nil, let claim = states.first(where: { $0.path == .key(id) }), let value = claim.value {
            let record: KeyRecord
            do { record = try KeyRecord.decode(value[...]) } catch {
                throw .badRecord(path: claim.path.text, error)
            }
            guard record.member == issuer else {
                throw .otherMember(id, found: record.member, expected: issuer)
            }
            source = "its \(record.kind) key, registered in block \(record.height)"
            if !record.isActive { source += ", not in use any more" }
            key = record.key
        }
        guard let key else { throw .unknownKey(id, issuer) }
        guard transaction.verified(key: key, by: verifier) != nil else { throw .invalidSignature(id) }
        return "\(issuer) signed transaction \(transaction.id) with \(source)"
    }

    /// Checks the path to the header's log root.
    fileprivate func verifyInclusion(in header: BlockHeader) throws(ProofError) -> String {
        guard inclusion.size == header.logSize else {
            throw .wrongLogSize(found: inclusion.size, expected: header.logSize)
        }
        guard inclusion.verify(leaf: transaction.leaf, root: header.logRoot) else {
            throw .notInLog(index: inclusion.index, header.height)
        }
        return "it is number \(inclusion.index) of the \(header.logSize) transactions in the log of block "
            + "\(header.height), counted from 0"
    }
}

extension Genesis {
    /// The key that signed a transaction, where the genesis itself says that it is one of the issuer's.
    package func key(of transaction: Transaction) -> PublicKey? {
        guard let member = member(transaction.issuer) else { return nil }
        let validator = validators.validators.first { $0.member == member.id }?.key
        let keys = member.authorityKeys + [member.recoveryKey, validator].compactMap { $0 }
        return keys.first { $0.id == transaction.keyID }
    }
}

extension TransactionBody {
    /// The files that the body names.
    package var documents: [Evidence] {
        switch self {
        case .milestoneReport(let body): body.content.evidence
        case .milestoneCorrect(let body): body.content.evidence
        case .attestationIssue(let body): body.evidence
        case .disputeOpen(let body): body.evidence
        case .disputeAnswer(let body): body.evidence
        case .directiveReply(let body): body.evidence
        case .planPublish, .commitmentPropose, .commitmentTransition, .commitmentAmend, .milestoneRetract,
            .attestationRevoke, .disputeResolve, .cosign, .directiveIssue, .directiveAcknowledge,
            .delegationGrant, .delegationRevoke, .governancePropose, .governanceVote, .keyRotate, .keyRecover,
            .validatorsActivate:
            []
        }
    }
}
