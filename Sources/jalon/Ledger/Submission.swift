import JalonClient
import JalonCrypto
import JalonModel
import JalonSchema

/// Hands transactions to a node and follows them until they are final.
///
/// Where an answer is lost, or a node that lost its memory knows a transaction no more, the same bytes are handed in
/// again: they are recorded once, however often they come. What was signed anew would be recorded twice.
struct Submission {
    let client: LedgerClient
    /// How long to wait; zero only hands them in.
    let limit: Duration

    /// How often the same bytes are handed in while the answers are lost, before what became of them is asked.
    private static let attemptCount = 4
    /// How long one question for what became of them waits: it does not end where the node finds that it knows nothing.
    private static let part = Duration.seconds(3)
    /// Between two attempts: the first and the longest pause.
    private static let pauses = (first: Duration.milliseconds(250), last: Duration.seconds(5))

    /// What became of one.
    struct Outcome: Sendable {
        let answer: API.Transaction
        /// From handing it in to its finality.
        let duration: Duration
    }

    /// Handed in, maybe, and not final in time; the last thing that was heard.
    private struct Unconfirmed: Error {
        let last: ClientError
    }

    /// Sends one transaction.
    ///
    /// - Throws: ``Failure`` with ``ProgramExit/notConfirmed`` where a node may have it; `ClientError` where a rule
    ///   refuses it, or no node got it.
    func send(_ transaction: Transaction) async throws -> Outcome {
        let start = ContinuousClock.now
        let last: ClientError
        do {
            let answer = try await handIn { () async throws(ClientError) in
                try await client.submit(transaction.bytes)
            }
            if answer.state == .final || limit == .zero {
                return Outcome(answer: answer, duration: ContinuousClock.now - start)
            }
            last = .notConfirmedInTime(answer)
        } catch let error as Unconfirmed {
            last = error.last
        }
        do {
            // Where its answers are lost, what became of it can be asked all the same.
            guard ContinuousClock.now < start + limit else { throw Unconfirmed(last: last) }
            let answer = try await follow(transaction, after: last, until: start + limit)
            return Outcome(answer: answer, duration: ContinuousClock.now - start)
        } catch let error as Unconfirmed {
            throw await failure(of: error.last, waitingFor: transaction.id)
        }
    }

    /// Waits for a transaction of which only the id is at hand.
    ///
    /// A node that has no room, or that falls silent once it was reached, is asked again.
    ///
    /// - Throws: ``Failure`` with ``ProgramExit/notConfirmed`` where it is not final in time, or no node says so.
    func confirm(_ id: TransactionID) async throws -> API.Transaction {
        let end = ContinuousClock.now + limit
        var pause = Submission.pauses.first
        var isFirst = true
        while true {
            do {
                return try await client.confirm(id, within: max(.zero, end - ContinuousClock.now))
            } catch .notConfirmedInTime(let transaction) {
                throw await failure(of: .notConfirmedInTime(transaction), waitingFor: id)
            } catch {
                guard error.mayPass else { throw Failure(error) }
                // Where nobody listens from the beginning the address is likely to be wrong.
                let isHopeless = isFirst && error.isUnsent
                guard !isHopeless, ContinuousClock.now + pause < end else {
                    throw Failure(unanswered: error, waitingFor: id.hex)
                }
            }
            isFirst = false
            try await Task.sleep(for: pause)
            pause = min(pause * 2, Submission.pauses.last)
        }
    }

    /// Sends many, in their order, and waits for all.
    ///
    /// - Returns: One outcome each, in their order: refused ones are `rejected` with their problem; those that are not
    ///   final in time are `pending`, or `unknown` where no node is known to have them.
    /// - Throws: `ClientError` where nothing was handed in.
    func send(all transactions: [Transaction]) async throws -> [API.Transaction] {
        let start = ContinuousClock.now
        var answers: [API.Transaction] = []
        for range in LedgerClient.batches(of: transactions.map(\.bytes)) {
            let batch = transactions[range]
            do {
                answers += try await handIn { () async throws(ClientError) in
                    try await client.submit(batch.map(\.bytes))
                }
            } catch {
                // What was handed in before is recorded, whatever became of these.
                guard error is Unconfirmed || error is ClientError && !answers.isEmpty else { throw error }
                answers += batch.map { API.Transaction(id: $0.id.hex, state: .unknown) }
            }
        }
        if limit > .zero { try await follow(transactions, until: start + limit, &answers) }
        return answers
    }

    // MARK: - Again and again

