import Foundation
import JalonCore
import JalonCrypto
import JalonModel
import JalonSchema
import Logging
import Testing

@testable import JalonNode
@testable import JalonStorage

@Suite("A node's ledger is lost or damaged", .serialized)
struct RecoveryTests {
    /// Four nodes, of which the first can be ended by itself; three blocks or more are final on it as well.
    private struct Running {
        let network: LiveNetwork
        let first: Task<Void, any Error>
        let others: [Node]
        let tasks: [Task<Void, any Error>]

        func end() {
            for task in tasks { task.cancel() }
        }
    }

    private func running() async throws -> Running {
        let network = try LiveNetwork(validatorCount: 4)
        let others = try [1, 2, 3].map { try network.node($0) }
        let tasks = others.map { node in Task { try await node.run() } }
        // From here on nothing but its task holds it, so its folder is free once that has ended.
        let node = try network.node(0)
        let first = Task { try await node.run() }
        for _ in 0..<3 { try await network.finalizePlan(on: others[0], [node]) }
        return Running(network: network, first: first, others: others, tasks: tasks)
    }

    /// Makes blocks until a node votes again.
    private func makeBlocks(_ network: LiveNetwork, on other: Node, untilVoting node: Node) async throws {
        while true {
            let status = try await node.ledger.nodeStatus()
            if status.voting?.state == .voting, status.view >= status.voting?.firstView ?? 0 { return }
            let transaction = try network.plan()
            _ = try await other.ledger.submit([transaction])
            _ = try await node.ledger.settledTransaction(transaction.id)
        }
    }

    /// Ends a node, and gives its folder another name.
    private func lose(_ network: LiveNetwork, _ task: Task<Void, any Error>) async throws {
        task.cancel()
        _ = try? await task.value
        let data = "\(network.folder.path)/data-0"
        try FileManager.default.moveItem(atPath: data, toPath: data + "-lost")
    }

