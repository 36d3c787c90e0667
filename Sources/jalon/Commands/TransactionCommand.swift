import ArgumentParser
import Foundation
import JalonClient
import JalonCodec
import JalonCrypto
import JalonModel
import JalonSchema

/// `jalon transaction`: signed statements, as they are.
struct TransactionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transaction",
        abstract: "Show a transaction, wait for it, send a signed one.",
        subcommands: [Show.self, Wait.self, Send.self]
    )

    /// `jalon transaction show`.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Show what a node knows of a transaction.",
            discussion: "For example: jalon transaction show 41d0… (all 64 digits)"
        )

        @Argument(help: "The id, or its first 8 digits or more where it is final.")
        var id: String

        @Option(help: ArgumentHelp("Also write its full bytes to a new file.", valueName: "file"))
        var bytes: String?

        @OptionGroup var node: NodeOptions
        @OptionGroup var format: OutputOptions

        func run() async throws {
            let (client, output) = (try node.client(), format.output)
            let id = try await ArgumentValue.transaction(id, asking: client)
            let transaction = try await client.transaction(id)
            if let bytes {
                let content = Data(try await client.transactionBytes(id))
                do { try content.write(to: URL(fileURLWithPath: bytes), options: .withoutOverwriting) } catch
                {
                    throw Failure.usage("\(bytes) can't be written, or is there already")
                }
            }
            if output.isJSON { return output.json(transaction) }
            TransactionCommand.show(transaction, output)
        }
    }

    /// `jalon transaction wait`.
    struct Wait: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "wait",
            abstract: "Wait until a transaction is final or expired.",
            discussion: "For example: jalon transaction wait 41d0… (all 64 digits) --wait 300"
        )

        @Argument(help: "The id, or its first 8 digits or more where it is final.")
        var id: String

        @Option(help: ArgumentHelp("Seconds to wait.", valueName: "seconds"))
        var wait = 60

        @OptionGroup var node: NodeOptions
        @OptionGroup var format: OutputOptions

        func run() async throws {
            guard (0...86_400).contains(wait) else {
                throw Failure.usage("--wait is \(wait), expected 0 to 86400")
            }
            let (client, output) = (try node.client(), format.output)
            let submission = Submission(client: client, limit: .seconds(wait))
            let transaction = try await submission.confirm(
                try await ArgumentValue.transaction(id, asking: client)
            )
            if output.isJSON { return output.json(transaction) }
            output.done("final in block \(transaction.height ?? 0)   transaction \(id)")
        }
    }

    /// `jalon transaction send`.
    struct Send: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "send",
            abstract: "Send signed transactions: one, or a sequence, as --save wrote them.",
            discussion: """
                They may be signed on a machine that never meets the network. Sending one again is harmless.

                For example: jalon transaction send signed.tx --node http://127.0.0.1:8400
                """
        )

        @Argument(help: "The file.")
        var file: String

        @Option(
            help: ArgumentHelp(
                "Seconds to wait until they are final; 0 only hands them in.",
                valueName: "seconds"
            )
        )
        var wait = 10

        @OptionGroup var node: NodeOptions
        @OptionGroup var format: OutputOptions

        func run() async throws {
            let (client, output) = (try node.client(), format.output)
            let transactions = try read()
            let submission = Submission(client: client, limit: .seconds(max(0, wait)))
            if transactions.count == 1, let transaction = transactions.first {
                let outcome = try await submission.send(transaction)
                if output.isJSON { return output.json(outcome.answer) }
                TransactionCommand.show(outcome.answer, output)
                return
            }
            let answers = try await submission.send(all: transactions)
            if output.isJSON {
                output.json(answers)
            } else {
                answers.forEach { TransactionCommand.line($0, output) }
            }
            if let failure = submission.failure(in: answers) { throw failure }
        }

        private func read() throws -> [Transaction] {
            guard let data = FileManager.default.contents(atPath: file) else {
                throw Failure.usage("\(file) can't be read")
            }
            var decoder = CBORDecoder(Array(data))
            var transactions: [Transaction] = []
            do {
                while !decoder.isAtEnd {
                    transactions.append(try Transaction(bytes: Array(try decoder.decodeEncodedItem())))
                }
            } catch {
                throw Failure("E_MALFORMED", "\(file): \(error)", next: "Nothing was sent.", status: .refused)
            }
            guard !transactions.isEmpty else { throw Failure.usage("\(file) is empty") }
            return transactions
        }
    }

    static func show(_ transaction: API.Transaction, _ output: Output) {
        let rows: [(String, String?)] = [
            ("transaction", transaction.id), ("state", transaction.state.rawValue),
            ("block", transaction.height.map { "\($0), position \(transaction.position ?? 0)" }),
            ("type", transaction.type), ("by", transaction.issuer), ("about", transaction.subject),
            ("key", transaction.keyID), ("bytes", transaction.byteCount.map(String.init)),
            ("note", transaction.isFictional ? "DEMO DATA" : nil),
            ("reason", transaction.problem.map { "\($0.code)  \($0.detail)" }),
            ("next", transaction.problem?.hint),
            ("body", transaction.body.map { Output.encoded($0, pretty: true) }),
        ]
        for (name, text) in rows {
            if let text { output.line("\(output.styled(name.padding(to: 13), .dim))\(text)") }
        }
    }

    static func line(_ transaction: API.Transaction, _ output: Output) {
        let place = transaction.height.map { "block \($0)" } ?? transaction.problem?.code ?? ""
        output.line("\(transaction.id ?? "–")\t\(transaction.state.rawValue)\t\(place)")
    }
}
