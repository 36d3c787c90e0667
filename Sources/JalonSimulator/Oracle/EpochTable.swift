import JalonCrypto
import JalonModel

/// One epoch as the oracle knows it, read off the block that closed the one before.
struct OracleEpoch: Sendable {
    let context: VotingContext
    /// The node behind each validator's index.
    let nodes: [Int]
    /// The block that the epoch stands on.
    let base: BlockID
    /// The height of that block: it shifts the rotation of leaders.
    let start: Height

    /// n − f with f = ⌊(n − 1)/3⌋, worked out here anew.
    var quorum: Int { nodes.count - faultTolerance }
    var faultTolerance: Int { (nodes.count - 1) / 3 }

    /// The node that leads a view.
    func leader(of view: View) -> Int {
        let count = UInt64(nodes.count)
        return nodes[Int((view.value - 1 + start.value % count) % count)]
    }

    /// The node of a validator's index; `nil` where the set has none.
    func node(_ index: ValidatorIndex) -> Int? {
        nodes.indices.contains(index.value) ? nodes[index.value] : nil
    }
}

/// The epochs of a run, from the genesis on.
struct EpochTable: Sendable {
    private(set) var epochs: [OracleEpoch]
    private let membership: Membership

    init(membership: Membership) {
        self.membership = membership
        epochs = [
            OracleEpoch(
                context: membership.context,
                nodes: Array(0..<membership.genesis.validators.count),
                base: membership.genesis.blockID,
                start: Height(0)
            )
        ]
    }

    subscript(epoch: Epoch) -> OracleEpoch? {
        epoch.value < UInt64(epochs.count) ? epochs[Int(epoch.value)] : nil
    }

    /// The newest epoch.
    var last: OracleEpoch { epochs[epochs.count - 1] }

    /// The node behind a signer; `nil` for one that there is not.
    func node(_ index: ValidatorIndex, in epoch: Epoch) -> Int? { self[epoch]?.node(index) }

    /// Takes a block that became final: where it closes its epoch, the next one begins.
    ///
    /// The new set is what the block's last transaction names and a quorum of it signed.
    ///
    /// - Throws: Rule S9.
    mutating func take(_ block: Block) throws(Finding) {
        let header = block.header
        guard header.validatorsHash != header.nextValidatorsHash else { return }
        func fail(_ what: String) -> Finding {
            Finding("S9", "\(block.id.short) closes epoch \(header.epoch), and \(what)")
        }
        guard header.epoch.value + 1 == UInt64(epochs.count) else {
            throw fail("\(epochs.count) epochs began already")
        }
        guard let bytes = block.transactions.last, let transaction = try? Transaction(bytes: bytes),
            case .success(.validatorsActivate(let body)) = transaction.content
        else { throw fail("its last transaction activates nobody") }
        guard SHA256.hash(body.validators.encoded) == header.nextValidatorsHash,
            body.epoch.value == header.epoch.value + 1
        else { throw fail("activates others than its header says") }
        var nodes: [Int] = []
        for validator in body.validators.validators {
            guard let node = membership.node(of: validator.key) else {
                throw fail("seats a key that no node has")
            }
            nodes.append(node)
        }
        let faults = (nodes.count - 1) / 3
        guard Set(body.ready.map(\.index)).count >= nodes.count - faults else {
            throw fail("\(body.ready.count) of \(nodes.count) were ready")
        }
        for entry in body.ready {
            let message = Readiness.statement(
                chain: membership.genesis.chain,
                epoch: body.epoch,
                validators: header.nextValidatorsHash,
                height: entry.readiness.height
            )
            guard let key = body.validators[entry.index]?.key,
                membership.scheme.isValid(
                    signature: entry.readiness.signature[...],
                    message: message,
                    key: key
                )
            else { throw fail("the readiness of \(entry.index) is not signed") }
        }
        epochs.append(
            OracleEpoch(
                context: VotingContext(
                    network: membership.genesis.network,
                    chain: membership.genesis.chain,
                    epoch: body.epoch,
                    validators: body.validators
                ),
                nodes: nodes,
                base: block.id,
                start: header.height
            )
        )
    }
}
