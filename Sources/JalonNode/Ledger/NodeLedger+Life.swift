import JalonAPI
import JalonCrypto
import JalonModel
import JalonSchema
import JalonState
import JalonStorage

extension NodeLedger {
    /// Every step in a commitment's life up to the snapshot's height, oldest first: the state keeps the last one alone, the log
    /// keeps all of them.
    ///
    /// - Complexity: Reads each block in which the commitment took a step, once.
    func life(of commitment: Commitment, _ snapshot: LedgerSnapshot) throws -> [API.LifeStep] {
        let heights = try reader.lifeHeights(of: commitment.id).filter { $0 <= snapshot.height }
        return try heights.flatMap { height in
            try cache.steps(of: commitment.id, at: height) {
                try steps(of: commitment, at: height, snapshot.state)
            }
        }
    }

    private func steps(
        of commitment: Commitment,
        at height: Height,
        _ state: LedgerState
    ) throws -> [API.LifeStep] {
        guard let block = try reader.block(at: height) else { return [] }
        let id = Array(commitment.id.text.utf8)
        return try block.transactions.compactMap { bytes in
            // Most transactions of a large block are about others, and need not be decoded.
            guard bytes.contains(id) else { return nil }
            let transaction = try Transaction(bytes: bytes)
            guard transaction.subject.text == commitment.id.text else { return nil }
            if case .success(.cosign(let cosign)) = transaction.content,
                state.milestone(cosign.transaction) != nil
            {
                return nil
            }
            return API.LifeStep(transaction, at: block.header)
        }
    }
}

extension [UInt8] {
    /// Whether these bytes stand together somewhere in the array.
    fileprivate func contains(_ part: [UInt8]) -> Bool {
        guard let first = part.first, part.count <= count else { return false }
        for start in 0...(count - part.count) where self[start] == first {
            if self[start..<start + part.count].elementsEqual(part) { return true }
        }
        return false
    }
}

extension API.LifeStep {
    /// A co-signature of a milestone.
    init(_ record: CosignRecord) {
        self.init(
            type: TransactionType.cosign.rawValue,
            transaction: record.transaction.hex,
            issuer: record.member.text,
            key: record.provenance.key.hex,
            height: record.provenance.height.value,
            timestamp: record.provenance.time.value
        )
    }

    /// A milestone's retraction.
    init(retraction: Transaction, reason: Text?, at header: BlockHeader) {
        self.init(
            type: TransactionType.milestoneRetract.rawValue,
            transaction: retraction.id.hex,
            issuer: retraction.issuer.text,
            key: retraction.keyID.hex,
            height: header.height.value,
            timestamp: header.timestamp.value,
            reason: reason?.string
        )
    }

    /// - Returns: `nil` for a transaction that takes no step, such as a milestone.
    fileprivate init?(_ transaction: Transaction, at header: BlockHeader) {
        guard case .success(let body) = transaction.content else { return nil }
        var (reason, successor): (String?, String?)
        switch body {
        case .commitmentPropose: break
        case .commitmentTransition(let step):
            (reason, successor) = (step.reason?.string, step.successor?.text)
        case .commitmentAmend(let amendment): reason = amendment.reason.string
        case .cosign: break
        default: return nil
        }
        self.init(
            type: body.type.rawValue,
            transaction: transaction.id.hex,
            issuer: transaction.issuer.text,
            key: transaction.keyID.hex,
            height: header.height.value,
            timestamp: header.timestamp.value,
            reason: reason,
            successor: successor
        )
    }
}
