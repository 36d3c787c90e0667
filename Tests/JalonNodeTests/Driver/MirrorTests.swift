import JalonCrypto
import JalonModel
import JalonSchema
import JalonState
import Testing

@testable import JalonNode

@Suite("A mirror, a node of no member", .serialized)
struct MirrorTests {
    @Test("follows the ledger, agrees with it and takes no transactions", .timeLimit(.minutes(2)))
    func follows() async throws {
        let network = try LiveNetwork(validatorCount: 4)
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            let members = try (0..<4).map { try network.node($0) }
            for node in members { group.addTask { try await node.run() } }
            // One before the mirror is there, which it has to catch up with, and one after.
            let early = try network.plan()
            _ = try await members[0].ledger.submit([early])
            #expect(try await members[0].ledger.settledTransaction(early.id).state == .final)
            let mirror = try network.mirror()
            group.addTask { try await mirror.run() }
            #expect(try await mirror.ledger.settledTransaction(early.id).state == .final)
            let late = try network.plan()
            _ = try await members[1].ledger.submit([late])
            #expect(try await mirror.ledger.settledTransaction(late.id).state == .final)
            let seen = mirror.ledger.view.snapshot
            let block = try await members[0].ledger.header(at: seen.height.value)
            #expect(block?.stateRoot == seen.state.root.hex)
            let own = try network.plan()
            await #expect(throws: API.Problem.self) { try await mirror.ledger.submit([own]) }
        }
    }
}