    /// Hands in, and again where a node may have got it and nobody said so.
    private func handIn<Answer>(
        _ submit: () async throws(ClientError) -> Answer
    ) async throws -> Answer {
        var (count, mayBeHandedIn) = (0, false)
        var pause = Submission.pauses.first
        while true {
            do {
                return try await submit()
            } catch {
                count += 1
                mayBeHandedIn = mayBeHandedIn || error.isUnanswered
                guard mayBeHandedIn, !error.isFinalWord else { throw error }
                guard count < Submission.attemptCount, !error.isSlow else { throw Unconfirmed(last: error) }
            }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, Submission.pauses.last)
        }
    }

    /// Waits for one that was handed in, and hands it in again where the node does not know it or does not answer.
    private func follow(
        _ transaction: Transaction,
        after last: ClientError,
        until end: ContinuousClock.Instant
    ) async throws -> API.Transaction {
        var pause = Submission.pauses.first
        var last = last
        var isLost = last.isUnknown
        while true {
            if !isLost {
                do {
                    let left = max(.zero, end - ContinuousClock.now)
                    return try await client.confirm(transaction.id, within: min(left, Submission.part))
                } catch {
                    guard !error.isFinalWord else { throw error }
                    last = error
                }
            }
            guard ContinuousClock.now < end else { throw Unconfirmed(last: last) }
            isLost = false
            if case .notConfirmedInTime(let answer) = last, answer.state == .pending { continue }
            do {
                let answer = try await client.submit(transaction.bytes)
                if answer.state == .final { return answer }
                pause = Submission.pauses.first
            } catch {
                guard !error.isFinalWord else { throw error }
                last = error
                guard ContinuousClock.now + pause < end else { throw Unconfirmed(last: last) }
                try await Task.sleep(for: pause)
                pause = min(pause * 2, Submission.pauses.last)
            }
        }
    }

    /// Waits for those of many that are not settled.
    private func follow(
        _ transactions: [Transaction],
        until end: ContinuousClock.Instant,
        _ answers: inout [API.Transaction]
    ) async throws {
        for (place, transaction) in transactions.enumerated() where answers[place].isUnsettled {
            do {
                answers[place] = try await follow(
                    transaction,
                    after: .notConfirmedInTime(answers[place]),
                    until: end
                )
            } catch let error as Unconfirmed {
                guard case .notConfirmedInTime(let answer) = error.last else {
                    // A node that is silent when the time is over is not asked once more for each of the others.
                    return
                }
                answers[place].state = answer.state
            } catch ClientError.refused(let problem) {
                answers[place].state = .rejected
                answers[place].problem = problem
            }
        }
    }

    // MARK: - Failures

    private func failure(of error: ClientError, waitingFor id: TransactionID) async -> Failure {
        guard case .notConfirmedInTime(let transaction) = error else {
            return Failure(unanswered: error, waitingFor: id.hex)
        }
        return Failure(
            notConfirmed: transaction,
            at: client.address,
            validators: try? await client.head().validators
        )
    }

    /// Why a command that sent many ends with another code than 0; `nil` where all is well.
    ///
    /// - Parameter answers: What ``send(all:)`` returned.
    /// - Returns: What may still be recorded comes first: whoever takes it for refused does it a second time.
    func failure(in answers: [API.Transaction]) -> Failure? {
        let open = answers.filter { $0.state == .unknown || limit > .zero && $0.state == .pending }
        if !open.isEmpty { return Failure(notConfirmed: open.compactMap(\.id), of: answers.count) }
        let refused = answers.filter { $0.state == .rejected }
        guard let first = refused.first else { return nil }
        return Failure(
            first.problem?.code ?? "E_REFUSED",
            "\(refused.count) of \(answers.count) refused; the first: \(first.problem?.detail ?? "")",
            next: first.problem?.hint,
            status: .refused
        )
    }
}

extension ClientError {
    /// Whether a node took its time and had no answer then: to ask at once again takes as long.
    fileprivate var isSlow: Bool {
        switch self {
        case .timedOut: true
        case .refused(let problem): problem.code == "E_TIMEOUT"
        case .noneReachable(let failures): failures.contains(where: \.isSlow)
        default: false
        }
    }

    /// Whether a question may well be answered a moment later: nobody answered, or a node that can't now.
    fileprivate var mayPass: Bool {
        switch self {
        case .unreachable, .broken, .timedOut, .noneReachable: true
        case .refused: !isFinalWord
        default: false
        }
    }

    /// Whether no node got the question.
    fileprivate var isUnsent: Bool {
        switch self {
        case .unreachable: true
        case .noneReachable(let failures): failures.allSatisfy(\.isUnsent)
        default: false
        }
    }

    /// Whether a node said that it does not know the transaction.
    fileprivate var isUnknown: Bool {
        if case .notConfirmedInTime(let answer) = self { answer.state == .unknown } else { false }
    }
}

extension API.Transaction {
    /// Whether its fate is open.
    var isUnsettled: Bool { state == .pending || state == .unknown }
}
