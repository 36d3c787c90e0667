import JalonModel
import JalonState

/// What the votes of each epoch are bound to: that of the first stands in the genesis, those of the others in the state.
struct EpochContexts: Sendable {
    private let genesis: Genesis
    private let epochs: [EpochRecord]

    init(_ genesis: Genesis, _ state: LedgerState) {
        (self.genesis, epochs) = (genesis, state.epochs)
    }

    /// - Returns: `nil` for an epoch that the state does not know yet.
    subscript(epoch: Epoch) -> VotingContext? {
        guard epoch.value <= UInt64(epochs.count) else { return nil }
        return VotingContext(
            network: genesis.network,
            chain: genesis.chain,
            epoch: epoch,
            validators: epoch.value == 0 ? genesis.validators : epochs[Int(epoch.value) - 1].validators
        )
    }
}
