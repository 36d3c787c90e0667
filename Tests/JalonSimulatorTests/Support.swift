import JalonCore
import JalonModel

@testable import JalonSimulator

/// A world under the hand of a test, with a client that makes plans: transactions that depend on nothing.
struct Laboratory {
    let world: World
    private var clients: Clients
    private(set) var heard: [NodeNotice] = []

    init(validatorCount: Int, seed: UInt64 = 1, _ change: (inout WorldConfiguration) -> Void = { _ in }) {
        var configuration = WorldConfiguration(seed: seed, validatorCount: validatorCount)
        change(&configuration)
        world = World(configuration)
        clients = Clients(membership: world.membership, random: SimulationRandom(seed: seed))
        world.startAll()
        // Connections are made 100 to 300 ms after the start.
        run(milliseconds: 1_000)
    }

    /// Lets time pass and listens to the nodes.
    mutating func run(milliseconds: UInt64) {
        world.run(for: .milliseconds(milliseconds))
        heard.append(contentsOf: world.takeNotices())
    }

    /// Hands a new transaction to a node.
    @discardableResult
    mutating func submit(to node: Int) -> LeafHash {
        let index = clients.wishPlan(by: node % world.membership.count, isPatient: true, at: world.trueTime)
        let transaction = clients.wishes[index].transaction
        world.submit([transaction.bytes], to: node)
        return transaction.leaf
    }

    /// Hands the same bytes to another node.
    mutating func submitAgain(_ leaf: LeafHash, to node: Int) {
        let bytes = clients.wishes.first { $0.transaction.leaf == leaf }?.transaction.bytes
        world.submit([bytes ?? []], to: node)
    }

    /// A transaction did not become final in time.
    struct NotFinal: Error {
        let leaf: LeafHash
        let moment: Moment
        let violation: Violation?
    }

    /// Lets time pass until a transaction is final.
    ///
    /// - Returns: How many milliseconds that took.
    @discardableResult
    mutating func waitForFinal(_ leaf: LeafHash, limit: UInt64 = 30_000) throws -> UInt64 {
        for waited in stride(from: UInt64(0), through: limit, by: 10) {
            guard !isFinal(leaf) else { return waited }
            guard world.violation == nil else { break }
            run(milliseconds: 10)
        }
        throw NotFinal(leaf: leaf, moment: world.now, violation: world.violation)
    }

    /// Submits to a node and waits.
    @discardableResult
    mutating func makeFinal(at node: Int, limit: UInt64 = 30_000) throws -> UInt64 {
        try waitForFinal(submit(to: node), limit: limit)
    }

    /// Whether a quorum made a transaction final.
    func isFinal(_ leaf: LeafHash) -> Bool { world.oracle.chain.height(of: leaf) != nil }

    /// The heights of all nodes.
    var heights: [Height] { world.nodes.indices.map { world.height(of: $0) } }

    /// Whether the node told a client that it holds the transaction.
    func isPending(_ leaf: LeafHash, at node: Int) -> Bool {
        heard.contains { told in
            guard told.node == node, case .pending(_, let pending) = told.notice else { return false }
            return pending == leaf
        }
    }
}
