import JalonCrypto
package import JalonModel
import JalonState
package import JalonStorage

/// Drops the bodies of a stopped node's first blocks and keeps every proof of them.
///
/// What is dropped is checked and executed before, as `jalon verify` does it, and what is left is checked before it takes the
/// place of the ledger: until then nothing has changed.
package struct ArchiveSetup {
    /// Which blocks keep their bodies.
    package enum Kept: Hashable, Sendable {
        /// Those of so many days before the last block, by their own times.
        case days(UInt64)
        /// So many of the last ones.
        case blocks(UInt64)
        /// Those from this one on.
        case from(Height)
    }

    /// What becomes of the bodies.
    package enum Bodies: Hashable, Sendable {
        /// They go into this file, with what it holds of the blocks before.
        case file(String)
        case discarded
    }

    /// How far it has come.
    package enum Progress: Hashable, Sendable {
        /// Blocks are checked and executed.
        case executed(Height, of: Height)
        /// They are written into the file.
        case written(Height, of: Height)
        /// They lose their bodies.
        case dropped(Height, of: Height)
        /// The rest is copied, this table now.
        case copied(String)
        /// The new ledger is checked.
        case checked
        /// The new ledger is in its place.
        case replaced
    }

    /// What was done.
    package struct Report: Hashable, Sendable {
        package let identity: LedgerIdentity
        /// The blocks that lost their bodies, and their transactions; `nil` where there were none to drop.
        package var dropped: Dropped?
        /// The first block that is held whole now.
        package var firstBlock: Height
        /// The last block.
        package let height: Height
        /// Bytes of the ledger's files.
        package let byteCountBefore: UInt64
        package var byteCountAfter: UInt64
        /// Bytes of the file that the bodies went into; `nil` for none.
        package var fileByteCount: UInt64?
    }

    /// Blocks that lost their bodies.
    package struct Dropped: Hashable, Sendable {
        package let first, last: Height
        package let transactionCount: UInt64
    }

    let kept: Kept
    let bodies: Bodies
    let progress: (Progress) throws -> Void

    /// Archives.
    ///
    /// - Parameters:
    ///   - path: The data folder.
    ///   - genesis: That of the node's configuration; `nil` to take the one in the ledger.
    ///   - kept: Which blocks keep their bodies; those that the node needs keep them whatever it says.
    ///   - bodies: What becomes of those that are dropped.
    ///   - progress: Told after each piece; it ends it by throwing.
    /// - Returns: What was done.
    /// - Throws: ``VerificationFailure`` where a block is damaged; `DataFolderError` where the node runs; ``ArchiveError``;
    ///   `StorageError`. The ledger is as before then.
    package static func run(
        in path: String,
        genesis: Genesis? = nil,
        keeping kept: Kept,
        bodies: Bodies,
        progress: @escaping (Progress) throws -> Void = { _ in }
    ) async throws -> Report {
        let folder = try DataFolder(opening: path)
        let store = try LedgerStore.open(
            in: folder,
            expecting: genesis.map { LedgerIdentity(network: $0.network, chain: $0.chain) }
        )
        let setup = ArchiveSetup(kept: kept, bodies: bodies, progress: progress)
        do {
            return try await setup.run(store)
        } catch {
            try? store.close()
            throw error
        }
    }

    private func run(_ store: LedgerStore) async throws -> Report {
        let reader = store.reader
        let genesis = try IndexRebuild.genesis(of: reader)
        let firstHeld = try reader.base()?.firstBlock ?? Height(1)
        let byteCount = try reader.byteCount()
        var report = Report(
            identity: store.identity,
            firstBlock: firstHeld,
            height: try reader.finalHeight(),
            byteCountBefore: byteCount,
            byteCountAfter: byteCount
        )
        guard let plan = try ArchivePlan(kept, reader, genesis) else {
            try store.close()
            return report
        }
        try plan.checkSpace(reader, bodies)
        let leaves = try await executed(plan, reader, genesis)
        if case .file(let path) = bodies {
            report.fileByteCount = try await ArchiveFile(path: path, reader: reader, last: plan.archive.last)
                .write { try progress(.written($0, of: plan.archive.last)) }
        }
        let size = try reader.header(at: plan.archive.last)?.logSize ?? 0
        let before = try reader.base()?.frontier.size ?? 0
        report.dropped = Dropped(first: firstHeld, last: plan.archive.last, transactionCount: size - before)
        report.firstBlock = plan.archive.last.next
        report.byteCountAfter = try await replace(store, by: plan.archive, leaves, genesis)
        try progress(.replaced)
        return report
    }

    /// Checks and executes every block up to the one whose state the ledger begins with then.
    ///
    /// - Returns: The leaves of that state; `nil` where the ledger begins with it already.
    private func executed(
        _ plan: ArchivePlan,
        _ reader: LedgerReader,
        _ genesis: Genesis
    ) async throws -> [LeafChange]? {
        let ground: SnapshotGround?
        do { ground = try LedgerBeginning.check(reader, genesis: genesis) } catch {
            throw VerificationFailure(.derived("what the ledger begins with"), "\(error)", verified: nil)
        }
        let target = plan.archive.stateHeight
        if let ground, ground.header.height >= target { return nil }
        var check = ground.map { ChainCheck(genesis: genesis, from: $0) } ?? ChainCheck(genesis: genesis)
        try await check.take(from: reader, upTo: target) { try progress(.executed($0, of: target)) }
        guard check.finalized == target else {
            throw VerificationFailure(
                uncovered: check.finalized.next,
                by: check.state.validators,
                verified: check.finalized
            )
        }
        return check.state.leaves.map { LeafChange(path: $0.path, value: $0.value) }
    }

    /// Makes the new ledger, checks it and puts it in the place of the old one, which goes.
    ///
    /// - Returns: The bytes of the new one.
    private func replace(
        _ store: LedgerStore,
        by archive: LedgerArchive,
        _ leaves: [LeafChange]?,
        _ genesis: Genesis
    ) async throws -> UInt64 {
        let folder = store.folder
        let incoming = try LedgerReplacement.begin(in: folder)
        defer { LedgerReplacement.discard(in: folder) }
        let new = try archive.copy(store, to: incoming, leaves: leaves) { step in
            switch step {
            case .block(let height, let last): try progress(.dropped(height, of: last))
            case .table(let table): try progress(.copied(table))
            }
        }
        let byteCount: UInt64
        do {
            try progress(.checked)
            let report = try await LedgerVerifier(new.reader).verifyQuickly(chain: genesis.chain)
            guard report.height == (try store.reader.finalHeight()), report.start?.archive != nil else {
                throw StorageError.damaged(
                    table: "bare_block",
                    key: "the copy",
                    reason: "it is not whole"
                )
            }
            try store.close()
            byteCount = try new.reader.byteCount()
        } catch {
            try? new.close()
            throw error
        }
        if let aside = try LedgerReplacement.complete(new, in: folder) {
            LedgerReplacement.remove(aside: aside)
        }
        return byteCount
    }
}

/// Why a ledger can't be archived.
package enum ArchiveError: Error, Hashable, Sendable {
    /// The file that the bodies are to go into does not continue to the first block that is held.
    case doesNotContinue(path: String, last: Height?, first: Height)
    /// The file holds other blocks than the ledger.
    case otherBlock(path: String, Height)
}

extension ArchiveError {
    /// What to do next.
    package var hint: String {
        switch self {
        case .doesNotContinue(_, _, let first):
            """
            Give the file of the earlier archive, which goes on with these blocks, or fetch those before from a node that holds \
            them: jalon export URL --to \(first.value - 1) --out FILE
            """
        case .otherBlock: "Nothing was changed. Give another name, or see what it is: jalon verify FILE"
        }
    }
}

extension ArchiveError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .doesNotContinue(let path, nil, let first):
            """
            the ledger begins with block \(first), and \(path) is not there yet: the file is to hold every block from the first \
            one on
            """
        case .doesNotContinue(let path, .some(let last), let first):
            "\(path) ends with block \(last), the ledger begins with block \(first): those between would be missing"
        case .otherBlock(let path, let height):
            "\(path) holds another block \(height) than the ledger: it is of another history, or damaged"
        }
    }
}
