import Foundation
import JalonCodec
import JalonCrypto
import JalonModel

extension StoredRow {
    /// The header out of the columns id and header, in this order.
    func header() throws(StorageError) -> BlockHeader {
        let (id, bytes) = (try bytes(0), try bytes(1))
        guard SHA256.hash(bytes).bytes == id else {
            throw .damaged(table: "block", key: Hex.encode(id), reason: "the hash of the header is another")
        }
        return try decodeStored(bytes, table: "block", key: Hex.encode(id)) { (decoder) throws(CBORError) in
            try BlockHeader(from: &decoder)
        }
    }

    /// The encoded block out of the columns header and body, the second and third.
    func encodedBlock() throws -> [UInt8] {
        try withBytes(1) { header in
            try withBytes(2) { body in
                [UInt8](unsafeUninitializedCapacity: 1 + header.count + body.count) { buffer, count in
                    buffer[0] = 0x82
                    count = 1
                    for part in [header, body] {
                        count = buffer[count...].initialize(fromContentsOf: part)
                    }
                }
            }
        }
    }

    /// The block out of the columns id, header, body and checksum, in this order.
    func block() throws -> Block {
        let id = try bytes(0)
        let key = Hex.encode(id)
        _ = try checkedBytes(2, key: key)
        let block = try decodeStored(encodedBlock(), table: "block", key: key) {
            (decoder) throws(CBORError) in
            try Block(from: &decoder)
        }
        guard block.id.bytes == id else {
            throw StorageError.damaged(table: "block", key: key, reason: "the hash of the header is another")
        }
        return block
    }

    /// The certificate at a column, its checksum in the next.
    func certificate(_ column: Int, key: String) throws(StorageError) -> Certificate {
        try decodeStored(checkedBytes(column, key: key), table: table, key: key) {
            (decoder) throws(CBORError) in
            try Certificate(from: &decoder)
        }
    }

    /// The id of a transaction that a final block holds.
    func transactionID(
        of bytes: [UInt8],
        position: Int,
        height: Height
    ) throws(StorageError) -> TransactionID {
        do throws(CBORError) {
            return try Transaction(bytes: bytes).id
        } catch {
            throw .damaged(
                table: "block",
                key: "height \(height), transaction \(position)",
                reason: "\(error)"
            )
        }
    }
}
