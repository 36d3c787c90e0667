import JalonModel
import JalonSchema
import Synchronization
import Testing

@testable import JalonNode

/// The rows of the write-ahead table: what must be durable before something is sent.
enum WriteAheadRow: String, CaseIterable, Sendable {
    case proposal, notarize, nullify, finalize, certificate, final

    func matches(_ record: JalonModel.Record) -> Bool {
        switch (self, record) {
        case (.proposal, .proposal), (.certificate, .certificate), (.final, .final): true
        case (.notarize, .vote(let vote)): vote.kind == .notarize
        case (.nullify, .vote(let vote)): vote.kind == .nullify
        case (.finalize, .vote(let vote)): vote.kind == .finalize
        default: false
        }
    }
}

/// Stops the process of a node, as far as its peers can tell.
private struct InjectedStop: Error {}

/// Whether the stop came, and whoever waits for it.
private final class StopSignal: Sendable {
    private let state = Mutex<(isSet: Bool, waiter: CheckedContinuation<Void, Never>?)>((false, nil))

    var isSet: Bool { state.withLock { $0.isSet } }

    func set() { finish(isSet: true) }

    /// Returns once it is set or the task is cancelled; for one task at a time.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mayGoOn = state.withLock { state in
                    if state.isSet || Task.isCancelled { return true }
                    state.waiter = continuation
                    return false
                }
                if mayGoOn { continuation.resume() }
            }
        } onCancel: {
            finish(isSet: false)
        }
    }

    private func finish(isSet: Bool) {
        let waiter = state.withLock { state in
            state.isSet = state.isSet || isSet
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }
}

/// Everything that one validator made durable in all its lives.
private final class Journal: Sendable {
    private let votes = Mutex<[Vote]>([])

    func add(_ records: [JalonModel.Record], leader: (View) -> ValidatorIndex) {
        votes.withLock { votes in
            for record in records {
                switch record {
                case .vote(let vote): votes.append(vote)
                case .proposal(let proposal): votes.append(proposal.vote(by: leader(proposal.view)))
                case .block, .certificate, .final, .rejoin, .evidence: break
                }
            }
        }
    }

    /// The first two votes that no honest validator casts both of.
    var contradiction: (Vote, Vote)? {
        votes.withLock { votes in
            for (place, first) in votes.enumerated() {
                for second in votes[(place + 1)...] {
                    if Equivocation(first, second) != nil { return (first, second) }
                    if first.view == second.view, first.kind == .nullify, second.kind == .notarize {
                        return (first, second)
                    }
                }
            }
            return nil
        }
    }

    var count: Int { votes.withLock { $0.count } }
}

@Suite("A node that stops between the disk and the wire", .serialized)
struct CrashTests {
    @Test(
        "goes on where it was and never contradicts itself",
        .timeLimit(.minutes(2)),
        arguments: WriteAheadRow.allCases
    )
    func stopsAndGoesOn(row: WriteAheadRow) async throws {
        let network = try LiveNetwork(validatorCount: 4)
        let journal = Journal()
        let validators = network.genesis.validators
        let leader: @Sendable (View) -> ValidatorIndex = { validators.leader(of: $0, offset: 0) }
        // Without the fourth node its views end in nullification, which is what that row needs.
        let others = row == .nullify ? [1, 2] : [1, 2, 3]
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            let running = try others.map { try network.node($0) }
            for node in running { group.addTask { try await node.run() } }
            // First life: it ends right after the first record of the row is durable, before anything of the turn is
            // sent. The network works until then.
            let stop = StopSignal()
            // Nothing but its own task holds it, so that its folder is free as soon as it has ended.
            let firstLife = Task {
                // However it ends, nobody waits for it any longer.
                defer { stop.set() }
                try await network.node(0) { records in
                    journal.add(records, leader: leader)
                    if records.contains(where: row.matches) {
                        stop.set()
                        throw InjectedStop()
                    }
                }.run()
            }
            while !stop.isSet {
                let transaction = try network.plan()
                _ = try await running[0].ledger.submit([transaction])
                // Final, or never, since the stop leaves too few validators for it.
                await withTaskGroup(of: Void.self) { race in
                    race.addTask { _ = try? await running[0].ledger.settledTransaction(transaction.id) }
                    race.addTask { await stop.wait() }
                    await race.next()
                    race.cancelAll()
                }
            }
            await #expect(throws: InjectedStop.self) { try await firstLife.value }
            // Second life, from the same folder: it takes part, and what it votes fits what it voted.
            let again = try network.node(0) { journal.add($0, leader: leader) }
            group.addTask { try await again.run() }
            for _ in 0..<3 { try await network.finalizePlan(on: again) }
            #expect(journal.contradiction == nil)
            #expect(journal.count > 0)
            for node in running { #expect(node.evidence.isEmpty) }
        }
    }
}
