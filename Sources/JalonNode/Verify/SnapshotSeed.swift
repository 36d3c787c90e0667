import JalonCrypto
import JalonModel
import JalonState

/// What a snapshot of a checked ledger's last block is made of, besides the state and the blocks of the replay window.
struct SnapshotSeed: Sendable {
    /// The ends of the epochs before the last block's.
    private(set) var epochs: [EpochChange] = []
    /// What a snapshot starts from: the youngest known point before the window.
    private(set) var base = Snapshot.Base(header: nil, frontier: MerkleFrontier())
    /// Later points, one where each part of the window begins: 14 at most.
    private var later: [Snapshot.Base] = []
    /// The last block's header; `nil` at the genesis.
    private(set) var header: BlockHeader?
    /// The last block's own finalization; without one there is no snapshot of it.
    private(set) var finalization: Certificate?
    /// The end of the last block's epoch, where it closes one.
    private var closing: EpochChange?

    init() {}

    init(_ ground: SnapshotGround) {
        (epochs, base) = (ground.epochs, ground.base)
        (header, finalization) = (ground.header, ground.finalization)
        guard ground.header.closesEpoch else { return }
        closing = EpochChange(
            header: ground.header,
            finalization: ground.finalization,
            validators: ground.state.validators
        )
    }

    /// Goes on to the next block.
    ///
    /// - Parameters:
    ///   - next: Its header.
    ///   - finalization: Its own, where it has one.
    ///   - before: What the blocks before it leave behind.
    ///   - validators: Those after it.
    ///   - window: The replay window's measures.
    mutating func take(
        _ next: BlockHeader,
        _ finalization: Certificate?,
        after before: Snapshot.Base,
        next validators: ValidatorSet,
        _ window: ReplayWindow
    ) {
        if let last = before.header, !window.leavesTogether(last.timestamp, next.timestamp) {
            later.append(before)
        }
        while let first = later.first, let left = first.header,
            !window.covers(left.timestamp, at: next.timestamp)
        {
            base = first
            later.removeFirst()
        }
        if let closing { epochs.append(closing) }
        (header, self.finalization, closing) = (next, finalization, nil)
        guard next.closesEpoch, let finalization else { return }
        closing = EpochChange(header: next, finalization: finalization, validators: validators)
    }
}
