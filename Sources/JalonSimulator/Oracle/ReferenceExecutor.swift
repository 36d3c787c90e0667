import JalonCrypto
import JalonModel
import JalonState

/// Rule S7: executes every final block once, one after the other from the genesis, and reads each field of its header
/// with arithmetic of its own.
struct ReferenceExecutor {
    private let membership: Membership
    private(set) var state: LedgerState
    /// The epoch of the next block, its validators and the height that it began at, by the headers alone.
    private var epoch: UInt64 = 0
    private var validatorsHash: Digest
    private var validatorCount: Int
    private var epochStart: UInt64 = 0
    private var header: BlockHeader?
    private var tip: BlockID
    private var ids: Set<TransactionID> = []
    /// Proposals of other rules, as they were made, each with its version.
    private var upgrades: [(id: TransactionID, version: UInt64)] = []
    private var log = NaiveLog()

    init(membership: Membership) {
        self.membership = membership
        validatorsHash = SHA256.hash(membership.genesis.validators.encoded)
        validatorCount = membership.genesis.validators.count
        state = LedgerState(genesis: membership.genesis)
        tip = membership.genesis.blockID
    }

    /// The height of the last block executed.
    var height: Height { header?.height ?? Height(0) }

    /// The rules that a block at a height goes by, as far as the executed blocks decided.
    func rules(at height: Height) -> UInt64 {
        var rules: UInt64 = 1
        for upgrade in upgrades where upgrade.version > rules {
            guard let effective = state.proposal(upgrade.id)?.effective, effective <= height else { continue }
            rules = upgrade.version
        }
        return rules
    }

    /// Executes the next final block.
    mutating func execute(_ block: Block, _ transactions: [Transaction]) throws(Finding) {
        func fail(_ what: String) -> Finding {
            Finding("S7", "the final \(block.id.short) at height \(block.header.height): \(what)")
        }
        if let reason = mismatch(of: block) { throw fail(reason) }
        let time = block.header.timestamp
        var execution = BlockExecution(
            on: state,
            context: BlockContext(membership.genesis, height: height.next, timestamp: time)
        )
        for (place, transaction) in transactions.enumerated() {
            guard transaction.bytes == block.transactions[place] else {
                throw fail("transaction \(place) is told of with other bytes")
            }
            guard ids.insert(transaction.id).inserted else {
                throw fail("\(transaction.id) stands there twice")
            }
            guard let key = state.key(transaction.keyID)?.key,
                let verified = transaction.verified(key: key, by: membership.scheme)
            else { throw fail("the signature of transaction \(place) is not valid") }
            do { try execution.apply(verified) } catch { throw fail("transaction \(place) fails: \(error)") }
            if case .success(.governancePropose(let body)) = transaction.content,
                case .upgrade(let version) = body.action
            {
                upgrades.append((transaction.id, version))
            }
            log.append(transaction.bytes)
        }
        guard block.header.logSize == UInt64(log.count), block.header.logRoot == log.root else {
            throw fail("the log root is not that of its transactions")
        }
        let next = execution.finish().state
        guard next.root == block.header.stateRoot else { throw fail("the state root is another") }
        (state, header, tip) = (next, block.header, block.id)
        guard block.header.nextValidatorsHash != validatorsHash else { return }
        guard case .success(.validatorsActivate(let body)) = transactions.last?.content,
            SHA256.hash(body.validators.encoded) == block.header.nextValidatorsHash
        else { throw Finding("S9", "the final \(block.id.short) names other validators without a reason") }
        epoch += 1
        epochStart = block.header.height.value
        (validatorsHash, validatorCount) = (block.header.nextValidatorsHash, body.validators.count)
    }

    private func mismatch(of block: Block) -> String? {
        let new = block.header
        let parameters = state.parameters
        let parentView = header?.view ?? View(0)
        let count = UInt64(validatorCount)
        let isFirst = epoch > 0 && epochStart == height.value
        if new.chain.digest != membership.genesis.blockID.digest { return "another chain" }
        if new.epoch.value != epoch { return "another epoch" }
        if new.height.value != height.value + 1 || new.parent != tip {
            return "it does not stand on its parent"
        }
        if new.parentView != parentView { return "parent view \(new.parentView), expected \(parentView)" }
        if new.view <= (isFirst ? View(0) : parentView) { return "view \(new.view) after \(parentView)" }
        if new.timestamp <= header?.timestamp ?? membership.genesis.time { return "not after its parent" }
        if UInt64(new.leader.value) != (new.view.value - 1 + epochStart) % count {
            return "leader \(new.leader)"
        }
        if new.validatorsHash != validatorsHash {
            return "other validators"
        }
        var byteCount: UInt64 = 0
        for transaction in block.transactions { byteCount += UInt64(transaction.count) }
        if byteCount != new.bodyByteCount { return "a body of \(byteCount) bytes" }
        if byteCount > parameters.maxBlockByteCount { return "too many bytes" }
        if UInt64(block.transactions.count) > parameters.maxBlockTransactionCount {
            return "too many transactions"
        }
        return nil
    }
}

/// An RFC 9162 log whose root is worked out from the definition, every complete subtree once.
struct NaiveLog {
    /// By level: the hashes of the complete subtrees of 2^level leaves, from the left.
    private var levels: [[Digest]] = []
    private(set) var count = 0

    mutating func append(_ bytes: [UInt8]) {
        var hash = NaiveLog.hash(0, bytes)
        var level = 0
        count += 1
        while true {
            if level == levels.count { levels.append([]) }
            levels[level].append(hash)
            guard levels[level].count % 2 == 0 else { return }
            let left = levels[level][levels[level].count - 2]
            hash = NaiveLog.hash(1, left.bytes + hash.bytes)
            level += 1
        }
    }

    /// MTH of all leaves (RFC 9162, section 2.1.1).
    var root: Digest { count == 0 ? SHA256.hash([UInt8]()) : root(from: 0, count: count) }

    private func root(from start: Int, count: Int) -> Digest {
        if count & (count - 1) == 0 {
            let level = count.trailingZeroBitCount
            return levels[level][start >> level]
        }
        var left = 1
        while left * 2 < count { left *= 2 }
        let (one, other) = (root(from: start, count: left), root(from: start + left, count: count - left))
        return NaiveLog.hash(1, one.bytes + other.bytes)
    }

    private static func hash(_ prefix: UInt8, _ bytes: [UInt8]) -> Digest {
        var hasher = SHA256()
        hasher.update([prefix])
        hasher.update(bytes)
        return hasher.finalize()
    }
}
