import GRDB
import JalonCodec
import JalonCrypto
import JalonModel

/// Looks for damage in the journal of consensus: each row's columns against its bytes.
struct JournalAudit {
    let database: Database

    /// What a row says beside its bytes; `nil` where its table has no such column.
    private struct Key: Equatable {
        var epoch, view: UInt64
        var kind: UInt64?
        var block: [UInt8]?
        var signer: UInt64?
    }

    /// - Returns: The first problem in words, or `nil`.
    func problem() throws -> String? {
        try finalizationProblem() ?? certificateProblem() ?? voteProblem() ?? proposalProblem()
            ?? evidenceProblem() ?? noteProblem() ?? blockProblem()
    }

    private func finalizationProblem() throws -> String? {
        // Not its id, which is another's to look at.
        let header = """
            (SELECT block.header FROM chain JOIN block ON block.number = chain.block
                WHERE chain.height = finalization.height)
            """
        return try problem("finalization", kind: "NULL", block: header) { row, key in
            let certificate = try row.certificate(1, key: key)
            let header = row.isNull(5) ? [] : try row.bytes(5)
            let isItsBlock = SHA256.hash(header) == certificate.block.digest
            return Key(
                epoch: certificate.epoch.value,
                view: certificate.view.value,
                block: isItsBlock ? header : []
            )
        }
    }

    private func certificateProblem() throws -> String? {
        try problem("certificate") { row, key in
            let certificate = try row.certificate(1, key: key)
            return Key(
                epoch: certificate.epoch.value,
                view: certificate.view.value,
                kind: certificate.kind.rawValue,
                block: certificate.block.bytes
            )
        }
    }

    private func voteProblem() throws -> String? {
        try problem("vote") { row, key in
            let vote = try decodeStored(row.checkedBytes(1, key: key), table: "vote", key: key) {
                (decoder) throws(CBORError) in try Vote(from: &decoder)
            }
            return Key(
                epoch: vote.epoch.value,
                view: vote.view.value,
                kind: vote.kind.rawValue,
                block: vote.ballot.block.bytes
            )
        }
    }

    private func proposalProblem() throws -> String? {
        try problem("proposal", kind: "NULL") { row, key in
            let proposal = try decodeStored(row.checkedBytes(1, key: key), table: "proposal", key: key) {
                (decoder) throws(CBORError) in try Proposal(from: &decoder)
            }
            return Key(
                epoch: proposal.header.epoch.value,
                view: proposal.view.value,
                block: proposal.block.bytes
            )
        }
    }

    private func evidenceProblem() throws -> String? {
        guard try database.hasEvidence() else { return nil }
        return try problem("evidence", kind: "NULL", block: "NULL", signer: "signer") { row, key in
            let pair = try Equivocation(stored: row.checkedBytes(1, key: key), key: key)
            return Key(
                epoch: pair.first.epoch.value,
                view: pair.first.view.value,
                signer: UInt64(pair.first.signer.value)
            )
        }
    }

    /// Holds each row of a table against the key that its bytes give.
    private func problem(
        _ table: String,
        kind: String = "kind",
        block: String = "block",
        signer: String = "NULL",
        _ key: (StoredRow, String) throws -> Key
    ) throws -> String? {
        var problem: String?
        let rows = "SELECT view, bytes, checksum, epoch, \(kind), \(block), \(signer) FROM \(table)"
        try database.each(table, rows) { row in
            let name = "view \(try row.count(0))"
            let said = try key(row, name)
            let found = Key(
                epoch: try row.count(3),
                view: try row.count(0),
                kind: row.isNull(4) ? nil : try row.count(4),
                block: row.isNull(5) ? nil : try row.bytes(5),
                signer: row.isNull(6) ? nil : try row.count(6)
            )
            guard found != said else { return true }
            let column =
                (found.epoch, found.view) != (said.epoch, said.view)
                ? "view or epoch"
                : found.kind != said.kind ? "kind" : found.block != said.block ? "block" : "signer"
            problem = "the row \(name) of the table \(table) names another \(column) than its bytes"
            return false
        }
        return problem
    }

    private func noteProblem() throws -> String? {
        var problem: String?
        let known = [RecordWriter.rejoinNote, RecordWriter.rejoinChecksum]
        // What they say is read with the rest that a node starts from.
        try database.each("note", "SELECT name FROM note ORDER BY name") { row in
            let name = try row.text(0)
            if !known.contains(name) {
                problem = "the row \(name) of the table note is none that a node writes"
            }
            return problem == nil
        }
        return problem
    }

    /// Blocks that are not final, or whose bodies are not held.
    private func blockProblem() throws -> String? {
        if try database.base() != nil {
            try database.each("bare_block", "SELECT * FROM bare_block") { row in
                _ = try BareBlock(row)
                return true
            }
        }
        // Those of the chain are read with the index.
        let candidates = """
            SELECT id, header, body, checksum FROM block WHERE number NOT IN (SELECT block FROM chain)
            """
        try database.each("block", candidates) { row in
            _ = try row.block()
            return true
        }
        var problem: String?
        let rows = """
            SELECT id, header, height, candidate.block
                FROM candidate LEFT JOIN block ON block.number = candidate.block
            """
        try database.each("candidate", rows) { row in
            let isHeld = !row.isNull(0)
            if try !isHeld || row.header().height.value != row.count(2) {
                let reason = isHeld ? "names another height than its block" : "names a block that is not held"
                problem = "the row \(try row.count(2)), \(try row.count(3)) of the table candidate \(reason)"
            }
            return problem == nil
        }
        return problem
    }
}
