import Foundation
import GRDB
import JalonCodec
package import JalonModel

/// Reads a ledger: beside its writer, without ever waiting for it, or alone in a folder that nothing is written to.
///
/// Each call sees one state of the ledger, that after some whole turn. What is read is checked against its own
/// checksum, so that a damaged row is an error and never an answer.
package struct LedgerReader: Sendable {
    /// Which ledger this is.
    package let identity: LedgerIdentity
    /// The path of the folder.
    package let folder: String
    let database: any DatabaseReader
    /// Shared by the readers of a ledger that no node writes, so that none can start to.
    private let lock: OpenFile?
    /// Opens a further connection; `nil` where there are enough already.
    private let connect: (@Sendable () throws -> any DatabaseReader)?

    init(
        _ database: any DatabaseReader,
        identity: LedgerIdentity,
        folder: String,
        lock: OpenFile?,
        connect: (@Sendable () throws -> any DatabaseReader)? = nil
    ) {
        self.database = database
        self.identity = identity
        self.folder = folder
        (self.lock, self.connect) = (lock, connect)
    }

    /// A reader of the same ledger for long reads at the same time, which waits for none of this one's.
    package func independent() throws(StorageError) -> LedgerReader {
        guard let connect else { return self }
        do {
            return LedgerReader(
                try connect(),
                identity: identity,
                folder: folder,
                lock: lock,
                connect: connect
            )
        } catch {
            throw StorageError(error, path: LedgerFile.path(in: folder))
        }
    }

    /// The encoded genesis.
    package func genesis() throws(StorageError) -> [UInt8] {
        try read { database in
            try database.first("meta", "SELECT value FROM meta WHERE name = 'genesis'")?.bytes(0) ?? []
        }
    }

    // MARK: - Blocks

    /// The height of the last block applied; 0 where that is the genesis.
    package func finalHeight() throws(StorageError) -> Height {
        try read { try $0.finalHeight() }
    }

    /// The final block at a height; `nil` above the last one, and at 0, as the genesis is no block.
    package func block(at height: Height) throws(StorageError) -> Block? {
        try read { database in
            let row = try database.first(
                "block",
                """
                SELECT id, header, body, checksum FROM block
                    WHERE number = (SELECT block FROM chain WHERE height = ?)
                """,
                [height.stored]
            )
            return try row?.block()
        }
    }

    /// A block that is held, final or not.
    package func block(_ id: BlockID) throws(StorageError) -> Block? {
        try read { database in
            try database.first(
                "block",
                "SELECT id, header, body, checksum FROM block WHERE id = ?",
                [id.stored]
            )?
            .block()
        }
    }

    /// The header of the final block at a height; its body is not read.
    package func header(at height: Height) throws(StorageError) -> BlockHeader? {
        try read { try $0.header(at: height) }
    }

    /// Final blocks in the order of their heights, each with its finalization where one is held.
    ///
    /// At most `count` of them, and at most `byteLimit` bytes of headers and bodies together; but the first one
    /// whatever its size. A batch for a peer has to end in a finalization: drop what comes after the last one.
    package func blocks(
        from height: Height,
        count: Int,
        byteLimit: Int
    ) throws(StorageError) -> [StoredBlock] {
        var blocks: [StoredBlock] = []
        try eachBlock(from: height, count: count, byteLimit: byteLimit) { row in
            let key = "height \(try row.count(6))"
            let finalization =
                try row.isNull(4)
                ? nil
                : decodeStored(try row.checkedBytes(4, key: key), table: "finalization", key: key) {
                    (decoder) throws(CBORError) in try Certificate(from: &decoder)
                }
            blocks.append(StoredBlock(block: try row.block(), finalization: finalization))
        }
        return blocks
    }

    /// Final blocks and finalizations as they stand in the file: for a check that believes no stored hash.
    ///
    /// The limits are those of ``blocks(from:count:byteLimit:)``.
    package func rawBlocks(
        from height: Height,
        count: Int,
        byteLimit: Int
    ) throws(StorageError) -> [RawBlock] {
        var blocks: [RawBlock] = []
        try eachBlock(from: height, count: count, byteLimit: byteLimit) { row in
            blocks.append(
                RawBlock(
                    height: Height(try row.count(6)),
                    block: try row.encodedBlock(),
                    finalization: try row.isNull(4) ? nil : row.bytes(4),
                    isAudited: try row.holdsChecksum(2)
                )
            )
        }
        return blocks
    }

    private func eachBlock(
        from height: Height,
        count: Int,
        byteLimit: Int,
        _ body: (StoredRow) throws -> Void
    ) throws(StorageError) {
        try read { database in
            var byteCount = 0
            try database.each(
                "block",
                """
                SELECT block.id, header, body, block.checksum, finalization.bytes, finalization.checksum, chain.height
                    FROM chain JOIN block ON block.number = chain.block
                    LEFT JOIN finalization ON finalization.height = chain.height
                    WHERE chain.height >= ? ORDER BY chain.height LIMIT ?
                """,
                [height.stored, max(0, count)]
            ) { row in
                let size = try row.withBytes(1) { $0.count } + row.withBytes(2) { $0.count }
                guard byteCount == 0 || byteCount + size <= byteLimit else { return false }
                byteCount += size
                try body(row)
                return byteCount < byteLimit
            }
        }
    }

    // MARK: - Certificates

    /// The finalization of the lowest block at or above a height that has one: what receipts for the height are made of.
    package func finalization(atOrAbove height: Height) throws(StorageError) -> (Height, Certificate)? {
        try read { database in
            if let bare = try database.sealedBareBlock(atOrAbove: height),
                let certificate = try bare.certificate
            {
                return (bare.header.height, certificate)
            }
            let row = try database.first(
                "finalization",
                "SELECT height, bytes, checksum FROM finalization WHERE height >= ? ORDER BY height LIMIT 1",
                [height.stored]
            )
            guard let row else { return nil }
            let height = try row.count(0)
            return (Height(height), try row.certificate(1, key: "height \(height)"))
        }
    }

    /// The highest block at or below a height that has a finalization of its own; 0 where none has.
    package func sealedHeight(atOrBelow height: Height) throws(StorageError) -> Height {
        try read { database in
            let row = try database.first(
                "finalization",
                "SELECT height FROM finalization WHERE height <= ? ORDER BY height DESC LIMIT 1",
                [height.stored]
            )
            return Height(try row?.count(0) ?? 0)
        }
    }

    /// Certificates held for a range of views, ascending by view: those of views that the final block left behind
    /// are gone, but for its own finalization.
    package func certificates(
        in epoch: Epoch,
        views: ClosedRange<View>,
        count: Int
    ) throws(StorageError) -> [Certificate] {
        let arguments: [any DatabaseValueConvertible] = [
            epoch.stored, views.lowerBound.stored, views.upperBound.stored, max(0, count),
        ]
        return try read { database in
            var certificates: [Certificate] = []
            for (table, order) in [("finalization", "height DESC"), ("certificate", "view, kind")] {
                try database.each(
                    table,
                    """
                    SELECT view, bytes, checksum FROM
                        (SELECT * FROM \(table) WHERE epoch = ?1 ORDER BY \(order)
                            \(table == "finalization" ? "LIMIT 1" : "")) AS held
                        WHERE view BETWEEN ?2 AND ?3 LIMIT ?4
                    """,
                    arguments
                ) { row in
                    certificates.append(try row.certificate(1, key: "view \(try row.count(0))"))
                    return true
                }
            }
            return Array(certificates.sorted { $0.view < $1.view }.prefix(max(0, count)))
        }
    }

    // MARK: - State and files

    /// The value of one leaf of the state after the last final block; `nil` where there is none.
    package func leaf(at path: String) throws(StorageError) -> [UInt8]? {
        try read { try $0.leaf(at: path) }
    }

    /// Hands over every leaf of the state, ascending by the path's bytes; one is in memory at a time.
    ///
    /// - Returns: The height that the leaves are the state of, the same for all of them.
    /// - Throws: ``StorageError``, and whatever `body` throws.
    package func eachLeaf(_ body: (LeafChange) throws -> Void) throws -> Height {
        var thrown: (any Error)?
        let height = try read { database in
            try database.eachLeaf { leaf in
                do {
                    try body(leaf)
                } catch {
                    thrown = error
                    return false
                }
                return true
            }
            return try database.finalHeight()
        }
        if let thrown { throw thrown }
        return height
    }

    /// Bytes of the file and of its write-ahead log.
    package func byteCount() throws(StorageError) -> UInt64 {
        do {
            let file = try FileStatus(of: LedgerFile.path(in: folder)).byteCount
            let log = try? FileStatus(of: LedgerFile.writeAheadLog(in: folder)).byteCount
            return file + (log ?? 0)
        } catch {
            throw .system(error)
        }
    }

    /// Bytes that may still be written beside the file.
    package func availableByteCount() throws(StorageError) -> UInt64 {
        do throws(SystemError) { return try OpenFile.availableByteCount(at: folder) } catch {
            throw .system(error)
        }
    }

    /// Runs reads on one state of the ledger.
    func read<Value>(_ body: (Database) throws -> Value) throws(StorageError) -> Value {
        do {
            return try database.read(body)
        } catch {
            throw StorageError(error, path: LedgerFile.path(in: folder))
        }
    }
}

/// A final block and its finalization; `nil` where it became final with a later one.
package struct StoredBlock: Hashable, Sendable {
    package let block: Block
    package let finalization: Certificate?
}

/// A final block and its finalization as stored, not decoded and not checked.
package struct RawBlock: Hashable, Sendable {
    package let height: Height
    /// The encoded block.
    package let block: [UInt8]
    /// The encoded certificate.
    package let finalization: [UInt8]?
    /// Whether it was read out of a data folder, and its body has the checksum that stands beside it there.
    package let isAudited: Bool

    package init(height: Height, block: [UInt8], finalization: [UInt8]?, isAudited: Bool = false) {
        (self.height, self.block, self.finalization) = (height, block, finalization)
        self.isAudited = isAudited
    }
}

extension Database {
    func finalHeight() throws -> Height {
        let row = try first("chain", "SELECT height FROM chain ORDER BY height DESC LIMIT 1")
        return Height(try row?.count(0) ?? 0)
    }

    func header(at height: Height) throws -> BlockHeader? {
        let row = try first(
            "block",
            "SELECT id, header FROM block WHERE number = (SELECT block FROM chain WHERE height = ?)",
            [height.stored]
        )
        return try row?.header() ?? bareBlock(at: height)?.header
    }
}
