import Foundation
import GRDB
import JalonCodec
import JalonCrypto
package import JalonModel

/// Where a ledger begins that does not hold the bodies of the first blocks: one that was joined by a snapshot, or archived.
package struct LedgerBase: Hashable, Sendable {
    /// The last block whose body is not held.
    package let height: Height
    /// The first block whose state is known, which stands in `base_state`: the blocks up to it were not executed here.
    package let stateHeight: Height
    /// The log after the block at ``height``.
    package let frontier: MerkleFrontier

    package init(height: Height, stateHeight: Height, frontier: MerkleFrontier) {
        (self.height, self.stateHeight, self.frontier) = (height, stateHeight, frontier)
    }

    /// The first block that is held whole.
    package var firstBlock: Height { height.next }

    /// The name of the row in `meta`.
    static let name = "base"

    /// The encoding: `[height, height of the state, frontier]`.
    var encoded: [UInt8] {
        var encoder = CBOREncoder(capacity: MerkleFrontier.maximumByteCount)
        encoder.encodeArrayHead(3)
        encoder.encode(height.value)
        encoder.encode(stateHeight.value)
        frontier.encode(to: &encoder)
        return encoder.bytes
    }

    init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeArray(count: 3) { (decoder) throws(CBORError) in
            let most = UInt64(Int64.max)
            return LedgerBase(
                height: Height(try decoder.decodeUnsigned(maximum: most)),
                stateHeight: Height(try decoder.decodeUnsigned(maximum: most)),
                frontier: try MerkleFrontier(from: &decoder)
            )
        }
    }
}

extension LedgerReader {
    /// Where the ledger begins; `nil` for one that holds every block.
    package func base() throws(StorageError) -> LedgerBase? {
        try read { try $0.base() }
    }
}

extension Database {
    func base() throws -> LedgerBase? {
        guard let row = try first("meta", "SELECT value FROM meta WHERE name = ?", [LedgerBase.name]) else {
            return nil
        }
        return try decodeStored(row.bytes(0), table: "meta", key: LedgerBase.name) {
            (decoder) throws(CBORError) in try LedgerBase(from: &decoder)
        }
    }

    /// What is known of a block whose body is not held; `nil` where nothing is.
    func bareBlock(at height: Height) throws -> BareBlock? {
        // A ledger that holds every block has none, and one of an older version no such table.
        guard try base() != nil else { return nil }
        return try first("bare_block", "SELECT * FROM bare_block WHERE height = ?", [height.stored])
            .map { try BareBlock($0) }
    }

    func write(bare block: BareBlock) throws {
        try run(
            """
            INSERT OR REPLACE INTO bare_block (height, log_size, header, leaves, finalization, checksum, ids)
                VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                block.header.height.stored, Int64(clamping: block.header.logSize), Data(block.header.encoded),
                block.leaves.map { Data($0) }, block.finalization.map { Data($0) }, block.checksum,
                block.ids.map { Data($0) },
            ]
        )
    }
}

/// A block without its body: a row of `bare_block`.
package struct BareBlock: Hashable, Sendable {
    package let header: BlockHeader
    /// The leaf hashes of its transactions, one after the other; `nil` where they are not known.
    let leaves: [UInt8]?
    /// The ids of its transactions, one after the other; `nil` where they are not known.
    let ids: [UInt8]?
    /// The encoded finalization, where one is held.
    package let finalization: [UInt8]?

    init(header: BlockHeader, leaves: [UInt8]? = nil, ids: [UInt8]? = nil, finalization: [UInt8]?) {
        (self.header, self.leaves, self.ids, self.finalization) = (header, leaves, ids, finalization)
    }

    /// Out of all columns of a row.
    ///
    /// The tables of version 4 have no ids, which stand last.
    init(_ row: StoredRow) throws {
        let key = "height \(try row.count(0))"
        let bytes = try row.bytes(2)
        leaves = row.isNull(3) ? nil : try row.bytes(3)
        finalization = row.isNull(4) ? nil : try row.bytes(4)
        ids = row.isNull(6) ? nil : try row.bytes(6)
        header = try decodeStored(bytes, table: "bare_block", key: key) { (decoder) throws(CBORError) in
            try BlockHeader(from: &decoder)
        }
        guard try header.height.value == row.count(0), try header.logSize == row.count(1),
            try row.integer(5) == checksum,
            ids == nil || ids?.count == leaves?.count,
            let count = leaves?.count ?? .some(0), count.isMultiple(of: Digest.byteCount),
            UInt64(count / Digest.byteCount) <= header.logSize
        else {
            throw StorageError.damaged(table: "bare_block", key: key, reason: "the checksum is another")
        }
    }

    /// Of all the row's bytes, one after the other.
    var checksum: Int64 {
        Checksum.of(header.encoded + (leaves ?? []) + (finalization ?? []) + (ids ?? []))
    }

    /// The leaf hashes of its transactions, in order; none where they are not known.
    package var leafHashes: [LeafHash] { BareBlock.parts(of: leaves) { LeafHash($0) } }

    /// The ids of its transactions, in order; none where they are not known.
    package var transactionIDs: [TransactionID] { BareBlock.parts(of: ids) { TransactionID($0) } }

    /// The place in the log of its first transaction, where their leaf hashes are known.
    var firstIndex: UInt64 { header.logSize - UInt64((leaves?.count ?? 0) / Digest.byteCount) }

    var certificate: Certificate? {
        get throws(StorageError) {
            guard let finalization else { return nil }
            return try decodeStored(finalization, table: "bare_block", key: "height \(header.height)") {
                (decoder) throws(CBORError) in try Certificate(from: &decoder)
            }
        }
    }

    private static func parts<Part>(of bytes: [UInt8]?, _ part: (Digest) -> Part) -> [Part] {
        let bytes = bytes ?? []
        return stride(from: 0, to: bytes.count, by: Digest.byteCount).compactMap { start in
            Digest(bytes[start..<min(start + Digest.byteCount, bytes.count)]).map(part)
        }
    }
}
