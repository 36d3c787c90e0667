import ArgumentParser
import JalonCodec
import JalonCrypto
import JalonModel
import JalonState
import JalonStorage

/// The bytes of a transaction that a node may have archived.
struct GivenStatement: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The transaction itself, where the node archived it: its bytes, a receipt or a proof file of it.",
            valueName: "file"
        )
    )
    var statement: String?

    @Option(
        help: ArgumentHelp(
            "The file that jalon archive or jalon export wrote, out of which to take the transaction.",
            valueName: "file"
        )
    )
    var archive: String?

    /// Whether no file was given.
    var isEmpty: Bool { statement == nil && archive == nil }

    func validate() throws {
        guard statement == nil || archive == nil else {
            throw ValidationError("give --statement or --archive: one place to take the transaction from")
        }
    }

    /// The transaction of an id, out of the file that was given; `nil` where none was.
    func transaction(_ id: TransactionID) throws -> Transaction? {
        if let archive { return try GivenStatement.find(id, inArchive: archive) }
        guard let path = statement else { return nil }
        let bytes = try NewFile.read(path, limit: Proof.maximumByteCount)
        guard let transaction = GivenStatement.read(bytes) else {
            throw Failure.usage(
                "\(path) is no transaction",
                next: "Give its bytes, a receipt (jalon receipt) or a proof file (jalon proof get) of it."
            )
        }
        guard transaction.id == id else {
            throw Failure.usage("\(path) is the transaction \(transaction.id), not \(id)")
        }
        return transaction
    }

    private static func read(_ bytes: [UInt8]) -> Transaction? {
        if let transaction = try? Transaction(bytes: bytes) { return transaction }
        if let statement = try? TransparentStatement(bytes: bytes) { return statement.transaction }
        return try? Proof.decode(bytes).statement?.transaction
    }

    private static func find(_ id: TransactionID, inArchive path: String) throws -> Transaction {
        let file = try ExportedLedger(path: path)
        var next = Height(1)
        while next <= file.height {
            for raw in try file.rawBlocks(from: next, count: 256, byteLimit: 4 << 20) {
                let block = try CBORDecoder.decode(raw.block[...]) { (decoder) throws(CBORError) in
                    try Block(from: &decoder)
                }
                for bytes in block.transactions where try Transaction.id(of: bytes) == id {
                    return try Transaction(bytes: bytes)
                }
                next = raw.height.next
            }
        }
        throw Failure.usage(
            "\(path) holds no transaction \(id) in its blocks 1–\(file.height)",
            next: "Is the id whole, and the file of this network?"
        )
    }
}
