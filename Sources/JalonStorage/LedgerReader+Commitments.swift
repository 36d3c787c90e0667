import GRDB
import JalonCodec
import JalonCrypto
package import JalonModel

extension LedgerReader {
    /// The heights of the final blocks that may hold a step in a commitment's life, ascending: whoever asks looks into them.
    package func lifeHeights(of commitment: CommitmentID) throws(StorageError) -> [Height] {
        try read { database in
            // A file of an older version that is only read has no such table.
            let table = "SELECT 1 FROM sqlite_schema WHERE name = 'commitment_block'"
            guard try database.first("schema", table) != nil else { return [] }
            var heights: [Height] = []
            try database.each(
                "commitment_block",
                "SELECT height FROM commitment_block WHERE commitment = ? ORDER BY height",
                [commitment.text]
            ) { row in
                heights.append(Height(try row.count(0)))
                return true
            }
            return heights
        }
    }
}

extension LedgerReader {
    /// Every note of a block that may hold a step in a commitment's life; `nil` where a file of an older version has none.
    package func lifeNotes() throws(StorageError) -> Set<LifeNote>? {
        try read { database in
            let table = "SELECT 1 FROM sqlite_schema WHERE name = 'commitment_block'"
            guard try database.first("schema", table) != nil else { return nil }
            var notes: Set<LifeNote> = []
            try database.each("commitment_block", "SELECT commitment, height FROM commitment_block") { row in
                notes.insert(LifeNote(commitment: try row.text(0), height: Height(try row.count(1))))
                return true
            }
            return notes
        }
    }
}

/// That a block may hold a step in a commitment's life.
package struct LifeNote: Hashable, Sendable {
    /// The commitment's id.
    package let commitment: String
    package let height: Height

    package init(commitment: String, height: Height) {
        (self.commitment, self.height) = (commitment, height)
    }
}

extension TransactionBody {
    /// Whether the transaction may be a step in the life of the commitment that is its subject.
    package var isLifeStep: Bool {
        switch self {
        case .commitmentPropose, .commitmentTransition, .commitmentAmend, .cosign: true
        default: false
        }
    }
}

extension Database {
    /// Notes that a block may hold a step in a commitment's life.
    func noteCommitment(_ id: String, at height: Height) throws {
        try run(
            "INSERT OR IGNORE INTO commitment_block (commitment, height) VALUES (?, ?)",
            [id, height.stored]
        )
    }

    /// Notes the commitments whose records a final block changed or whose co-signatures it holds.
    ///
    /// - Complexity: One look at each change; the transactions are decoded only where one of them is a co-signature.
    func noteCommitments(of final: FinalBlock) throws {
        let (record, cosign) = ("commitment/", "cosign/")
        var hasCosign = false
        for change in final.changes {
            if change.path.utf8.starts(with: record.utf8) {
                let id = String(change.path.dropFirst(record.count))
                try noteCommitment(id, at: final.block.header.height)
            }
            hasCosign = hasCosign || change.path.utf8.starts(with: cosign.utf8)
        }
        guard hasCosign else { return }
        for bytes in final.block.transactions {
            guard let transaction = try? Transaction(bytes: bytes),
                case .success(.cosign) = transaction.content
            else { continue }
            try noteCommitment(transaction.subject.text, at: final.block.header.height)
        }
    }

    /// Finds in the final blocks what ``noteCommitments(of:)`` would have noted.
    func fillCommitmentBlocks() throws {
        // Those of blocks whose bodies are not held can't be found again.
        let last = try base()?.height ?? Height(0)
        try run("DELETE FROM commitment_block WHERE height > ?", [last.stored])
        let blocks = """
            SELECT id, header, body, checksum FROM chain JOIN block ON block.number = chain.block ORDER BY height
            """
        try each("block", blocks) { row in
            let block = try row.block()
            for bytes in block.transactions {
                guard let transaction = try? Transaction(bytes: bytes),
                    case .success(let body) = transaction.content, body.isLifeStep
                else { continue }
                try noteCommitment(transaction.subject.text, at: block.header.height)
            }
            return true
        }
    }
}
