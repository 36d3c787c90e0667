import JalonCrypto
import JalonModel
import Testing

@testable import JalonNode
@testable import JalonStorage

@Suite("A column of a ledger is changed")
struct ColumnDamageTests {
    private let stopped: StoppedLedger

    /// Archived, so that blocks without bodies are there too; with rows in every table of the journal.
    init() async throws {
        stopped = try StoppedLedger()
        try await stopped.archive()
        try stopped.change { store in
            let (ledger, tip) = (stopped.ledger, stopped.block(14))
            var header = tip.header
            (header.parent, header.parentView) = (tip.id, tip.header.view)
            (header.view, header.height) = (tip.header.view.next, tip.header.height.next)
            header.timestamp = header.timestamp.advanced(byMilliseconds: 1)
            header.bodyByteCount = 0
            let child = Block(header: header, transactions: [])
            let context = ledger.context()
            let index = try #require(context.validators.indices.first)
            let id = try #require(context.validators[index]?.key.id)
            let key = try #require(ledger.validatorKeys[id])
            func vote(_ ballot: Ballot) -> Vote {
                Vote.signed(ballot, by: index, key: key, in: context).value
            }
            let votes = [
                vote(.notarize(header.view, child.id)),
                vote(.notarize(header.view, tip.id)),
            ]
            let proposal = Proposal(
                view: header.view.next,
                header: header,
                leaves: [],
                justification: Justification(parent: nil, nullifications: []),
                signature: [UInt8](repeating: 1, count: 64)
            )
            try store.perform([
                .block(child), .vote(votes[0]), .certificate(ledger.certificate(for: child)),
                .proposal(proposal),
                .evidence(try #require(Equivocation(votes[0], votes[1]))),
                .rejoin(.granted(Epoch(0), firstView: View(3), proof: nil)),
            ])
            // Fixtures make no commitments, and what an archive noted of blocks without bodies nothing here can tell.
            try store.execute("DROP TABLE commitment_block")
        }
    }

    private struct Column {
        let table, name: String
        let keys: [String]
        let rowCount: Int
    }

    private func columns() throws -> [Column] {
        var columns: [Column] = []
        try stopped.change { store in
            try store.write { database in
                var found: [(table: String, name: String, isKey: Bool)] = []
                try database.each(
                    "schema",
                    """
                    SELECT tables.name, columns.name, columns.pk > 0 FROM sqlite_schema AS tables
                        JOIN pragma_table_info(tables.name) AS columns WHERE tables.type = 'table'
                        ORDER BY tables.name, columns.cid
                    """
                ) { row in
                    found.append((try row.text(0), try row.text(1), try row.count(2) == 1))
                    return true
                }
                for column in found {
                    let held = "SELECT count(*) FROM \(column.table) WHERE \(column.name) IS NOT NULL"
                    columns.append(
                        Column(
                            table: column.table,
                            name: column.name,
                            keys: found.filter { $0.table == column.table && $0.isKey }.map(\.name),
                            rowCount: Int(try database.first(column.table, held)?.count(0) ?? 0)
                        )
                    )
                }
            }
        }
        return columns
    }

    /// Changes one row, the one at a place in the order of the keys.
    private func change(_ column: Column, row: Int) -> String {
        let (table, name) = (column.table, column.name)
        let keys = column.keys.joined(separator: ", ")
        // A kind has to stay one of three.
        let value =
            name == "kind"
            ? "kind % 3 + 1"
            : """
            CASE typeof(\(name)) WHEN 'integer' THEN \(name) + 1000 WHEN 'text' THEN \(name) || 'x'
                WHEN 'blob' THEN CAST(iif(substr(\(name), 1, 1) = x'FF', x'00', x'FF') || substr(\(name), 2) AS BLOB) END
            """
        return """
            PRAGMA foreign_keys = OFF;
            UPDATE \(table) SET \(name) = \(value) WHERE (\(keys)) =
                (SELECT \(keys) FROM \(table) WHERE \(name) IS NOT NULL ORDER BY \(keys) LIMIT 1 OFFSET \(row))
            """
    }

    @Test("and each is found")
    func found() async throws {
        let columns = try columns()
        #expect(Set(columns.map(\.table)).count == 15)
        _ = try await stopped.verified()
        for column in columns {
            #expect(column.rowCount > 0, "\(column.table).\(column.name) is in no row")
            // Tells in which order the pairs came, and nothing else.
            if column.table == "evidence", column.name == "number" { continue }
            // Of `meta` every row, since each is something else.
            let rows =
                column.table == "meta" ? Array(0..<column.rowCount) : Array(Set([0, column.rowCount - 1]))
            for row in rows {
                let copy = try stopped.copy()
                try copy.change { try $0.execute(change(column, row: row)) }
                await #expect(throws: (any Error).self, "\(column.table).\(column.name), row \(row)") {
                    try await copy.verified()
                }
            }
        }
    }

    @Test("and a time of the recent transactions is found by the quick check, too", arguments: [-1, 1])
    func quick(added: Int) async throws {
        _ = try await LedgerVerifier(stopped.reader).verifyQuickly()
        try stopped.change {
            try $0.execute(
                """
                UPDATE recent_transactions SET time = time + \(added)
                    WHERE log_size = (SELECT max(log_size) - 2 FROM recent_transactions)
                """
            )
        }
        let failure = await #expect(throws: VerificationFailure.self) {
            try await LedgerVerifier(stopped.reader).verifyQuickly()
        }
        #expect(failure?.place == .derived("the table recent_transactions"))
    }
}
