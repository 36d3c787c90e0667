import Foundation
import JalonCore
import JalonCrypto
import JalonModel
import JalonSchema
import Testing

@testable import JalonNode

@Suite("A node whose disk was lost", .serialized)
struct RejoinTests {
    /// The first life of the first node, from its start until it has ended: three blocks or more are final on it.
    private func live(_ network: LiveNetwork, with others: [Node]) async throws {
        let node = try network.node(0)
        let life = Task { try await node.run() }
        for _ in 0..<3 { try await network.finalizePlan(on: others[0], [node]) }
        life.cancel()
        _ = try? await life.value
    }

    @Test("rejoins once it is told to, and is needed and there from then on", .timeLimit(.minutes(2)))
    func rejoins() async throws {
        let network = try LiveNetwork(validatorCount: 4)
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            let others = try [1, 2, 3].map { try network.node($0) }
            let tasks = others.map { node in Task { try await node.run() } }
            defer { for task in tasks { task.cancel() } }
            try await live(network, with: others)
            try FileManager.default.removeItem(atPath: "\(network.folder.path)/data-0")
            try RejoinSetup.require(network.configuration(0))
            let again = try network.node(0)
            #expect(try await again.ledger.nodeStatus().voting?.state == .rejoining)
            group.addTask { try await again.run() }
            // With one of four lost none of the others may be, until all three answered and the first view in which it
            // votes again has come.
            while true {
                let status = try await again.ledger.nodeStatus()
                if status.voting?.state == .voting, status.view >= status.voting?.firstView ?? 0 { break }
                let transaction = try network.plan()
                _ = try await others[0].ledger.submit([transaction])
                _ = try await again.ledger.settledTransaction(transaction.id)
            }
            // With another one away the quorum needs the one that rejoined.
            tasks[2].cancel()
            try await network.finalizePlan(on: others[0], [again])
            let voting = try #require(try await again.ledger.nodeStatus().voting)
            #expect(voting.state == .voting)
            #expect(voting.firstView ?? 0 >= 3)
            for node in others { #expect(node.evidence.isEmpty) }
        }
    }

    @Test("An observer has no votes to lose, and says so")
    func observer() throws {
        let network = try LiveNetwork(validatorCount: 4)
        var configuration = try network.configuration(0)
        configuration.keys.validator = nil
        #expect(throws: NodeError.self) { try RejoinSetup.require(configuration) }
    }
}
