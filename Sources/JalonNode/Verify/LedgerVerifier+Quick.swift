import JalonCodec
import JalonCore
import JalonCrypto
package import JalonModel
import JalonState
import JalonStorage

/// A check in seconds: that every block follows the one before it, fills the log as its header says, and leads to a
/// head that a quorum sealed over exactly this state.
extension LedgerVerifier {
    /// Checks links, roots and the certificates of the head and of each epoch's last block.
    ///
    /// No transaction's signature is checked and none is executed: the validators who sealed the head did that. The
    /// stored state is taken as it is, and has to have the root in the head's header. Only for a data folder, since a
    /// later epoch's validators stand in the state.
    ///
    /// - Parameters:
    ///   - chain: The chain that it must be, where the caller knows.
    ///   - progress: Told after each batch of blocks.
    /// - Returns: What was found in order.
    /// - Throws: ``VerificationFailure``.
    package func verifyQuickly(
        chain: ChainID? = nil,
        progress: (VerificationProgress) -> Void = { _ in }
    ) async throws -> VerificationReport {
        guard let folder else { preconditionFailure("only a data folder holds a state") }
        let genesis = try await LedgerVerifier.genesis(of: folder, chain: chain)
        let finalHeight: Height
        do { finalHeight = try folder.finalHeight() } catch {
            throw VerificationFailure(.file, "\(error)", verified: Height(0))
        }
        let beginning = try beginning(genesis)
        let archive = try await checkArchive(genesis, beginning, seals: false)
        async let stored = restoredState(genesis)
        var scan = beginning.map { QuickScan($0) } ?? QuickScan(genesis)
        try await advance(&scan, to: finalHeight, progress)
        let derived = try await stored.get()
        // A node that runs meanwhile has gone on: the stored rows are those of a later block.
        if let tip = derived.restored.tip, tip.height > scan.links.tip.height {
            try await advance(&scan, to: tip.height, progress)
        }
        var report = try judge(scan, genesis, derived)
        report.start = beginning.map { VerificationStart(.ledger, $0) }
        report.start?.archive = archive
        return report
    }

    private func advance(
        _ scan: inout QuickScan,
        to target: Height,
        _ progress: (VerificationProgress) -> Void
    ) async throws {
        var batch = await scannedBatch(from: scan.links.tip.height.next)
        while scan.links.tip.height < target {
            let blocks: [ScannedBlock]
            do { blocks = try batch.get() } catch {
                throw VerificationFailure(.block(scan.links.tip.height.next), "\(error)", verified: nil)
            }
            guard let last = blocks.last, blocks.first?.height == scan.links.tip.height.next else {
                throw scan.failure(scan.links.tip.height.next, "it is missing from the ledger")
            }
            async let following = scannedBatch(from: last.height.next)
            for block in blocks where block.height <= target { try scan.take(block) }
            progress(
                VerificationProgress(
                    height: scan.links.tip.height,
                    finalHeight: target,
                    transactionCount: scan.links.log.size
                )
            )
            batch = await following
        }
    }

    /// What the store keeps of the state, as it has to be.
    private struct Derived: Sendable {
        let restored: RestoredLedger
        let state: LedgerState
    }

    @concurrent
    private func restoredState(_ genesis: Genesis) async -> Result<Derived, VerificationFailure> {
        guard let folder else { preconditionFailure("only a data folder holds a state") }
        do {
            let (restored, state, _) = try StateReading.restore(folder.independent(), genesis: genesis)
            // Before the first block nothing is stored.
            return .success(Derived(restored: restored, state: state ?? LedgerState(genesis: genesis)))
        } catch let error as CoreError {
            return .failure(VerificationFailure(.derived("the stored state"), "\(error)", verified: nil))
        } catch {
            return .failure(VerificationFailure(.file, "\(error)", verified: Height(0)))
        }
    }

    @concurrent
    private func scannedBatch(from next: Height) async -> Result<[ScannedBlock], any Error> {
        let batch: [RawBlock]
        do {
            batch = try await source.rawBlocks(
                from: next,
                count: batchCount,
                byteLimit: LedgerVerifier.batchByteCount
            )
        } catch {
            return .failure(error)
        }
        return .success(await inParallel(batch) { ScannedBlock($0) })
    }

