package import JalonModel
import JalonState
package import JalonStorage

/// Makes everything anew that a ledger's file holds besides the blocks themselves.
package enum IndexRebuild {
    /// What was made anew.
    package struct Report: Hashable, Sendable {
        package let identity: LedgerIdentity
        package let height: Height
        package let transactionCount: UInt64
        package let leafCount: Int
    }

    /// How far it has come.
    package enum Progress: Hashable, Sendable {
        /// Blocks are checked and executed.
        case executed(Height, of: Height)
        /// Their transactions are written into the index.
        case indexed(Height, of: Height)
    }

    /// Executes every block of a stopped node's ledger, checking each as `jalon verify` does, and replaces what follows from
    /// them in one transaction.
    ///
    /// - Parameters:
    ///   - path: The data folder.
    ///   - genesis: That of the node's configuration; `nil` to take the one in the ledger.
    ///   - progress: Told after each piece.
    /// - Returns: What was made anew.
    /// - Throws: ``VerificationFailure`` where a block itself is damaged, which no index can mend; `DataFolderError`
    ///   where the node runs. Nothing was changed then.
    package static func run(
        in path: String,
        genesis: Genesis? = nil,
        progress: (Progress) -> Void = { _ in }
    ) async throws -> Report {
        let store = try LedgerStore.open(
            in: DataFolder(opening: path),
            expecting: genesis.map { LedgerIdentity(network: $0.network, chain: $0.chain) }
        )
        defer { try? store.close() }
        let stored = try self.genesis(of: store.reader)
        let height = try store.reader.finalHeight()
        var check =
            try LedgerBeginning.check(store.reader, genesis: stored)
            .map { ChainCheck(genesis: stored, from: $0) } ?? ChainCheck(genesis: stored)
        try await check.take(from: store.reader, upTo: height) { progress(.executed($0, of: height)) }
        // Before the first block the state follows from the genesis and is not stored.
        let leaves =
            height == Height(0) ? [] : check.state.leaves.map { LeafChange(path: $0.path, value: $0.value) }
        try store.rebuild(state: leaves, frontier: check.log.encoded) { progress(.indexed($0, of: height)) }
        return Report(
            identity: store.identity,
            height: height,
            transactionCount: check.log.size,
            leafCount: leaves.count
        )
    }

    static func genesis(of reader: LedgerReader) throws -> Genesis {
        do {
            return try Genesis.decode(reader.genesis())
        } catch {
            throw VerificationFailure(.genesis, "\(error)", verified: nil)
        }
    }
}

extension ChainCheck {
    /// Blocks that are read and checked at once.
    private static var batchCount: Int { 256 }
    private static var batchByteCount: Int { 1 << 20 }

    /// Checks and takes the next blocks of a ledger's file, up to a height that it holds.
    ///
    /// - Parameters:
    ///   - reader: The ledger.
    ///   - last: The height.
    ///   - progress: Told the height after each batch.
    /// - Throws: ``VerificationFailure`` for the first bad block, and what `progress` throws.
    mutating func take(
        from reader: LedgerReader,
        upTo last: Height,
        progress: (Height) throws -> Void
    ) async throws {
        while tip.height < last {
            try await takeBatch(from: reader, upTo: last)
            try progress(tip.height)
        }
    }

    private mutating func takeBatch(from reader: LedgerReader, upTo last: Height) async throws {
        let next = tip.height.next
        let batch: [RawBlock]
        do {
            batch = try reader.rawBlocks(
                from: next,
                count: min(ChainCheck.batchCount, Int(clamping: last.value - tip.height.value)),
                byteLimit: ChainCheck.batchByteCount
            )
        } catch {
            throw VerificationFailure(.block(next), "it can't be read: \(error)", verified: finalized)
        }
        let blocks = await StoredBlockCheck.concurrently(
            batch,
            keys: state.keyDirectory,
            contexts: contexts
        )
        guard blocks.first?.height == next else {
            throw VerificationFailure(
                .block(next),
                "it is missing from the ledger's file",
                verified: finalized
            )
        }
        for block in blocks {
            do throws(BlockDefect) {
                try take(block)
            } catch {
                throw VerificationFailure(.block(block.height), error.reason, verified: finalized)
            }
        }
    }
}
