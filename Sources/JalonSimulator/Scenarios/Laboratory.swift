import JalonCore
import JalonModel

/// A world under the hand of a scenario or a test, with a client that makes plans: transactions that depend on nothing.
struct Laboratory {
    let world: World
    var clients: Clients
    private(set) var heard: [NodeNotice] = []

    init(
        validatorCount: Int,
        seed: UInt64 = 1,
        _ change: (inout WorldConfiguration) -> Void = { _ in },
        beforeStart prepare: (World) -> Void = { _ in }
    ) {
        var configuration = WorldConfiguration(seed: seed, validatorCount: validatorCount)
        change(&configuration)
        world = World(configuration)
        clients = Clients(membership: world.membership, random: SimulationRandom(seed: seed))
        prepare(world)
        world.startAll()
        // Connections are made 100 to 300 ms after the start.
        run(milliseconds: 1_000)
    }

    // MARK: - Time

    /// Lets time pass and listens to the nodes.
    mutating func run(milliseconds: UInt64) {
        world.run(for: .milliseconds(milliseconds))
        heard.append(contentsOf: world.takeNotices())
    }

    // MARK: - Transactions

    /// The time that a client goes by: true time, or the chain's where that is ahead.
    var clientTime: Timestamp {
        let chain = world.oracle.chain
        return max(
            world.trueTime,
            chain.header(of: chain.final[Int(chain.height.value)])?.timestamp ?? Timestamp(0)
        )
    }

    /// Hands a new transaction to a node.
    @discardableResult
    mutating func submit(to node: Int) -> LeafHash {
        let index = clients.wishPlan(by: node % world.membership.count, isPatient: true, at: clientTime)
        return submit(index, to: node)
    }

    /// Hands a plan with the id of one made before, and another title, to a node.
    mutating func submitRival(of leaf: LeafHash, to node: Int) -> LeafHash? {
        guard let index = clients.wishes.firstIndex(where: { $0.transaction.leaf == leaf }) else {
            return nil
        }
        // Not in one expression, which would hand over the clients as they were before.
        let rival = clients.wishRival(of: index, at: clientTime)
        return submit(rival, to: node)
    }

    private func submit(_ index: Int, to node: Int) -> LeafHash {
        let transaction = clients.wishes[index].transaction
        world.submit([transaction.bytes], to: node)
        return transaction.leaf
    }

    /// Makes a transaction and hands it to nobody.
    mutating func make(by member: Int) -> Transaction {
        let index = clients.wishPlan(by: member, isPatient: true, at: clientTime)
        return clients.wishes[index].transaction
    }

    /// Hands the same bytes to another node.
    mutating func submitAgain(_ leaf: LeafHash, to node: Int) {
        let bytes = clients.wishes.first { $0.transaction.leaf == leaf }?.transaction.bytes
        world.submit([bytes ?? []], to: node)
    }

    /// Lets time pass until a transaction is final.
    ///
    /// - Returns: How many milliseconds that took.
    /// - Throws: A finding of rule L2 where it takes longer than `limit` milliseconds, or what the oracle found.
    @discardableResult
    mutating func waitForFinal(_ leaf: LeafHash, limit: UInt64 = 30_000) throws(Finding) -> UInt64 {
        for waited in stride(from: UInt64(0), through: limit, by: 10) {
            try check()
            guard !isFinal(leaf) else { return waited }
            run(milliseconds: 10)
        }
        throw Finding("L2", "\(leaf.short) is not final after \(limit) ms")
    }

    /// Submits to a node and waits.
    @discardableResult
    mutating func makeFinal(at node: Int, limit: UInt64 = 30_000) throws(Finding) -> UInt64 {
        try waitForFinal(submit(to: node), limit: limit)
    }

    // MARK: - Looking

    /// Whether a quorum made a transaction final.
    func isFinal(_ leaf: LeafHash) -> Bool { world.oracle.chain.height(of: leaf) != nil }

    /// The heights of all nodes.
    var heights: [Height] { world.nodes.indices.map { world.height(of: $0) } }

    /// The final blocks of a node.
    func blocks(of node: Int) -> [Block] { world.nodes[node].disk.finalBlocks }

    /// Whether the node told a client that it holds the transaction.
    func isPending(_ leaf: LeafHash, at node: Int) -> Bool {
        heard.contains { told in
            guard told.node == node, case .pending(_, let pending) = told.notice else { return false }
            return pending == leaf
        }
    }

    /// - Throws: What the oracle found.
    func check() throws(Finding) {
        if let violation = world.violation { throw Finding(violation.rule, violation.finding) }
    }

    /// - Throws: What the oracle found, or a finding where a condition does not hold.
    func expect(_ condition: Bool, _ rule: String, _ text: @autoclosure () -> String) throws(Finding) {
        try check()
        guard condition else { throw Finding(rule, text()) }
    }
}
