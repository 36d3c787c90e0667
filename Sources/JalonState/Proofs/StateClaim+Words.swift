import JalonCodec
import JalonCrypto
import JalonModel

extension StateClaim {
    /// What a proven claim says, and whether what a transaction did is still so.
    ///
    /// - Parameters:
    ///   - transaction: The proven transaction, where there is one.
    ///   - height: Of the block whose state it is.
    /// - Returns: `outdated` where the record shows that something later stands in the transaction's place.
    /// - Throws: ``ProofError/badRecord(path:_:)``.
    func words(
        of transaction: Transaction?,
        at height: Height
    ) throws(ProofError) -> (ProofReport.Verdict, String) {
        guard let value else { return (.holds, "at block \(height) there is no \(path)") }
        let change: String?
        do throws(CBORError) { change = try later(than: transaction, in: value) } catch {
            throw .badRecord(path: path.text, error)
        }
        if let change { return (.outdated, "at block \(height) \(path) is no longer current: \(change)") }
        guard transaction.flatMap(StatePath.init(recordOf:)) == path else {
            return (.holds, "at block \(height) the state holds \(path), \(value.count) bytes")
        }
        return (.holds, "still current at block \(height): \(path)")
    }

    /// What came in the place of the value, or of what the transaction did to it, in words; `nil` where nothing did.
    private func later(
        than transaction: Transaction?,
        in value: [UInt8]
    ) throws(CBORError) -> String? {
        switch path {
        case .milestone(let id):
            let record = try CBORDecoder.decode(value[...]) { (decoder) throws(CBORError) in
                try MilestoneRecord(id: id, from: &decoder)
            }
            // Whoever asks about the transaction that changed it hears that the change stands.
            guard record.state != .effective, record.changedBy != transaction?.id else { return nil }
            return "\(record.state)" + (record.changedBy.map { " by transaction \($0)" } ?? "")
        case .attestation(let id):
            let record = try CBORDecoder.decode(value[...]) { (decoder) throws(CBORError) in
                try AttestationRecord(id: id, from: &decoder)
            }
            guard let revoked = record.revoked, revoked.transaction != transaction?.id else { return nil }
            return "revoked by transaction \(revoked.transaction)"
        case .delegation:
            let record = try DelegationRecord.decode(value[...])
            guard let revoked = record.revokedBy, revoked != transaction?.id else { return nil }
            return "revoked by transaction \(revoked)"
        case .commitment:
            return try CommitmentRecord.decode(value[...]).later(than: transaction)
        case .member, .key, .parameter, .plan, .version, .governance, .pending, .epoch, .dispute, .cosign,
            .directive, .unit, .sector:
            return nil
        }
    }
}

extension CommitmentRecord {
    /// What came after the version or the step that a transaction made.
    fileprivate func later(than transaction: Transaction?) -> String? {
        guard let transaction, case .success(let body) = transaction.content else { return nil }
        let made: UInt64
        switch body {
        case .commitmentPropose: made = 1
        case .commitmentAmend(let body): made = body.expectedVersion + 1
        case .commitmentTransition:
            guard let changed, changed.origin.transaction != transaction.id else { return nil }
            return "\(life) by transaction \(changed.origin.transaction)"
        default: return nil
        }
        if version != made { return "version \(version) stands in the place of version \(made)" }
        switch life {
        case .proposed, .active: return nil
        case .returned, .withdrawn, .suspended, .cancelled, .superseded, .closed:
            return "\(life)" + (changed.map { " by transaction \($0.origin.transaction)" } ?? "")
        }
    }
}
