import Foundation
import JalonClient
import JalonCrypto
import JalonModel
import JalonSchema

/// What the commands that send do with their options.
extension SendOptions {
    /// Signs bodies and sends them, or writes them to the file that was asked for.
    ///
    /// `summary` says, for one transaction, what it did, after it is final.
    ///
    /// Only keys of these `kinds` may sign them.
    func send(
        with kinds: [String] = ["authority", "delegate"],
        _ bodies: (Signer, LedgerClient) async throws -> [TransactionBody],
        summary: (LedgerClient, Output) async throws -> Void = { _, _ in }
    ) async throws {
        let (client, output) = (try node.client(), format.output)
        let signer = try await Signer(key: key.load(), client: client, kinds: kinds)
        let bodies = try await bodies(signer, client)
        let transactions = try bodies.map(signer.sign)
        if let save {
            try write(transactions, to: save, output)
            return
        }
        if let receipt { try ReceiptFile.check(receipt, for: transactions) }
        let submission = Submission(client: client, limit: .seconds(wait))
        guard transactions.count == 1, let transaction = transactions.first else {
            let answers = try await submission.send(all: transactions)
            report(answers, bodies, output)
            if let failure = submission.failure(in: answers) { throw failure }
            return
        }
        let outcome = try await submission.send(transaction)
        report(outcome, output)
        guard let height = outcome.answer.height else { return }
        // It is recorded: nothing that fails from here on may look as if it were not.
        if !output.isJSON {
            do { try await summary(client, output) } catch {
                output.note("  It is recorded; how it stands now can't be told: \(Failure(error).message)")
            }
        }
        if let receipt {
            try await ReceiptFile.write(of: transaction.id, in: height, client, to: receipt, output)
        } else if !output.isJSON {
            output.line("  receipt: jalon receipt \(transaction.id.hex.prefix(12))")
        }
    }

    private func write(_ transactions: [Transaction], to path: String, _ output: Output) throws {
        let bytes = transactions.flatMap(\.bytes)
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path), options: .withoutOverwriting)
        } catch {
            throw Failure.usage("\(path) can't be written, or is there already")
        }
        if output.isJSON {
            output.json(["transactions": transactions.map(\.id.hex)])
        } else {
            output.done(
                "\(transactions.count) signed in \(path). Send within ten minutes: jalon transaction send \(path)"
            )
        }
    }

    private func report(_ outcome: Submission.Outcome, _ output: Output) {
        if output.isJSON {
            output.json(outcome.answer)
            return
        }
        let id = outcome.answer.id ?? ""
        guard let height = outcome.answer.height else {
            output.done("handed in   transaction \(id)")
            output.line("  It is not final yet: jalon transaction wait \(id)")
            return
        }
        output.done("final in block \(height) (\(Format.seconds(outcome.duration)))   transaction \(id)")
    }

    private func report(_ answers: [API.Transaction], _ bodies: [TransactionBody], _ output: Output) {
        if output.isJSON { return output.json(answers) }
        for (answer, body) in zip(answers, bodies) where answer.state == .rejected {
            output.note(
                "✖ \(body.subject)  \(answer.problem?.code ?? "E_REFUSED")  \(answer.problem?.detail ?? "")"
            )
        }
        let heights = answers.compactMap(\.height)
        if let low = heights.min(), let high = heights.max() {
            let blocks = low == high ? "block \(low)" : "blocks \(low)–\(high)"
            output.done("\(heights.count) of \(answers.count) final in \(blocks)")
        } else {
            let count = answers.count { $0.state == .pending || $0.state == .final }
            output.line("\(count) of \(answers.count) handed in")
        }
    }
}
