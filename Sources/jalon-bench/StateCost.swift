import JalonCrypto
import JalonModel
import JalonState

/// The cost of one more milestone on states of two sizes, without a network: execution and the state's root.
struct StateCost {
    private static let blockSize = 1_000
    private static let measuredBlocks = 10

    private var workload: Workload
    private var state: LedgerState
    private var height = Height(0)
    private let chain: ChainID
    private let key: PublicKey

    /// Microseconds a transaction, at each size.
    struct Result {
        let small: Double
        let large: Double
        var ratio: Double { small > 0 ? large / small : 0 }
    }

    /// A signature of zeros, which ``Trusting`` lets pass: signatures are not what is measured here.
    private struct NoSignature: Signing {
        let publicKey: PublicKey
        func sign(_ message: [UInt8]) -> [UInt8] { [UInt8](repeating: 0, count: 64) }
    }

    private struct Trusting: SignatureVerifying {
        func isValid(signature: ArraySlice<UInt8>, message: [UInt8], key: PublicKey) -> Bool { true }
    }

    init() throws {
        func key(_ number: UInt8) throws -> PublicKey {
            try PrivateKey(seed: [UInt8](repeating: number, count: 32)).publicKey
        }
        guard let network = NetworkID("bench"), let member = MemberID("xz-01"), let region = RegionCode("XZ-01")
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
        chain = genesis.chain
        self.key = authority
        state = LedgerState(genesis: genesis)
        workload = Workload(chain: chain, members: [(member, region, NoSignature(publicKey: authority))])
        let time = Workload.now()
        _ = try apply([try workload.plan(of: 0, at: time)], at: time)
        _ = try apply(try workload.commitments(of: 0, at: time), at: time)
    }

    mutating func measure(small: Int, large: Int) throws -> Result {
        var done = 0
        let first = try grow(to: small, &done)
        let last = try grow(to: large, &done)
        return Result(small: first, large: last)
    }

    /// Applies blocks up to `count` milestones.
    ///
    /// - Returns: The median cost of the last blocks, in microseconds a transaction.
    private mutating func grow(to count: Int, _ done: inout Int) throws -> Double {
        var costs: [Double] = []
        while done < count {
            let time = Workload.now()
            let block = try workload.milestones(StateCost.blockSize, at: time)
            let seconds = try apply(block, at: time)
            done += block.count
            costs.append(seconds * 1e6 / Double(block.count))
        }
        return Array(costs.suffix(StateCost.measuredBlocks)).median
    }

    /// - Returns: The seconds that execution and root took.
    private mutating func apply(_ transactions: [Transaction], at time: Timestamp) throws -> Double {
        let verified = transactions.compactMap { $0.verified(key: key, by: Trusting()) }
        guard verified.count == transactions.count else { throw BenchFailure("a key is not its transaction's") }
        height = height.next
        let start = ContinuousClock.now
        var execution = BlockExecution(
            on: state,
            context: BlockContext(chain: chain, height: height, timestamp: time)
        )
        for transaction in verified { try execution.apply(transaction) }
        state = execution.finish().state
        return (ContinuousClock.now - start).seconds
    }
}
