import Foundation
import JalonClient
import JalonCrypto
import JalonModel
import JalonSchema

/// Hands transactions to a node and follows them until they are final.
struct Submission {
    let client: LedgerClient
    let output: Output
    /// How long to wait; zero only hands them in.
    let limit: Duration

    /// What became of one.
    struct Outcome: Sendable {
        let answer: API.Transaction
        /// From handing it in to its finality.
        let duration: Duration
    }

    /// Sends one transaction.
    ///
    /// - Throws: ``Failure`` where it is refused, or not final in time.
    func send(_ transaction: Transaction) async throws -> Outcome {
        let start = ContinuousClock.now
        let answer: API.Transaction
        do {
            answer = try await client.submit(transaction.bytes)
        } catch {
            throw error.isUnanswered ? unknown(transaction.id) : Failure(error)
        }
        if answer.state == .final || limit == .zero {
            return Outcome(answer: answer, duration: ContinuousClock.now - start)
        }
        let final = try await confirm(transaction.id)
        return Outcome(answer: final, duration: ContinuousClock.now - start)
    }

    /// Waits for a transaction.
    ///
    /// - Throws: ``Failure`` with ``ProgramExit/notConfirmed`` where it is not final in time.
    func confirm(_ id: TransactionID) async throws -> API.Transaction {
        try await confirm(id, within: limit)
    }

    private func confirm(_ id: TransactionID, within limit: Duration) async throws -> API.Transaction {
        do {
            return try await client.confirm(id, within: limit)
        } catch {
            throw await failure(of: error, waitingFor: id)
        }
    }

    private func failure(of error: ClientError, waitingFor id: TransactionID) async -> Failure {
        switch error {
        case .notConfirmedInTime:
            Failure(notConfirmed: id.hex, validators: try? await client.head().validators)
        case .unreachable, .timedOut, .noneReachable: unknown(id)
        case .badAddress, .badTrust, .untrusted, .refused, .badAnswer: Failure(error)
        }
    }

    /// Sends many, in their order, and waits for all.
    ///
    /// - Returns: One outcome each, in their order; refused ones are `rejected` with their problem.
    func send(all transactions: [Transaction]) async throws -> [API.Transaction] {
        var answers = try await client.submit(transactions.map(\.bytes))
        guard limit > .zero else { return answers }
        let end = ContinuousClock.now + limit
        for (index, transaction) in transactions.enumerated() where answers[index].state == .pending {
            let left = max(.milliseconds(100), end - ContinuousClock.now)
            do {
                answers[index] = try await client.confirm(transaction.id, within: left)
            } catch {
                guard case .refused(let problem) = error else {
                    throw await failure(of: error, waitingFor: transaction.id)
                }
                answers[index].state = .rejected
                answers[index].problem = problem
            }
        }
        return answers
    }

    /// The node went silent after it may have taken the transaction.
    private func unknown(_ id: TransactionID) -> Failure {
        Failure(
            "E_NOT_CONFIRMED",
            "\(client.address) did not answer; whether it has the transaction is not known",
            next: "Don't resend; jalon transaction wait \(id.hex)",
            status: .notConfirmed
        )
    }
}

// MARK: - Commands that send

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
        let submission = Submission(client: client, output: output, limit: .seconds(wait))
        if transactions.count == 1, let transaction = transactions.first {
            let outcome = try await submission.send(transaction)
            try await report(outcome, output) { try await summary(client, output) }
            guard outcome.answer.height != nil else { return }
            if let receipt {
                try await ReceiptFile.write(of: transaction.id, client, to: receipt, output)
            } else if !output.isJSON {
                output.line("  receipt: jalon receipt \(transaction.id.hex.prefix(12))")
            }
        } else {
            try report(try await submission.send(all: transactions), bodies, output)
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

    private func report(
        _ outcome: Submission.Outcome,
        _ output: Output,
        _ summary: () async throws -> Void
    ) async throws {
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
        try await summary()
    }

    private func report(_ answers: [API.Transaction], _ bodies: [TransactionBody], _ output: Output) throws {
        let refused = zip(answers, bodies).filter { $0.0.state == .rejected }
        if output.isJSON { output.json(answers) }
        if !output.isJSON {
            for (answer, body) in refused {
                output.note(
                    "✖ \(body.subject)  \(answer.problem?.code ?? "E_REFUSED")  \(answer.problem?.detail ?? "")"
                )
            }
            let heights = answers.compactMap(\.height)
            if let low = heights.min(), let high = heights.max() {
                let blocks = low == high ? "block \(low)" : "blocks \(low)–\(high)"
                output.done("\(heights.count) of \(answers.count) final in \(blocks)")
            } else {
                output.line("\(answers.count - refused.count) of \(answers.count) handed in")
            }
        }
        guard let first = refused.first?.0.problem else { return }
        throw Failure(
            first.code,
            "\(refused.count) of \(answers.count) refused; the first: \(first.detail)",
            next: first.hint,
            status: .refused
        )
    }
}
