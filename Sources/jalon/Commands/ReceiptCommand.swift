import ArgumentParser
import Foundation
import JalonClient
import JalonCrypto
import JalonModel

/// `jalon receipt`: a transaction that proves its finality to anybody with a COSE or SCITT library.
struct ReceiptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "receipt",
        abstract:
            "Fetch a transaction as a SCITT transparent statement, with receipts of a quorum of validators.",
        discussion: """
            The file is a COSE_Sign1 (RFC 9943) with COSE receipts (RFC 9942) in its header 394; any SCITT library checks
            it with the validators' public keys. What checks everything back to the genesis: jalon proof. For example:
            jalon receipt 9a40… --out q2.scitt

            A node that archived the transaction's block has its hash alone: give the statement, or the archive's file.
            """
    )

    @Argument(help: "The transaction's id, 64 hexadecimal digits.")
    var id: String

    @Option(help: ArgumentHelp("The new file (default: the id's first digits, .scitt).", valueName: "file"))
    var out: String?

    @OptionGroup var given: GivenStatement
    @OptionGroup var node: NodeOptions
    @OptionGroup var format: OutputOptions

    func run() async throws {
        let (client, output) = (try node.client(), format.output)
        let id = try await ArgumentValue.transaction(id, asking: client)
        let (bytes, statement) = try await ReceiptFile.fetch(id, client, given: given.transaction(id))
        let file = try NewFile.write(bytes, to: out ?? "\(id.hex.prefix(8)).scitt", option: "--out")
        let members = statement.receipts.map(\.issuer.text)
        if output.isJSON {
            return output.json(
                Report(transaction: id.hex, file: file, byteCount: bytes.count, validators: members)
            )
        }
        output.done("\(file)   \(bytes.count) bytes, \(Format.count(members.count, "receipt"))")
        output.line("  of \(members.joined(separator: ", "))")
        output.line(
            "  Not checked here. Check it, and the validators, from the genesis: jalon proof get --tx \(id)"
        )
    }

    private struct Report: Encodable {
        let transaction: String
        let file: String
        let byteCount: Int
        let validators: [String]
    }
}

/// A transaction with receipts, as commands fetch and write it.
enum ReceiptFile {
    /// Fetches the receipts, and looks whether they are of the transaction; they are not checked.
    ///
    /// - Parameters:
    ///   - id: The transaction's.
    ///   - client: The node.
    ///   - given: The transaction, where the node may have archived it.
    /// - Returns: The file's bytes, and what they are.
    /// - Throws: ``ClientError``.
    static func fetch(
        _ id: TransactionID,
        _ client: LedgerClient,
        given: Transaction? = nil
    ) async throws(ClientError) -> (bytes: [UInt8], statement: TransparentStatement) {
        let bytes: [UInt8]
        if let given {
            bytes = try await client.transparentStatement(of: given)
        } else {
            bytes = try await client.transparentStatement(of: id)
        }
        let statement: TransparentStatement
        do { statement = try TransparentStatement(bytes: bytes) } catch {
            throw .badAnswer(address: client.address, reason: "\(error)")
        }
        guard statement.transaction.id == id else {
            throw .badAnswer(address: client.address, reason: "another transaction's receipts")
        }
        return (bytes, statement)
    }

    /// Refuses, before anything is sent, a file that could not be written later.
    static func check(_ path: String, for transactions: [Transaction]) throws {
        guard transactions.count == 1 else {
            throw Failure.usage(
                "--receipt is of one transaction, these are \(transactions.count)",
                next: "Nothing was sent. Send them without it, then: jalon receipt ID"
            )
        }
        guard !FileManager.default.fileExists(atPath: path) else {
            throw Failure.usage("\(path) is there already", next: "Nothing was sent. Give another name.")
        }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue
        else {
            throw Failure.usage(
                "\(path) can't be written: there is no folder \(folder)",
                next: "Nothing was sent. Make the folder, or give another name."
            )
        }
        guard FileManager.default.isWritableFile(atPath: folder) else {
            throw Failure.usage(
                "\(path) can't be written: the folder \(folder) may not be written to",
                next: "Nothing was sent. Give another name."
            )
        }
    }

    /// Writes the receipts of a transaction that is final by now.
    ///
    /// - Parameters:
    ///   - id: The transaction's.
    ///   - height: Of its block.
    ///   - client: The node.
    ///   - path: Where nothing stands yet.
    ///   - output: Told what was written.
    /// - Throws: ``Failure`` that says that it is recorded all the same.
    static func write(
        of id: TransactionID,
        in height: UInt64,
        _ client: LedgerClient,
        to path: String,
        _ output: Output
    ) async throws {
        let statement: TransparentStatement
        do {
            let fetched = try await fetch(id, client)
            try NewFile.write(fetched.bytes, to: path, option: "--receipt")
            statement = fetched.statement
        } catch {
            // Not the code of wrong words or of a silent node: whoever sent it would send it once more.
            throw Failure(
                "E_RECEIPT",
                "it is recorded, in block \(height), but its receipts are not: \(Failure(error).message)",
                next: "Don't send it again; jalon receipt \(id.hex) --out FILE",
                status: .failed
            )
        }
        guard !output.isJSON else { return }
        output.line("  receipt: \(path), of \(Format.count(statement.receipts.count, "validator"))")
    }
}
