package import JalonCodec
import JalonCrypto
package import JalonModel

/// What stands, or that nothing stands, at a path of the state, with the proof.
package struct StateClaim: Hashable, Sendable {
    /// Bytes of the longest path and of the longest value.
    package static let maximumPathByteCount = 256
    package static let maximumValueByteCount = 128 << 10

    package let path: StatePath
    /// The encoded record; `nil` claims that there is none.
    package let value: [UInt8]?
    package let proof: StateProof

    package init(path: StatePath, value: [UInt8]?, proof: StateProof) {
        (self.path, self.value, self.proof) = (path, value, proof)
    }

    /// Makes the claim that a state's own tree proves.
    package init(_ path: StatePath, in state: LedgerState) {
        self.init(path: path, value: state.leaf(at: path), proof: state.proof(path: path.text))
    }

    /// Checks the claim against the root in a header.
    func verify(root: Digest) throws(ProofError) {
        guard proof.verify(root: root, path: path.text, value: value) else {
            throw value == nil ? .notAbsent(path.text) : .notInState(path.text)
        }
    }

    /// The encoding: `[path, proof, value]`, without the value where there is none.
    package func encode(to encoder: inout CBOREncoder) {
        encoder.encodeArrayHead(value == nil ? 2 : 3)
        encoder.encode(path.text)
        proof.encode(to: &encoder)
        if let value { encoder.encode(bytes: value) }
    }

    package init(from decoder: inout CBORDecoder) throws(CBORError) {
        let isPresent = try decoder.peekArrayCount() == 3
        self = try decoder.decodeArray(count: isPresent ? 3 : 2) { (decoder) throws(CBORError) in
            let at = decoder.offset
            let text = try decoder.decodeText(maximum: StateClaim.maximumPathByteCount)
            guard let path = StatePath(text) else {
                throw .invalidValue("'\(text)' is no path of the state", offset: at)
            }
            let proof = try StateProof(from: &decoder)
            guard isPresent else { return StateClaim(path: path, value: nil, proof: proof) }
            let value = Array(try decoder.decodeBytes(maximum: StateClaim.maximumValueByteCount))
            return StateClaim(path: path, value: value, proof: proof)
        }
    }
}

extension StatePath {
    /// Where the state keeps what a transaction did; `nil` where it keeps nothing of it under a path of its own.
    package init?(recordOf transaction: Transaction) {
        guard case .success(let body) = transaction.content else { return nil }
        let path: StatePath? =
            switch body {
            case .planPublish(let body): .plan(body.id)
            case .commitmentPropose(let body): .commitment(body.id)
            case .commitmentTransition(let body): .commitment(body.id)
            case .commitmentAmend(let body): .commitment(body.id)
            case .milestoneReport, .milestoneCorrect: .milestone(transaction.id)
            case .milestoneRetract(let body): .milestone(body.milestone)
            case .attestationIssue: .attestation(transaction.id)
            case .attestationRevoke(let body): .attestation(body.attestation)
            case .disputeOpen: .dispute(transaction.id)
            case .disputeAnswer(let body): .dispute(body.dispute)
            case .disputeResolve(let body): .dispute(body.dispute)
            case .cosign(let body): .cosign(body.transaction, transaction.issuer)
            case .directiveIssue: .directive(transaction.id)
            case .directiveAcknowledge(let body): .directive(body.directive)
            case .directiveReply(let body): .directive(body.directive)
            case .delegationGrant(let body): .delegation(body.key.id)
            case .delegationRevoke(let body): .delegation(body.key)
            case .governancePropose: .governance(transaction.id)
            case .governanceVote(let body): .governance(body.proposal)
            case .keyRotate(let body): .key(body.key.id)
            case .validatorsActivate(let body): .epoch(body.epoch)
            case .keyRecover: nil
            }
        guard let path else { return nil }
        self = path
    }
}
