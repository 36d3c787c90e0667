import JalonModel
import JalonState

/// Decisions about the network, in a laboratory.
extension Laboratory {
    /// The final state, as the oracle executed it.
    var finalState: LedgerState { world.oracle.executor.state }

    /// The epoch that the next block is of, as the oracle knows it.
    var epoch: Epoch { world.oracle.epochs.last.context.epoch }

    /// The nodes behind the validators of the newest epoch, in their order.
    var validators: [Int] { world.oracle.epochs.last.nodes }

    /// Hands a decision to a node and waits until it is final.
    ///
    /// `member` is the node of the member that signs, `node` the one that takes it; `nil` for the member's own.
    @discardableResult
    mutating func pass(_ body: TransactionBody, by member: Int, at node: Int? = nil) throws(Finding)
        -> TransactionID
    {
        let index = clients.wishDecision(body, by: member, at: clientTime)
        let transaction = clients.wishes[index].transaction
        world.submit([transaction.bytes], to: node ?? member)
        try waitForFinal(transaction.leaf, limit: 30_000)
        return transaction.id
    }

    /// Lets members propose actions and all of these vote for each of them, until they have had their effects.
    mutating func decide(_ actions: [GovernanceAction], by voters: [Int]) throws(Finding) {
        var proposals: [Transaction] = []
        for (place, action) in actions.enumerated() {
            let proposer = voters[place % voters.count]
            let propose = GovernancePropose(
                network: world.membership.genesis.network,
                action: action,
                reason: Laboratory.reason
            )
            let index = clients.wishDecision(.governancePropose(propose), by: proposer, at: clientTime)
            proposals.append(clients.wishes[index].transaction)
        }
        world.submit(proposals.map(\.bytes), to: voters[0])
        try wait("L2", "proposals to be final", limit: 20_000) { laboratory in
            proposals.allSatisfy { laboratory.finalState.proposal($0.id) != nil }
        }
        var votes: [[UInt8]] = []
        for (place, proposal) in proposals.enumerated() {
            for voter in voters where voter != voters[place % voters.count] {
                guard finalState.proposal(proposal.id)?.outcome == .open else { break }
                let vote = GovernanceVote(
                    network: world.membership.genesis.network,
                    proposal: proposal.id,
                    ballot: .yes
                )
                let index = clients.wishDecision(.governanceVote(vote), by: voter, at: clientTime)
                votes.append(clients.wishes[index].transaction.bytes)
            }
        }
        world.submit(votes, to: voters[0])
        do {
            try wait("L2", "decisions to have their effects", limit: 20_000) { laboratory in
                proposals.allSatisfy { laboratory.finalState.proposal($0.id)?.outcome == .effective }
            }
        } catch {
            let outcomes = proposals.map { finalState.proposal($0.id)?.outcome.rawValue ?? "nothing" }
            throw Finding(error.rule, "\(error.text): they are \(outcomes)")
        }
    }

    mutating func decide(_ action: GovernanceAction, by voters: [Int]) throws(Finding) {
        try decide([action], by: voters)
    }

    /// Lets members pass an upgrade that takes effect in so many blocks.
    ///
    /// - Returns: The first height that goes by the next rules.
    mutating func passUpgrade(
        to rules: UInt64,
        inBlocks count: UInt64,
        by voters: [Int]
    ) throws(Finding) -> Height {
        let network = world.membership.genesis.network
        let propose = GovernancePropose(
            network: network,
            action: .upgrade(rules),
            reason: Laboratory.reason,
            effectiveHeight: Height(world.finalHeight.value + count)
        )
        let proposal = try pass(.governancePropose(propose), by: voters[0])
        for voter in voters.dropFirst() {
            // A node has to tell of a block before the oracle executes it.
            try wait("L2", "what is final to be executed", limit: 20_000) { laboratory in
                laboratory.world.oracle.executor.height == laboratory.world.oracle.chain.height
            }
            guard finalState.proposal(proposal)?.outcome == .open else { break }
            let vote = GovernanceVote(network: network, proposal: proposal, ballot: .yes)
            try pass(.governanceVote(vote), by: voter)
        }
        try wait("L2", "an upgrade to pass", limit: 20_000) { laboratory in
            laboratory.finalState.proposal(proposal)?.effective != nil
        }
        guard let effective = finalState.proposal(proposal)?.effective else {
            throw Finding("X", "an upgrade that all voted for did not pass")
        }
        return effective
    }

    /// Changes a node's validator key to its next one, by way of any node.
    mutating func rotate(_ member: Int, at node: Int? = nil) throws(Finding) {
        let membership = world.membership
        guard let seat = finalState.validators.index(of: membership.members[member].id),
            let key = finalState.validators[seat]?.key,
            let number = membership.keyNumber(key, of: member)
        else { throw Finding("X", "node \(member) has no seat") }
        try pass(.keyRotate(membership.rotation(of: member, to: number + 1)), by: member, at: node)
    }

    /// Lets members be admitted with seats, and starts their nodes.
    mutating func admit(_ joiners: [Int], by voters: [Int], starting starters: [Int]? = nil) throws(Finding) {
        try decide(joiners.map { .admit(world.membership.admission(of: $0)) }, by: voters)
        for node in starters ?? joiners { world.start(node) }
    }

    /// Lets members be removed.
    mutating func remove(_ nodes: [Int], by voters: [Int]) throws(Finding) {
        try decide(nodes.map { .remove(world.membership.members[$0].id) }, by: voters)
    }

    /// Waits until an epoch has begun.
    ///
    /// - Returns: How many milliseconds that took.
    @discardableResult
    mutating func waitForEpoch(_ number: UInt64, limit: UInt64 = 20_000) throws(Finding) -> UInt64 {
        try wait("L2", "epoch \(number)", limit: limit) { $0.epoch.value >= number }
    }

    /// Waits until so many seal blocks.
    mutating func waitForValidators(_ count: Int, limit: UInt64 = 30_000) throws(Finding) {
        try wait("L2", "\(count) validators", limit: limit) { $0.validators.count == count }
    }

    /// Waits until nodes have applied what is final and are in the newest epoch.
    mutating func waitForTip(_ nodes: [Int], limit: UInt64 = 20_000) throws(Finding) {
        try wait("L2", "nodes \(nodes) to reach the tip", limit: limit) { laboratory in
            nodes.allSatisfy { laboratory.world.height(of: $0) == laboratory.world.finalHeight }
        }
    }

    /// Lets time pass until something holds.
    ///
    /// - Returns: How many milliseconds that took.
    @discardableResult
    mutating func wait(
        _ rule: String,
        _ what: String,
        limit: UInt64,
        until isReached: (Laboratory) -> Bool
    ) throws(Finding) -> UInt64 {
        for waited in stride(from: UInt64(0), through: limit, by: 10) {
            try check()
            guard !isReached(self) else { return waited }
            run(milliseconds: 10)
        }
        throw Finding(rule, "waited \(limit) ms in vain for \(what)")
    }

    private static let reason: Text = {
        do { return try LocalizedText(zh: "laboratory").zh } catch {
            preconditionFailure("a word is a text: \(error)")
        }
    }()
}