    private func judge(
        _ scan: QuickScan,
        _ genesis: Genesis,
        _ derived: Derived
    ) throws(VerificationFailure) -> VerificationReport {
        let (tip, state) = (scan.links.tip, derived.state)
        let contexts = EpochContexts(genesis, state)
        let root = scan.header?.stateRoot ?? LedgerState(genesis: genesis).root
        guard state.root == root else {
            throw VerificationFailure(
                .derived("the stored state"),
                "its root is \(state.root), the head's is \(root)",
                verified: nil
            )
        }
        guard scan.closings.count == state.epochs.count,
            zip(scan.closings, state.epochs).allSatisfy({
                $0.header.nextValidatorsHash == $1.validators.hash && $0.header.height == $1.closing
            })
        else {
            throw VerificationFailure(
                .derived("the stored state"),
                "its epochs are not those that the blocks close",
                verified: nil
            )
        }
        var signatureCount = 0
        for sealed in scan.closings + [scan.sealed].compactMap({ $0 }) {
            signatureCount += try sealed.signatureCount(in: contexts)
        }
        if let header = scan.header {
            let isSealed = scan.sealed?.header.height == tip.height
            guard isSealed || derived.restored.finalizes(tip.id, contexts: contexts) else {
                throw VerificationFailure(
                    uncovered: scan.sealed?.header.height.next ?? Height(1),
                    by: state.validators,
                    verified: nil
                )
            }
            guard header.nextValidatorsHash == state.validators.hash else {
                throw scan.failure(tip.height, "its validators are not those of the stored state")
            }
            guard derived.restored.frontier == scan.links.log.encoded else {
                throw VerificationFailure(
                    .derived("the stored frontier of the log"),
                    "it is not that of \(scan.links.log.size) transactions",
                    verified: nil
                )
            }
        }
        if let reason = scan.recentProblem(derived.restored.recent) {
            throw VerificationFailure(.derived("the table recent_transactions"), reason, verified: nil)
        }
        return VerificationReport(
            depth: .quick,
            network: genesis.network,
            chain: genesis.chain,
            height: tip.height,
            head: tip.id,
            stateRoot: root,
            logRoot: scan.links.log.root,
            transactionCount: scan.links.log.size,
            certificateCount: scan.closings.count + (scan.sealed == nil ? 0 : 1),
            signatureCount: signatureCount,
            leafCount: state.leafCount,
            validatorCount: state.validators.count
        )
    }
}

/// A stored block with its leaves hashed.
private struct ScannedBlock: Sendable {
    let height: Height
    let header: Result<BlockHeader, BlockDefect>
    let leaves: [LeafHash]
    let finalization: [UInt8]?

    init(_ raw: RawBlock) {
        (height, finalization) = (raw.height, raw.finalization)
        switch StoredBlockCheck.decoded(raw) {
        case .success(let block):
            header = .success(block.header)
            leaves = block.transactions.map { LeafHash(of: $0) }
        case .failure(let defect): (header, leaves) = (.failure(defect), [])
        }
    }
}

/// The links and the log so far, and the finalizations that count.
private struct QuickScan {
    var links: ChainLinks
    /// The last block's.
    private(set) var header: BlockHeader?
    /// The last block with a finalization of its own.
    private(set) var sealed: SealedHeader?
    /// The last block of each epoch before the current one.
    private(set) var closings: [SealedHeader] = []
    /// The blocks with transactions, of which the newest stand in a table of their own.
    private var filled: [(timestamp: Timestamp, logSize: UInt64, count: Int)] = []

    init(_ genesis: Genesis) {
        links = ChainLinks(genesis)
    }

    init(_ ground: SnapshotGround) {
        links = ChainLinks(after: ground.header, log: ground.frontier)
        header = ground.header
        closings = ground.epochs.map {
            SealedHeader(header: $0.header, finalization: $0.finalization.encoded)
        }
        let last = SealedHeader(header: ground.header, finalization: ground.finalization.encoded)
        sealed = last
        if ground.header.closesEpoch { closings.append(last) }
    }

    mutating func take(_ block: ScannedBlock) throws(VerificationFailure) {
        do throws(BlockDefect) {
            let next = try block.header.get()
            try links.follow(next, height: block.height, opensEpoch: header?.closesEpoch ?? false)
            try links.append(block.leaves, of: next)
            header = next
            if !block.leaves.isEmpty {
                filled.append((next.timestamp, next.logSize, block.leaves.count))
            }
            if let finalization = block.finalization {
                sealed = SealedHeader(header: next, finalization: finalization)
            }
            guard next.closesEpoch else { return }
            guard let sealed, block.finalization != nil else {
                throw BlockDefect("it closes its epoch and has no finalization")
            }
            closings.append(sealed)
        } catch {
            throw failure(block.height, error.reason)
        }
    }

    /// Holds what was read of the recent transactions, oldest first, against the blocks that were taken.
    ///
    /// Their ids have a checksum; that none is missing was seen when they were read.
    func recentProblem(
        _ recent: [(timestamp: Timestamp, transactions: [TransactionID])]
    ) -> String? {
        for (row, block) in zip(recent.reversed(), filled.reversed())
        where row.timestamp != block.timestamp || row.transactions.count != block.count {
            return """
                the row \(block.logSize) has \(row.transactions.count) ids and the time \(row.timestamp), its block \
                \(block.count) transactions and the time \(block.timestamp)
                """
        }
        return nil
    }

    /// Nothing is verified before the head is.
    func failure(_ height: Height, _ reason: String) -> VerificationFailure {
        VerificationFailure(.block(height), reason, verified: nil)
    }
}

/// A header and the finalization that is stored for it.
struct SealedHeader: Sendable {
    let header: BlockHeader
    let finalization: [UInt8]

    /// Checks the finalization, and counts its signatures.
    func signatureCount(in contexts: EpochContexts) throws(VerificationFailure) -> Int {
        func failure(_ reason: String) -> VerificationFailure {
            VerificationFailure(.block(header.height), reason, verified: nil)
        }
        let certificate: Certificate
        switch StoredBlockCheck.finality(finalization, contexts: contexts) {
        case .verified(let verified): certificate = verified
        case .bad(let reason): throw failure(reason)
        case .absent, .unknownEpoch:
            throw failure("its finalization is of an epoch that the state does not know")
        }
        guard case .finalize(_, header.id, header.logRoot) = certificate.ballot,
            certificate.epoch == header.epoch
        else { throw failure("its finalization is of another block, \(certificate.block)") }
        return certificate.bitmap.reduce(0) { $0 + $1.nonzeroBitCount }
    }
}
