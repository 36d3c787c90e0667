import JalonCrypto
package import JalonModel
import JalonState
package import JalonStorage

/// Checks a whole ledger as somebody would who trusts nothing but its genesis.
///
/// Every byte of every block is read
/// again, every signature checked, every transaction executed, and every root computed. No stored hash, root or status
/// goes into it; what was derived and stored is compared at the end.
package struct LedgerVerifier: Sendable {
    private let reader: LedgerReader
    /// Blocks that are read and checked at once.
    private let batchCount: Int
    private static let batchByteCount = 1 << 20

    /// - Parameters:
    ///   - reader: The ledger, opened to read only.
    ///   - batchCount: Blocks checked at once.
    package init(_ reader: LedgerReader, batchCount: Int = 256) {
        (self.reader, self.batchCount) = (reader, max(1, batchCount))
    }

    /// Checks the ledger.
    ///
    /// - Parameters:
    ///   - chain: The chain that it must be, where the caller knows.
    ///   - progress: Told after each batch of blocks.
    /// - Returns: What was found in order.
    /// - Throws: ``VerificationFailure`` naming the first bad block and what is wrong with it.
    package func verify(
        chain: ChainID? = nil,
        progress: (VerificationProgress) -> Void = { _ in }
    ) async throws -> VerificationReport {
        let genesis = try readGenesis(chain)
        var check = ChainCheck(genesis: genesis)
        let finalHeight = try stored(verified: Height(0)) { () throws(StorageError) in
            try reader.finalHeight()
        }
        // Beside the blocks, which keep no more than the other processors busy; what it finds is told after them.
        async let audit = auditProblem(upTo: finalHeight)
        async let derived = restored(upTo: finalHeight, genesis.parameters)
        var signatureCount = 0
        var batch = await checkedBatch(from: check.tip.height.next, check.state, check.contexts)
        while check.tip.height < finalHeight {
            let blocks = try batch.blocks(verified: check.finalized)
            guard let first = blocks.first, let last = blocks.last, first.height == check.tip.height.next
            else {
                throw missing(check.tip.height.next, check)
            }
            // The next blocks' signatures are checked while these are executed: their keys are those of a state before,
            // and a key that is younger is looked up when its block is taken.
            let (next, state, contexts) = (last.height.next, check.state, check.contexts)
            async let following = checkedBatch(from: next, state, contexts)
            for (position, block) in blocks.enumerated() {
                guard block.height == check.tip.height.next else {
                    throw missing(check.tip.height.next, check)
                }
                let next = position + 1 < blocks.count ? blocks[position + 1] : nil
                try take(block, next: next, into: &check)
                signatureCount += block.signatureCount
            }
            progress(
                VerificationProgress(
                    height: check.tip.height,
                    finalHeight: finalHeight,
                    transactionCount: check.log.size
                )
            )
            batch = await following
        }
        let restored = try await derived.get()
        try checkTail(&check, restored)
        let leafCount = try await checkDerived(check, restored, audit: await audit)
        return VerificationReport(
            network: genesis.network,
            chain: genesis.chain,
            height: check.tip.height,
            head: check.tip.id,
            stateRoot: check.state.root,
            logRoot: check.log.root,
            transactionCount: check.log.size,
            certificateCount: check.certificateCount,
            signatureCount: signatureCount,
            leafCount: leafCount,
            validatorCount: check.state.validators.count
        )
    }

    // MARK: - Blocks

    private func readGenesis(_ chain: ChainID?) throws(VerificationFailure) -> Genesis {
        let bytes = try stored(verified: nil) { () throws(StorageError) in try reader.genesis() }
        let genesis: Genesis
        do { genesis = try Genesis.decode(bytes) } catch {
            throw VerificationFailure(.genesis, "\(error)", verified: nil)
        }
        let expected = chain ?? reader.identity.chain
        guard genesis.chain == expected else {
            throw VerificationFailure(
                .genesis,
                "it hashes to \(genesis.chain), expected the chain \(expected)",
                verified: nil
            )
        }
        guard genesis.network == reader.identity.network else {
            throw VerificationFailure(
                .genesis,
                "it is of the network \(genesis.network), stored as \(reader.identity.network)",
                verified: nil
            )
        }
        return genesis
    }

    /// Blocks that were read and checked by themselves, or why they could not be read.
    private enum Batch: Sendable {
        case checked([StoredBlockCheck])
        case unreadable(Height, reason: String)

        func blocks(verified: Height) throws(VerificationFailure) -> [StoredBlockCheck] {
            switch self {
            case .checked(let blocks): return blocks
            case .unreadable(let height, let reason):
                throw VerificationFailure(.block(height), "it can't be read: \(reason)", verified: verified)
            }
        }
    }

    /// Reads the next blocks and checks what needs no block before them; none where there are no more.
    @concurrent
    private func checkedBatch(from next: Height, _ state: LedgerState, _ contexts: EpochContexts) async
        -> Batch
    {
        let batch: [RawBlock]
        do {
            batch = try reader.rawBlocks(
                from: next,
                count: batchCount,
                byteLimit: LedgerVerifier.batchByteCount
            )
        } catch {
            // A page that SQLite can't read may hold any block of the batch: find the first by asking one by one.
            guard let single = try? reader.rawBlocks(from: next, count: 1, byteLimit: 1) else {
                return .unreadable(next, reason: "\(error)")
            }
            batch = single
        }
        return .checked(await StoredBlockCheck.concurrently(batch, state: state, contexts: contexts))
    }

    private func missing(_ height: Height, _ check: ChainCheck) -> VerificationFailure {
        VerificationFailure(.block(height), "it is missing from the ledger's file", verified: check.finalized)
    }

    /// Takes a block; where its child does not follow it, the block itself is looked at first.
    private func take(
        _ block: StoredBlockCheck,
        next: StoredBlockCheck?,
        into check: inout ChainCheck
    ) throws(VerificationFailure) {
        let finalized = check.finalized
        do {
            try check.take(block)
        } catch {
            throw VerificationFailure(.block(block.height), error.reason, verified: finalized)
        }
        // A header can be damaged so that only its hash shows it. Where the child is sealed, the parent is the bad one.
        guard case .absent = block.finality, let next, case .success(let child) = next.block,
            case .verified(let certificate) = check.judged(next.finality), certificate.block == child.id,
            child.header.parent != check.tip.id
        else { return }
        throw VerificationFailure(
            .block(block.height),
            "its header hashes to \(check.tip.id), but the sealed block \(next.height) names \(child.header.parent)",
            verified: finalized
        )
    }

    /// Finds the finalization that covers the last blocks, where they have none of their own.
    private func checkTail(_ check: inout ChainCheck, _ restored: RestoredLedger) throws(VerificationFailure)
    {
        guard check.finalized < check.tip.height else { return }
        for certificate in restored.certificates where certificate.kind == .finalize {
            guard case .verified = StoredBlockCheck.finality(certificate, contexts: check.contexts),
                descends(certificate.block, from: check.tip.id, among: restored.blocks)
            else { continue }
            check.noteFinalDescendant()
            return
        }
        throw VerificationFailure(
            .block(check.finalized.next),
            "no finalization by \(check.state.validators.quorum) of \(check.state.validators.count) validators "
                + "covers it",
            verified: check.finalized
        )
    }

    private func descends(_ block: BlockID, from tip: BlockID, among blocks: [Block]) -> Bool {
        var next = block
        // Each step goes to another block, so there are at most as many as blocks.
        for _ in 0...blocks.count {
            if next == tip { return true }
            guard let held = blocks.first(where: { $0.id == next }) else { return false }
            next = held.header.parent
        }
        return false
    }

    // MARK: - Derived rows

    /// Compares what the store derived from the blocks with what was computed here.
    ///
    /// - Returns: The number of leaves of the state.
    private func checkDerived(
        _ check: ChainCheck,
        _ restored: RestoredLedger,
        audit: Result<String?, VerificationFailure>
    ) async throws(VerificationFailure) -> Int {
        func fail(_ what: String, _ reason: String) -> VerificationFailure {
            VerificationFailure(.derived(what), reason, verified: check.tip.height)
        }
        if check.tip.height > Height(0) {
            guard restored.tip?.id == check.tip.id else {
                throw fail("the stored head", "it is not block \(check.tip.height), \(check.tip.id)")
            }
            guard restored.frontier == check.log.encoded else {
                throw fail(
                    "the stored frontier of the log",
                    "it is not that of \(check.log.size) transactions"
                )
            }
        }
        // Before the first block the state follows from the genesis and is not stored.
        let leafCount = check.state.leafCount
        guard check.tip.height > Height(0) || !restored.leaves.isEmpty else { return leafCount }
        if !(await holdsExactly(restored.leaves, check.state)) {
            // Once more, leaf by leaf, to name the first that differs.
            try compare(restored.leaves, with: check.state.leaves, fail)
        }
        if let problem = try audit.get() { throw fail("the ledger's file", problem) }
        return leafCount
    }

    /// Looks for damage that is none of the blocks' own bytes.
    @concurrent
    private func auditProblem(upTo height: Height) async -> Result<String?, VerificationFailure> {
        do {
            return .success(try reader.independent().auditProblem())
        } catch {
            return .failure(VerificationFailure(.file, "\(error)", verified: height))
        }
    }

    private func compare(
        _ stored: [LeafChange],
        with computed: [(path: String, value: [UInt8])],
        _ fail: (String, String) -> VerificationFailure
    ) throws(VerificationFailure) {
        for (row, leaf) in zip(stored, computed) {
            guard row.path == leaf.path else {
                let isExtra = row.path.precedesBytewise(leaf.path)
                throw isExtra
                    ? fail("the stored state", "the row \(row.path) follows from no block")
                    : fail("the stored state", "the row \(leaf.path) is missing")
            }
            guard row.value == leaf.value else {
                throw fail("the stored state", "the row \(row.path) is not what the blocks give")
            }
        }
        guard stored.count == computed.count else {
            throw fail("the stored state", "it has \(stored.count) rows, the blocks give \(computed.count)")
        }
    }

    /// Reads what the store derived from the blocks, and the journal.
    @concurrent
    private func restored(
        upTo height: Height,
        _ parameters: Parameters
    ) async -> Result<RestoredLedger, VerificationFailure> {
        do {
            return .success(
                try reader.independent().restore(maxLifetime: parameters.maxLifetimeMilliseconds)
            )
        } catch {
            return .failure(VerificationFailure(.file, "\(error)", verified: height))
        }
    }

    /// Whether exactly these leaves, each path once and in order, are the state's.
    private func holdsExactly(_ leaves: [LeafChange], _ state: LedgerState) async -> Bool {
        // As many distinct ones as there are, and each of them there.
        guard leaves.count == state.leafCount,
            zip(leaves, leaves.dropFirst()).allSatisfy({ $0.path.precedesBytewise($1.path) })
        else { return false }
        return await inParallel(leaves) { state.holds($0) }.allSatisfy { $0 }
    }

    /// Runs a read; what the store itself finds damaged is a finding like any other.
    private func stored<Value>(
        verified: Height?,
        _ read: () throws(StorageError) -> Value
    ) throws(VerificationFailure) -> Value {
        do { return try read() } catch { throw VerificationFailure(.file, "\(error)", verified: verified) }
    }
}

