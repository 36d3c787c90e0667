import JalonCrypto
import JalonModel
import JalonState

/// The cost of one more milestone on states of two sizes, without a network: execution and the state's root.
struct StateCost {
    private static let blockSize = 1_000
    private static let measuredBlocks = 15

    private var workload: Workload
    private var state: LedgerState
    private var height = Height(0)
    private let genesis: Genesis
    private let key: PublicKey

    /// Microseconds a transaction, at each size.
    struct Result {
        let small: Double
        let large: Double
        var ratio: Double { small > 0 ? large / small : 0 }
    }

    private init() throws {
        func key(_ number: UInt8) throws -> PublicKey {
            try PrivateKey(seed: [UInt8](repeating: number, count: 32)).publicKey
        }
        guard let network = NetworkID("bench"), let member = MemberID("xz-01"),
            let region = RegionCode("XZ-01")
        else { throw BenchFailure("a constant has not its form") }
        let authority = try key(1)
        var parameters = Parameters()
        parameters.minimumValidatorCount = 1
        let genesis = try Genesis(
            network: network,
            time: Workload.now().reduced(byMilliseconds: 86_400_000),
            parameters: parameters,
            units: [],
            sectors: [],
            members: [
                Member(
                    id: member,
                    roles: [.province],
                    name: try LocalizedText(zh: "示例"),
                    region: region,
                    authorityKeys: [authority],
                    recoveryKey: try key(2),
                    nodes: [NodeEntry(key: try key(3))]
                )
            ],
            validators: try ValidatorSet([Validator(key: try key(4), member: member)])
        )
        self.genesis = genesis
        self.key = authority
        state = LedgerState(genesis: genesis)
        workload = Workload(
            chain: genesis.chain,
            members: [(member, region, NoSignature(publicKey: authority))]
        )
        let time = Workload.now()
        _ = try apply([try workload.plan(of: 0, at: time)], at: time)
        _ = try apply(try workload.commitments(of: 0, at: time), at: time)
    }

    /// Grows one state to each size and then gives both the same number of blocks in turn, so that whatever else the
    /// machine does meanwhile slows both.
    static func measure(small: Int, large: Int) throws -> Result {
        var states = [try StateCost(milestones: small), try StateCost(milestones: large)]
        var costs: [[Double]] = [[], []]
        for _ in 0..<measuredBlocks {
            for index in states.indices { costs[index].append(try states[index].addBlock()) }
        }
        return Result(small: costs[0].median, large: costs[1].median)
    }

    private init(milestones count: Int) throws {
        try self.init()
        for _ in 0..<(count / StateCost.blockSize) { _ = try addBlock() }
    }

    /// - Returns: Microseconds a transaction.
    private mutating func addBlock() throws -> Double {
        let time = Workload.now()
        let block = try workload.milestones(StateCost.blockSize, at: time)
        return try apply(block, at: time) * 1e6 / Double(block.count)
    }

    /// - Returns: The seconds that execution and root took.
    private mutating func apply(_ transactions: [Transaction], at time: Timestamp) throws -> Double {
        let verified = transactions.compactMap { $0.verified(key: key, by: Trusting()) }
        guard verified.count == transactions.count else {
            throw BenchFailure("a key is not its transaction's")
        }
        height = height.next
        let start = ContinuousClock.now
        var execution = BlockExecution(
            on: state,
            context: BlockContext(genesis, height: height, timestamp: time)
        )
        for transaction in verified { try execution.apply(transaction) }
        state = execution.finish().state
        return (ContinuousClock.now - start).seconds
    }
}

/// A signature of zeros, which ``Trusting`` lets pass: signatures are not what is measured there.
struct NoSignature: Signing {
    let publicKey: PublicKey
    func sign(_ message: [UInt8]) -> [UInt8] { [UInt8](repeating: 0, count: 64) }
}

/// Takes every signature for good.
struct Trusting: SignatureVerifying {
    func isValid(signature: ArraySlice<UInt8>, message: [UInt8], key: PublicKey) -> Bool { true }
}
