import JalonModel
import JalonSchema
import JalonState
import Testing

@testable import JalonNode

@Suite("A ring of real nodes, in which none has a link to all", .serialized)
struct RingTests {
    @Test("finalizes, and every node gets to the same state", .timeLimit(.minutes(2)))
    func finalizes() async throws {
        let network = try LiveNetwork(validatorCount: 5, isRing: true)
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            let nodes = try (0..<5).map { try network.node($0) }
            for node in nodes { group.addTask { try await node.run() } }
            for node in nodes { try await network.finalizePlan(on: node, nodes) }
            for node in nodes {
                let snapshot = node.ledger.view.snapshot
                #expect(snapshot.connectedPeers.count == 2)
                #expect(snapshot.state.plans.count == 5)
            }
        }
    }
}