    @Test(
        "A backup taken while it ran, its own or another's, is restored: it rejoins and votes in no view twice",
        .timeLimit(.minutes(2)),
        arguments: [0, 2]
    )
    func restored(source: Int) async throws {
        let running = try await running()
        defer { running.end() }
        let (network, others) = (running.network, running.others)
        let backup = "\(network.folder.path)/backup.sqlite"
        let copy = try LedgerReader.open(readOnly: "\(network.folder.path)/data-\(source)").backUp(to: backup)
        // What it votes from here on is not in the backup.
        for _ in 0..<4 { try await network.finalizePlan(on: others[0]) }
        try await lose(network, running.first)

        let setup = try RestoreSetup(network.configuration(0))
        let report = try setup.run(backup)
        #expect(report.height == copy.height && report.rejoins)
        #expect(throws: StorageError.exists(path: "\(network.folder.path)/data-0")) { try setup.run(backup) }

        let again = try network.node(0)
        let status = try await again.ledger.nodeStatus()
        #expect(status.voting?.state == .rejoining)
        #expect(status.head.height == copy.height.value)
        let secondLife = Task { try await again.run() }
        defer { secondLife.cancel() }
        try await makeBlocks(network, on: others[0], untilVoting: again)
        // With another one away the quorum needs the one that was restored.
        running.tasks[2].cancel()
        try await network.finalizePlan(on: others[0])
        for node in others { #expect(node.evidence.isEmpty) }
        #expect(again.evidence.isEmpty)
    }

    @Test("A damaged ledger is put aside and fetched anew, and the node rejoins", .timeLimit(.minutes(2)))
    func resynced() async throws {
        let running = try await running()
        defer { running.end() }
        let (network, others) = (running.network, running.others)
        let data = "\(network.folder.path)/data-0"
        running.first.cancel()
        _ = try? await running.first.value
        do {
            let damaged = try LedgerStore.open(in: DataFolder(opening: data))
            try damaged.execute("UPDATE block SET body = substr(body, 2)")
            try damaged.close()
        }
        await #expect(throws: VerificationFailure.self) {
            try await LedgerVerifier(LedgerReader.open(readOnly: data)).verify()
        }

        let aside = try #require(try ResyncSetup.run(network.configuration(0)))
        #expect(try LedgerReader.open(readOnly: aside).finalHeight() > Height(0))
        let again = try network.node(0)
        #expect(try await again.ledger.nodeStatus().voting?.state == .rejoining)
        #expect(try await again.ledger.nodeStatus().head.height == 0)
        let secondLife = Task { try await again.run() }
        defer { secondLife.cancel() }
        try await makeBlocks(network, on: others[0], untilVoting: again)
        let report = try await LedgerVerifier(LedgerReader.open(readOnly: data)).verify()
        #expect(report.height >= Height(3))
        for node in others { #expect(node.evidence.isEmpty) }
    }

    @Test("Nothing is put aside or restored under a running node")
    func inUse() throws {
        let network = try LiveNetwork(validatorCount: 4)
        let configuration = try network.configuration(0)
        let node = try DataFolder(creating: configuration.data)
        #expect(throws: DataFolderError.self) { try ResyncSetup.run(configuration) }
        #expect(throws: DataFolderError.self) { try RestoreSetup(configuration).run("backup") }
        withExtendedLifetime(node) {}
    }

    /// A backup of the network's genesis alone.
    private func backup(of network: LiveNetwork) throws -> String {
        let store = try LedgerStore.create(
            in: DataFolder(creating: "\(network.folder.path)/source"),
            genesis: network.genesis.encoded,
            identity: LedgerIdentity(network: network.genesis.network, chain: network.genesis.chain)
        )
        let path = "\(network.folder.path)/backup.sqlite"
        _ = try store.reader.backUp(to: path)
        try store.close()
        return path
    }

    @Test("A backup of another network, or a file that is none, is refused, and nothing is left")
    func refused() throws {
        let (network, other) = (try LiveNetwork(validatorCount: 4), try LiveNetwork(validatorCount: 4))
        let foreign = try backup(of: other)
        let broken = try network.folder.write("no ledger at all, only words", "broken")
        for path in [foreign, broken, "\(network.folder.path)/nothing"] {
            #expect(throws: StorageError.self) { try RestoreSetup(network.configuration(0)).run(path) }
            let names = try FileManager.default.contentsOfDirectory(atPath: network.configuration(0).data)
            #expect(names == ["lock"], "\(path)")
        }
    }

    @Test("A backup in which a page is damaged is refused")
    func damaged() throws {
        let network = try LiveNetwork(validatorCount: 4)
        let path = try backup(of: network)
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        // The head of the second page.
        for position in 4_096..<4_104 { bytes[position] ^= 0xFF }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        #expect(throws: StorageError.self) { try RestoreSetup(network.configuration(0)).run(path) }
    }

    @Test(
        "Where it seals alone nobody knows what it sealed, so a backup needs a word more, and a resync is refused"
    )
    func alone() throws {
        let network = try LiveNetwork(validatorCount: 1)
        let path = try backup(of: network)
        let setup = try RestoreSetup(network.configuration(0))
        #expect(throws: SetupError.soleValidator(height: Height(0))) { try setup.run(path) }
        #expect(throws: SetupError.onlyValidator) { try ResyncSetup.run(network.configuration(0)) }
        #expect(try setup.run(path, isSole: true).height == Height(0))
        // Nor may it vote after other losses of everything.
        #expect(throws: SetupError.onlyValidator) { try RejoinSetup.require(network.configuration(0)) }
    }

    @Test("Where it seals alone and its ledger is lost it does not begin anew, unless it is told to")
    func lost() throws {
        let network = try LiveNetwork(validatorCount: 1)
        let configuration = try network.configuration(0)
        #expect(throws: NodeError.lostLedger(path: configuration.data)) { try network.node(0) }
        // Nor does what refuses to help leave an empty ledger, on which it would.
        #expect(throws: SetupError.onlyValidator) { try RejoinSetup.require(configuration) }
        #expect(throws: NodeError.lostLedger(path: configuration.data)) { try network.node(0) }
        var logger = Logger(label: "first")
        logger.logLevel = .critical
        _ = try Node(configuration: configuration, isFirstStart: true, logger: logger)
        // Among others it asks them.
        _ = try LiveNetwork(validatorCount: 4).node(0)
    }

    @Test("An observer has nothing to rejoin for")
    func observer() throws {
        let network = try LiveNetwork(validatorCount: 4)
        var configuration = try network.configuration(0)
        configuration.keys.validator = nil
        #expect(try !RestoreSetup(configuration).run(backup(of: network)).rejoins)
    }
}
