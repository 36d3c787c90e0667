import GRDB
import JalonCodec
import JalonCrypto
package import JalonModel

extension LedgerReader {
    /// Leaves that are handed over at once.
    private static var leafBatchCount: Int { 4096 }

    /// Gives back what a node starts from: everything that ``LedgerStore/perform(_:)`` made durable and that is still
    /// needed.
    ///
    /// The ids of `recent` begin `replayReach` milliseconds before the tip's time.
    ///
    /// - Parameters:
    ///   - replayReach: In milliseconds, of the network's replay window.
    ///   - takeLeaves: Gets the state's leaves while they are read, some thousands at a time, in their order; what is given
    ///     back holds none then.
    /// - Returns: All of one state of the ledger.
    /// - Throws: ``StorageError/damaged(table:key:reason:)`` naming the row, or
    ///   ``StorageError/corrupt(path:reason:)``.
    package func restore(
        replayReach: UInt64,
        takeLeaves: ((LeafBatch) -> Void)? = nil
    ) throws(StorageError) -> RestoredLedger {
        try read { database in
            var restored = RestoredLedger()
            // First, so that who takes them works on them while the rest is read.
            if let takeLeaves {
                try database.eachLeafBatch(of: LedgerReader.leafBatchCount, takeLeaves)
            } else {
                try database.eachLeaf {
                    restored.leaves.append($0)
                    return true
                }
            }
            if let tip = try database.tip(of: identity.chain) {
                restored.tip = tip
                restored.frontier = try database.frontier(of: tip)
                restored.recent = try database.recent(
                    since: tip.timestamp.reduced(byMilliseconds: replayReach),
                    tip: tip
                )
            }
            restored.blocks = try database.candidates()
            let finalization = try database.highestFinalization()
            restored.certificates = try database.certificates(from: finalization)
            restored.votes = try database.votes(above: finalization)
            restored.proposals = try database.proposals(above: finalization)
            restored.rejoin = try database.rejoin()
            restored.evidence = try database.evidence()
            return restored
        }
    }
}

extension Database {
    fileprivate func tip(of chain: ChainID) throws -> BlockHeader? {
        var headers: [BlockHeader] = []
        try each(
            "block",
            """
            SELECT block.id, header, height, log_size FROM chain JOIN block ON block.number = chain.block
                ORDER BY height DESC LIMIT 2
            """
        ) { row in
            let header = try row.header()
            guard try header.height.value == row.count(2), try header.logSize == row.count(3),
                header.chain == chain
            else {
                throw StorageError.damaged(
                    table: "chain",
                    key: "height \(try row.count(2))",
                    reason: "its block says otherwise"
                )
            }
            headers.append(header)
            return true
        }
        guard let tip = headers.first else { return nil }
        // The first block that is held follows the genesis, or the last one whose body is not held.
        let before =
            try headers.count > 1 ? headers[1] : base().flatMap { try bareBlock(at: $0.height)?.header }
        let parent = before?.id ?? BlockID(chain.digest)
        let height = before?.height ?? Height(0)
        guard tip.parent == parent, height.next == tip.height else {
            throw StorageError.damaged(
                table: "chain",
                key: "height \(tip.height)",
                reason: "its parent is not the block before it"
            )
        }
        return tip
    }

    fileprivate func frontier(of tip: BlockHeader) throws -> [UInt8] {
        let bytes = try first("meta", "SELECT value FROM meta WHERE name = 'frontier'")?.bytes(0) ?? []
        let frontier = try decodeStored(bytes, table: "meta", key: "frontier") {
            (decoder) throws(CBORError) in
            try MerkleFrontier(from: &decoder)
        }
        guard frontier.size == tip.logSize, frontier.root == tip.logRoot else {
            throw StorageError.damaged(
                table: "meta",
                key: "frontier",
                reason: "it is not that of the log of block \(tip.height)"
            )
        }
        return bytes
    }

    fileprivate func candidates() throws -> [Block] {
        var blocks: [Block] = []
        try each(
            "block",
            """
            SELECT id, header, body, checksum FROM candidate JOIN block ON block.number = candidate.block
                ORDER BY height, number
            """
        ) { row in
            blocks.append(try row.block())
            return true
        }
        return blocks
    }

