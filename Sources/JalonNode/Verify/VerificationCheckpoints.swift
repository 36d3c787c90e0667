import JalonCrypto
package import JalonModel
import JalonState
import JalonStorage

/// Where a check keeps how far it came, so that the next one goes on from there: a snapshot of the block that it reached.
package struct VerificationCheckpoints: Sendable {
    /// The file; one that is there is replaced.
    package let path: String
    /// How often it is written meanwhile.
    package let interval: Duration
    /// Whether the check has to stop.
    package let isInterrupted: @Sendable () -> Bool

    package init(
        path: String,
        interval: Duration = .seconds(60),
        isInterrupted: @escaping @Sendable () -> Bool = { false }
    ) {
        (self.path, self.interval, self.isInterrupted) = (path, interval, isInterrupted)
    }
}

/// A check that was stopped, and can go on from its checkpoint.
package struct VerificationInterrupted: Error, Hashable, Sendable {
    /// The last block that was checked.
    package let height: Height
    package let checkpoint: String
}

extension LedgerVerifier {
    /// Writes the checkpoint where it is due and the last block has a finalization of its own.
    ///
    /// - Parameters:
    ///   - check: How far the check came.
    ///   - written: When the checkpoint was written last.
    /// - Throws: ``VerificationInterrupted`` where the check has to stop, and what writing throws.
    func keep(_ check: ChainCheck, since written: inout ContinuousClock.Instant) async throws {
        guard let checkpoints, check.seed.finalization != nil else { return }
        let isInterrupted = checkpoints.isInterrupted()
        guard isInterrupted || ContinuousClock.now - written >= checkpoints.interval else { return }
        try await write(check, to: checkpoints.path)
        written = .now
        guard isInterrupted else { return }
        throw VerificationInterrupted(height: check.tip.height, checkpoint: checkpoints.path)
    }

    /// Writes a snapshot of the last block that was checked; none where that has no finalization of its own.
    ///
    /// - Returns: Its height.
    @discardableResult
    func write(_ check: ChainCheck, to path: String) async throws -> Height? {
        let seed = check.seed
        guard let header = seed.header, seed.finalization != nil else { return nil }
        let leaves = check.state.leaves
        let file = try NewFile(path, mayReplace: true)
        let head = Snapshot.Head(
            network: check.genesis.network,
            chain: check.genesis.chain,
            height: header.height,
            epochCount: header.epoch.value,
            blockCount: header.height.value - seed.base.height.value,
            leafCount: UInt64(leaves.count)
        )
        try file.append(Snapshot.Item.head(head).encoded)
        for change in seed.epochs { try file.append(Snapshot.Item.epoch(change).encoded) }
        try file.append(Snapshot.Item.base(seed.base).encoded)
        var next = seed.base.height.next
        while next <= header.height {
            let blocks = try await source.rawBlocks(
                from: next,
                count: batchCount,
                byteLimit: LedgerVerifier.batchByteCount
            )
            guard blocks.first?.height == next else {
                throw VerificationFailure(
                    .block(next),
                    "it is missing from the ledger",
                    verified: check.finalized
                )
            }
            for block in blocks where block.height <= header.height {
                try file.append(
                    Snapshot.Item.block(block.block, finalization: block.finalization ?? []).encoded
                )
                next = block.height.next
            }
        }
        for leaf in leaves { try file.append(Snapshot.Item.leaf(path: leaf.path, value: leaf.value).encoded) }
        _ = try file.finish()
        return header.height
    }
}
