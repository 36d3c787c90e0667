import JalonCore
import JalonCrypto
import JalonModel
import JalonState

/// The clients of a run: what they sent, who said to hold it, and what they may expect.
///
/// A client treats silence as "unknown": it sends the same bytes to another node. A patient one asks only once and
/// relies on the one node that took its transaction.
struct Clients {
    /// What a transaction is, and so what follows once it is final.
    enum Kind {
        case plan(PlanID)
        case rival(PlanID)
        case commitment(CommitmentID)
        case milestone
        /// Something about the network itself; it may be refused, as decisions cross each other.
        case decision
    }

    /// A transaction that a client wants final.
    struct Wish {
        let transaction: Transaction
        let member: Int
        let kind: Kind
        let isPatient: Bool
        /// The node that was asked first, and when.
        var asked: (node: Int, at: Moment)?
        /// From then until that node told that it is final.
        var latency: Moment.Span?
        /// The processes that said they hold it.
        var holders: [(node: Int, life: UInt64)] = []
        var isFinal = false
        /// Whether a node said that it can't stand in a block any more.
        var isGivenUp = false
        /// Whether another one with the same id may become final instead.
        var hasRival = false
    }

    private(set) var wishes: [Wish] = []
    /// The transaction that took longest, and how long.
    private(set) var worstLatency: (leaf: LeafHash, latency: Moment.Span)?
    /// Whether members lose their rights in this run.
    private let mayBeRefused: Bool
    private var places: [LeafHash: Int] = [:]
    private var maker: TransactionMaker
    /// Final plans and commitments that nothing was built on yet, with their members.
    private var plans: [(id: PlanID, member: Int)] = []
    private var commitments: [(id: CommitmentID, member: Int, days: Int)] = []
    /// Plans that were contested: of the wishes with this id one at most becomes final.
    private var contested: Set<PlanID> = []
    private var settled: Set<PlanID> = []

    init(membership: Membership, random: SimulationRandom, mayBeRefused: Bool = false) {
        self.mayBeRefused = mayBeRefused
        maker = TransactionMaker(membership: membership, random: random)
    }

    // MARK: - Wishing

    /// Makes another transaction.
    ///
    /// - Returns: Its index among ``wishes``.
    mutating func wish(
        isPatient: Bool,
        at time: Timestamp,
        memberCount: Int,
        random: inout SimulationRandom
    ) -> Int {
        let member = random.index(below: memberCount)
        switch random.number(in: 0...9) {
        case 0:
            if let rival = wishes.indices.last(where: { isContestable(wishes[$0]) }) {
                return contest(rival, isPatient: isPatient, at: time)
            }
        case 1, 2:
            if let plan = plans.popLast() {
                let made = maker.commitment(under: plan.id, by: plan.member, at: time)
                return add(made.transaction, by: plan.member, .commitment(made.id), isPatient: isPatient)
            }
        case 3, 4, 5:
            if let index = commitments.indices.last {
                commitments[index].days += 1
                let (id, owner, days) = commitments[index]
                let made = maker.milestone(on: id, day: days, by: owner, at: time)
                return add(made, by: owner, .milestone, isPatient: isPatient)
            }
        default: break
        }
        return wishPlan(by: member, isPatient: isPatient, at: time)
    }

    /// Makes a transaction that depends on nothing.
    mutating func wishPlan(by member: Int, isPatient: Bool, at time: Timestamp) -> Int {
        let made = maker.plan(by: member, at: time)
        return add(made.transaction, by: member, .plan(made.id), isPatient: isPatient)
    }

    /// Makes a decision about the network.
    mutating func wishDecision(_ body: TransactionBody, by member: Int, at time: Timestamp) -> Int {
        add(maker.decision(body, by: member, at: time), by: member, .decision, isPatient: false)
    }

    /// Makes a rival of a plan that was made before.
    mutating func wishRival(of index: Int, at time: Timestamp) -> Int {
        contest(index, isPatient: true, at: time)
    }

    private func isContestable(_ wish: Wish) -> Bool {
        guard case .plan = wish.kind else { return false }
        return !wish.hasRival && !wish.isFinal
    }

