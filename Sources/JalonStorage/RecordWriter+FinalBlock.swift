import Foundation
import GRDB
import JalonCodec
import JalonCrypto
import JalonModel

/// Final blocks and what follows from them.
extension RecordWriter {
    mutating func write(_ final: FinalBlock) throws {
        let header = final.block.header
        precondition(
            final.transactions.count == final.block.transactions.count,
            "a final block comes with the id of each of its transactions"
        )
        guard try isNext(final.block) else { return }
        let number = try number(of: final.block.id) ?? insert(final.block)
        try database.run(
            "INSERT INTO chain (height, block, log_size) VALUES (?, ?, ?)",
            [header.height.stored, number, Int64(clamping: header.logSize)]
        )
        try dropCandidates(upTo: header.height, but: number)
        try write(transactions: final.transactions, of: header)
        try database.write(changes: final.changes)
        try database.noteCommitments(of: final)
        try write(frontier: final.frontier)
        try moveFinalization(of: final.block)
        lastFinal = header
    }

    /// Whether the block follows the last final one; `false` where it is that one, or an earlier one, again.
    private func isNext(_ block: Block) throws -> Bool {
        let last = try lastHeight()
        let height = block.header.height
        if height <= last {
            guard try blockID(at: height) == block.id.bytes else {
                throw StorageError.notNext(
                    found: height,
                    expected: last.next,
                    reason: "another block is final at this height"
                )
            }
            return false
        }
        guard height == last.next else {
            throw StorageError.notNext(
                found: height,
                expected: last.next,
                reason: "blocks between are missing"
            )
        }
        // The genesis is no row: its id is the chain's.
        let parent = last.value == 0 ? chain.bytes : try blockID(at: last)
        guard block.header.chain == chain, block.header.parent.bytes == parent else {
            throw StorageError.notNext(found: height, expected: height, reason: "its parent is another block")
        }
        return true
    }

    private func blockID(at height: Height) throws -> [UInt8]? {
        try database.first(
            "block",
            "SELECT id FROM block WHERE number = (SELECT block FROM chain WHERE height = ?)",
            [height.stored]
        )?.bytes(0)
    }

    private func dropCandidates(upTo height: Height, but number: Int64) throws {
        try database.run(
            "DELETE FROM block WHERE number IN (SELECT block FROM candidate WHERE height <= ? AND block <> ?)",
            [height.stored, number]
        )
        try database.run("DELETE FROM candidate WHERE height <= ?", [height.stored])
    }

    func write(transactions: [TransactionID], of header: BlockHeader) throws {
        let count = UInt64(transactions.count)
        guard count > 0 else { return }
        guard header.logSize >= count else {
            throw StorageError.notNext(
                found: header.height,
                expected: header.height,
                reason: "its log is smaller than its body"
            )
        }
        try writeIndex(transactions, from: header.logSize - count)
        var ids = Data(capacity: transactions.count * Digest.byteCount)
        for id in transactions { ids.append(contentsOf: id.bytes) }
        try database.run(
            "INSERT INTO recent_transactions (log_size, time, ids, checksum) VALUES (?, ?, ?, ?)",
            [Int64(clamping: header.logSize), header.timestamp.stored, ids, Checksum.of([UInt8](ids))]
        )
        if header.logSize > RecordWriter.recentCount {
            try database.run(
                "DELETE FROM recent_transactions WHERE log_size <= ?",
                [Int64(clamping: header.logSize - RecordWriter.recentCount)]
            )
        }
    }

    /// Sorted by key, so that neighbours in a page of the index are written one after the other.
    private func writeIndex(_ transactions: [TransactionID], from first: UInt64) throws {
        let statement = try database.cachedStatement(
            sql: "INSERT OR IGNORE INTO transaction_place (bucket, key, place) VALUES (?, ?, ?)"
        )
        var rows: [(bucket: Int64, key: Int64, place: Int64)] = []
        rows.reserveCapacity(transactions.count)
        for (place, id) in zip(first..., transactions) {
            let bucket = Int64(clamping: place / RecordWriter.bucketSize)
            rows.append((bucket, Checksum.prefix(id.digest), Int64(place % RecordWriter.bucketSize)))
        }
        rows.sort { ($0.bucket, $0.key, $0.place) < ($1.bucket, $1.key, $1.place) }
        for row in rows { try statement.execute(arguments: [row.bucket, row.key, row.place]) }
    }

    /// Empties the tables that follow from the blocks' bytes, and fills them out of the final blocks.
    func rebuildIndexes(progress: (Height) -> Void) throws {
        try database.run("DELETE FROM transaction_place", [])
        try database.run("DELETE FROM recent_transactions", [])
        if let archived = try database.archived() {
            try database.eachBareBlock(from: archived.first, to: archived.last) { block in
                try writeIndex(block.transactionIDs, from: block.firstIndex)
                return true
            }
        }
        let blocks = """
            SELECT id, header, body, checksum FROM chain JOIN block ON block.number = chain.block ORDER BY height
            """
        try database.each("block", blocks) { row in
            let block = try row.block()
            let ids = try block.transactions.enumerated().map { position, bytes in
                try row.transactionID(of: bytes, position: position, height: block.header.height)
            }
            try write(transactions: ids, of: block.header)
            progress(block.header.height)
            return true
        }
        try database.fillCommitmentBlocks()
    }

    func replaceState(_ leaves: [LeafChange], frontier: [UInt8]) throws {
        try database.replaceState(by: leaves)
        try write(frontier: frontier)
    }

    func write(frontier: [UInt8]) throws {
        try database.run(
            """
            INSERT INTO meta (name, value) VALUES ('frontier', ?)
                ON CONFLICT (name) DO UPDATE SET value = excluded.value
            """,
            [Data(frontier)]
        )
    }
}