extension StoredBlockCheck {
    /// Checks many blocks at once, and gives them back in their order.
    ///
    /// The transactions of all of them are spread evenly over the processors, since a batch may be one large block.
    static func concurrently(
        _ batch: [RawBlock],
        state: LedgerState,
        contexts: EpochContexts
    ) async -> [StoredBlockCheck] {
        let blocks = batch.map { StoredBlockCheck.decoded($0) }
        let bodies = blocks.flatMap { (try? $0.get().transactions) ?? [] }
        var statements = await inParallel(bodies) { statement($0, state: state) }[...]
        let finalities = await inParallel(batch) { finality($0.finalization, contexts: contexts) }
        return zip(zip(batch, blocks), finalities).map { pair, finality in
            let count = (try? pair.1.get().transactions.count) ?? 0
            defer { statements = statements.dropFirst(count) }
            return StoredBlockCheck(
                height: pair.0.height,
                block: pair.1,
                statements: Array(statements.prefix(count)),
                finality: finality
            )
        }
    }
}

/// Maps in slices of about equal size; a task for each element would cost more than a small one itself.
private func inParallel<Element: Sendable, Value: Sendable>(
    _ elements: [Element],
    _ transform: @escaping @Sendable (Element) -> Value
) async -> [Value] {
    let taskCount = 64
    let size = max(1, (elements.count + taskCount - 1) / taskCount)
    return await withTaskGroup(of: (Int, [Value]).self) { group in
        for start in stride(from: 0, to: elements.count, by: size) {
            let slice = elements[start..<min(start + size, elements.count)]
            group.addTask { (start, slice.map(transform)) }
        }
        var parts: [(Int, [Value])] = []
        for await part in group { parts.append(part) }
        return parts.sorted { $0.0 < $1.0 }.flatMap(\.1)
    }
}