    /// Of a block that was applied, or of one that is still to be.
    fileprivate func highestFinalization() throws -> Certificate? {
        let queries = [
            ("finalization", "SELECT height, bytes, checksum FROM finalization ORDER BY height DESC LIMIT 1"),
            (
                "certificate",
                """
                SELECT view, bytes, checksum FROM certificate WHERE kind = 3
                    ORDER BY epoch DESC, view DESC LIMIT 1
                """
            ),
        ]
        var highest: Certificate?
        for (table, query) in queries {
            guard let row = try first(table, query) else { continue }
            let certificate = try row.certificate(1, key: "\(try row.count(0))")
            if let held = highest, (held.epoch, held.view) >= (certificate.epoch, certificate.view) {
                continue
            }
            highest = certificate
        }
        return highest
    }

    fileprivate func certificates(from finalization: Certificate?) throws -> [Certificate] {
        var certificates = finalization.map { [$0] } ?? []
        try each(
            "certificate",
            """
            SELECT view, bytes, checksum FROM certificate WHERE (epoch, view) >= (?, ?)
                ORDER BY epoch, view, kind, block
            """,
            bound(finalization)
        ) { row in
            let certificate = try row.certificate(1, key: "view \(try row.count(0))")
            if certificate != finalization { certificates.append(certificate) }
            return true
        }
        return certificates
    }

    fileprivate func votes(above finalization: Certificate?) throws -> [Vote] {
        var votes: [Vote] = []
        let rows = "SELECT view, bytes, checksum, epoch FROM vote ORDER BY epoch DESC, view DESC, kind DESC"
        try each("vote", rows) { row in
            let key = "epoch \(try row.count(3)), view \(try row.count(0))"
            let vote = try decodeStored(row.checkedBytes(1, key: key), table: "vote", key: key) {
                (decoder) throws(CBORError) in try Vote(from: &decoder)
            }
            let isAbove = finalization.map { (vote.epoch, vote.view) > ($0.epoch, $0.view) } ?? true
            let isNewest = votes.last.map { ($0.epoch, $0.view) == (vote.epoch, vote.view) } ?? true
            guard isAbove || isNewest else { return false }
            votes.append(vote)
            return true
        }
        return votes.reversed()
    }

    fileprivate func proposals(above finalization: Certificate?) throws -> [Proposal] {
        var proposals: [Proposal] = []
        try each(
            "proposal",
            """
            SELECT view, bytes, checksum FROM proposal WHERE (epoch, view) > (?, ?) ORDER BY epoch, view
            """,
            bound(finalization)
        ) { row in
            let key = "view \(try row.count(0))"
            proposals.append(
                try decodeStored(row.checkedBytes(1, key: key), table: "proposal", key: key) {
                    (decoder) throws(CBORError) in try Proposal(from: &decoder)
                }
            )
            return true
        }
        return proposals
    }

    fileprivate func rejoin() throws -> Rejoin? {
        let name = RecordWriter.rejoinNote
        guard let value = try note(name) else { return nil }
        // An older program wrote none.
        if let checksum = try note(RecordWriter.rejoinChecksum), checksum != RecordWriter.checksum(of: value)
        {
            throw StorageError.damaged(table: "note", key: name, reason: "the checksum is another")
        }
        return try decodeStored(value, table: "note", key: name) { (decoder) throws(CBORError) in
            try Rejoin(from: &decoder)
        }
    }

    private func note(_ name: String) throws -> [UInt8]? {
        try first("note", "SELECT value FROM note WHERE name = ?", [name])?.bytes(0)
    }

    fileprivate func evidence() throws -> [Equivocation] {
        var evidence: [Equivocation] = []
        guard try hasEvidence() else { return [] }
        try each("evidence", "SELECT number, bytes, checksum FROM evidence ORDER BY number") { row in
            let key = "number \(try row.count(0))"
            let bytes = try row.checkedBytes(1, key: key)
            evidence.append(try Equivocation(stored: bytes, key: key))
            return true
        }
        return evidence
    }

    /// A file of the first version that is only read has no such table.
    func hasEvidence() throws -> Bool {
        try first("schema", "SELECT 1 FROM sqlite_schema WHERE name = 'evidence'") != nil
    }

    private func bound(_ finalization: Certificate?) -> [any DatabaseValueConvertible] {
        [finalization?.epoch.stored ?? -1, finalization?.view.stored ?? -1]
    }
}

extension Equivocation {
    /// Reads a row's bytes, the pair as nodes tell it each other.
    init(stored bytes: [UInt8], key: String) throws(StorageError) {
        guard case .evidence(let pair) = try? PeerMessage(kind: .evidence, body: bytes[...]) else {
            throw .damaged(table: "evidence", key: key, reason: "not two contradicting votes")
        }
        self = pair
    }
}