    private mutating func contest(_ index: Int, isPatient: Bool, at time: Timestamp) -> Int {
        guard case .plan(let id) = wishes[index].kind else { preconditionFailure("only plans are contested") }
        wishes[index].hasRival = true
        contested.insert(id)
        let member = wishes[index].member
        let rival = maker.rival(of: id, by: member, at: time)
        return add(rival, by: member, .rival(id), isPatient: isPatient)
    }

    private mutating func add(_ transaction: Transaction, by member: Int, _ kind: Kind, isPatient: Bool)
        -> Int
    {
        places[transaction.leaf] = wishes.count
        wishes.append(Wish(transaction: transaction, member: member, kind: kind, isPatient: isPatient))
        return wishes.count - 1
    }

    /// A wish is handed in.
    mutating func ask(_ node: Int, for index: Int, at now: Moment) {
        if wishes[index].asked == nil { wishes[index].asked = (node, now) }
    }

    // MARK: - Answers

    /// Takes what a node told its clients.
    mutating func take(_ told: NodeNotice, at now: Moment) throws(Finding) {
        switch told.notice {
        case .pending(_, let leaf):
            if let place = places[leaf] { wishes[place].holders.append((told.node, told.life)) }
        case .alreadyFinal(_, let leaf):
            if let place = places[leaf] { becameFinal(place) }
        case .final(let final):
            for transaction in final.transactions {
                // Leaders make the activation of validators themselves.
                if case .success(.validatorsActivate) = transaction.content { continue }
                guard let place = places[transaction.leaf] else {
                    throw Finding("D1", "\(transaction.leaf.short) is final, and no client sent it")
                }
                becameFinal(place)
                noteLatency(of: place, at: told.node, now)
            }
        case .rejected(let leaf, _, let refusal):
            guard let place = places[leaf] else { return }
            if case .decision = wishes[place].kind { wishes[place].isGivenUp = true }
            // In a network whose members are suspended and removed a plan may be refused too.
            if refusal.code == .memberStanding || refusal.code == .keyInactive
                || refusal.code == .unknownMember
                || refusal.code == .unknownKey
            {
                wishes[place].isGivenUp = true
                guard !mayBeRefused else { return }
            }
            guard case .plan = wishes[place].kind, !wishes[place].hasRival else { return }
            throw Finding(
                "X",
                "node \(told.node) refuses the valid \(leaf.short): \(refusal.code.rawValue) \(refusal.message)"
            )
        case .view, .evidence: break
        }
    }

    /// Learns what became final without a word: a node may die between making a block durable and telling of it.
    mutating func settle(isFinal: (LeafHash) -> Bool) {
        for place in wishes.indices where !wishes[place].isFinal && isFinal(wishes[place].transaction.leaf) {
            becameFinal(place)
        }
    }

    private mutating func noteLatency(of place: Int, at node: Int, _ now: Moment) {
        guard let asked = wishes[place].asked, asked.node == node, wishes[place].latency == nil else {
            return
        }
        let latency = now.since(asked.at)
        wishes[place].latency = latency
        if latency > worstLatency?.latency ?? .zero {
            worstLatency = (wishes[place].transaction.leaf, latency)
        }
    }

    private mutating func becameFinal(_ place: Int) {
        guard !wishes[place].isFinal else { return }
        wishes[place].isFinal = true
        let member = wishes[place].member
        switch wishes[place].kind {
        case .plan(let id), .rival(let id):
            settled.insert(id)
            plans.append((id, member))
        case .commitment(let id): commitments.append((id, member, 0))
        case .milestone, .decision: break
        }
    }

    // MARK: - Expectations

    /// Whether a wish can't become final any more, because a rival of it is.
    func isLost(_ wish: Wish) -> Bool {
        switch wish.kind {
        case .plan(let id), .rival(let id):
            (contested.contains(id) && settled.contains(id)) || (wish.isGivenUp && mayBeRefused)
        case .commitment, .milestone: wish.isGivenUp
        case .decision: true
        }
    }

    /// The wishes that must become final in a healed network and are not: those that their clients repeat, and those
    /// that a process of the core still holds.
    func unfulfilled(core: [Int], lives: [UInt64]) -> [Wish] {
        wishes.filter { wish in
            guard !wish.isFinal, !isLost(wish) else { return false }
            guard wish.isPatient else { return true }
            return wish.holders.contains { core.contains($0.node) && lives[$0.node] == $0.life }
        }
    }
}
