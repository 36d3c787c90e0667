import ArgumentParser
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
            """
    )

    @Argument(help: "The transaction's id, 64 hexadecimal digits.")
    var id: String

    @Option(help: ArgumentHelp("The new file (default: the id's first digits, .scitt).", valueName: "file"))
    var out: String?

    @OptionGroup var node: NodeOptions
    @OptionGroup var format: OutputOptions

    func run() async throws {
        let (client, output) = (try node.client(), format.output)
        let id = try await ArgumentValue.transaction(id, asking: client)
        let bytes = try await client.transparentStatement(of: id)
        let statement: TransparentStatement
        do { statement = try TransparentStatement(bytes: bytes) } catch {
            throw ClientError.badAnswer(address: client.address, reason: "\(error)")
        }
        guard statement.transaction.id == id else {
            throw ClientError.badAnswer(address: client.address, reason: "another transaction's receipts")
        }
        let file = try NewFile.write(bytes, to: out ?? "\(id.hex.prefix(8)).scitt")
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
