package import JalonCrypto
package import JalonModel
import JalonState
package import JalonStorage

/// Makes snapshots of a ledger, and ledgers out of snapshots.
package enum SnapshotSetup {
    /// What a snapshot is of.
    package struct Report: Hashable, Sendable {
        package let identity: LedgerIdentity
        /// The block whose state it is.
        package let height: Height
        /// The first block that it holds.
        package let firstBlock: Height
        package let leafCount: UInt64
        /// Bytes of the file.
        package let byteCount: UInt64
    }

    /// Writes a snapshot of the last block of a ledger, beside its running node or of one that stands still.
    ///
    /// - Parameters:
    ///   - reader: The ledger.
    ///   - path: The new file.
    ///   - known: A frontier that its log had before; it is brought forward, for the next one to be made faster.
    ///   - progress: Told how many leaves of how many are written.
    /// - Returns: What was written.
    /// - Throws: `StorageError`, for example where the last block is final only by a later one.
    package static func make(
        of reader: LedgerReader,
        at path: String,
        known: inout MerkleFrontier,
        progress: (UInt64, UInt64) -> Void = { _, _ in }
    ) throws -> Report {
        let genesis = try Genesis.decode(reader.genesis())
        known = try reader.snapshotFrontier(after: known, genesis: genesis)
        var (head, count): (Snapshot.Head?, UInt64) = (nil, 0)
        let frontier = known
        let byteCount = try SnapshotFile.write(to: path) { write in
            try reader.eachSnapshotItem(of: .head(frontier), genesis: genesis) { item in
                try write(item)
                switch item {
                case .head(let found): head = found
                case .leaf:
                    count += 1
                    if count.isMultiple(of: 4_096) { progress(count, head?.leafCount ?? count) }
                case .epoch, .base, .block: break
                }
            }
        }
        guard let head else { preconditionFailure("a snapshot that was written has a head") }
        return Report(
            identity: reader.identity,
            height: head.height,
            firstBlock: Height(head.height.value - head.blockCount + 1),
            leafCount: head.leafCount,
            byteCount: byteCount
        )
    }

    /// Makes a ledger out of a snapshot in the place of a folder's, where nothing of the snapshot is believed.
    ///
    /// - Parameters:
    ///   - path: The snapshot's file.
    ///   - genesis: What is believed.
    ///   - folder: The data folder; a ledger that it holds is put aside.
    ///   - rejoins: Whether the node may have voted before: a snapshot holds no votes, so it then asks the others first.
    ///   - progress: Told how many blocks and leaves of how many came.
    /// - Returns: The last block of the snapshot, and where the ledger before lies now, if there was one.
    /// - Throws: `SnapshotFileError` naming what does not hold; `StorageError`. The folder is as before then.
    package static func fill(
        from path: String,
        genesis: Genesis,
        in folder: DataFolder,
        rejoins: Bool,
        progress: (UInt64, UInt64) -> Void = { _, _ in }
    ) throws -> (joined: JoinedSnapshot, aside: String?) {
        var joined: JoinedSnapshot?
        let aside = try LedgerReplacement.run(in: folder) { incoming in
            let store = try LedgerStore.create(
                in: incoming,
                genesis: genesis.encoded,
                identity: LedgerIdentity(network: genesis.network, chain: genesis.chain)
            )
            do {
                let ground = try store.fill { take in
                    try SnapshotFile.check(path, genesis: genesis) { item, counts in
                        try take(item)
                        if counts.done.isMultiple(of: 4_096) { progress(counts.done, counts.total) }
                    }
                }
                if rejoins { try store.perform([.rejoin(.required)]) }
                joined = JoinedSnapshot(ground)
            } catch {
                try? store.close()
                throw error
            }
            return store
        }
        guard let joined else { preconditionFailure("a ledger that was made came out of a snapshot") }
        return (joined, aside)
    }
}

/// What a ledger begins with that was made out of a snapshot.
package struct JoinedSnapshot: Hashable, Sendable {
    package let height: Height
    package let block: BlockID
    package let stateRoot: Digest
    /// The first block that is held.
    package let firstBlock: Height
    /// The members who sealed the block, of so many validators.
    package let signers: [MemberID]
    package let validatorCount: Int

    init(_ ground: SnapshotGround) {
        (height, block) = (ground.header.height, ground.header.id)
        stateRoot = ground.header.stateRoot
        firstBlock = ground.base.height.next
        (signers, validatorCount) = (ground.signers, ground.validatorCount)
    }
}
