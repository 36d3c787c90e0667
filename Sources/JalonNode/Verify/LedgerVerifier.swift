import JalonCrypto
package import JalonModel
package import JalonState
package import JalonStorage

/// Checks a whole ledger as somebody would who trusts nothing but its genesis.
///
/// Every byte of every block is read
/// again, every signature checked, every transaction executed, and every root computed. No stored hash, root or status
/// goes into it; what was derived and stored is compared at the end.
package struct LedgerVerifier: Sendable {
    let source: any LedgerSource
    /// A data folder, which also holds what follows from the blocks.
    let folder: LedgerReader?
    /// Whether the source holds the blocks, too, whose bodies the folder does not.
    var isWhole = false
    /// The most blocks of a batch, which are read and checked together.
    let batchCount: Int
    /// Where the check keeps how far it came; `nil` for nowhere.
    package var checkpoints: VerificationCheckpoints?
    /// The most bytes of a batch, but for a single larger block: half as many leave processors without work at its end.
    static let batchByteCount = 4 << 20

    /// Checks a data folder, opened to read only, with everything that it derived from the blocks.
    ///
    /// It is read in batches of at most `batchCount` blocks.
    package init(_ folder: LedgerReader, batchCount: Int = 256) {
        (source, self.folder, self.batchCount) = (folder, folder, max(1, batchCount))
    }

    /// Checks an archived data folder together with the file that its first blocks were written into: from the genesis on.
    ///
    /// - Throws: ``VerificationFailure`` where the two are not of one ledger, or blocks between them are missing.
    package init(_ folder: LedgerReader, archive: ExportedLedger, batchCount: Int = 256) throws {
        source = try JoinedSource(file: archive, folder: folder)
        (self.folder, isWhole, self.batchCount) = (folder, true, max(1, batchCount))
    }

    /// Checks the blocks of any source; the last one has to have a finalization of its own.
    ///
    /// It is read in batches of at most `batchCount` blocks.
    package init(source: any LedgerSource, batchCount: Int = 256) {
        (self.source, folder, self.batchCount) = (source, nil, max(1, batchCount))
    }

    /// A block that was checked: what applying it changes, and its own finalization, where it has one.
    package struct CheckedBlock: Sendable {
        package let final: FinalBlock
        package let finalization: Certificate?
    }

    /// Checks the ledger.
    ///
    /// - Parameters:
    ///   - chain: The chain that it must be, where the caller knows.
    ///   - checkpoint: A block whose state was checked before, from where this goes on; `nil` to check all that the ledger
    ///     holds.
    ///   - progress: Told after each batch of blocks.
    ///   - taken: Given each batch of blocks once it is checked, in order; it ends the check by throwing. `nil` where
    ///     nobody asks for what a block changes.
    /// - Returns: What was found in order.
    /// - Throws: ``VerificationFailure`` naming the first bad block and what is wrong with it, and what `taken` throws.
    package func verify(
        chain: ChainID? = nil,
        from checkpoint: SnapshotGround? = nil,
        progress: (VerificationProgress) -> Void = { _ in },
        taken: (([CheckedBlock]) throws -> Void)? = nil
    ) async throws -> VerificationReport {
        let genesis = try await LedgerVerifier.genesis(of: source, chain: chain)
        let finalHeight: Height
        do { finalHeight = try await source.finalHeight() } catch {
            throw VerificationFailure(.file, "\(error)", verified: Height(0))
        }
        if let checkpoint { try await checkIsHeld(checkpoint, upTo: finalHeight) }
        let beginning = try checkpoint == nil ? beginning(genesis) : nil
        let archive = try await checkArchive(genesis, beginning, seals: true)
        let ground = isWhole ? checkpoint : checkpoint ?? beginning
        var start = ground.map { VerificationStart(checkpoint == nil ? .ledger : .checkpoint, $0) }
        start?.archive = archive
        do {
            var check = ground.map { ChainCheck(genesis: genesis, from: $0) } ?? ChainCheck(genesis: genesis)
            check.keepsChanges = taken != nil
            var report = try await verify(check, upTo: finalHeight, progress, taken)
            report.start = start
            return report
        } catch var failure as VerificationFailure {
            failure.first = start?.firstBlock
            throw failure
        }
    }

    private func verify(
        _ start: ChainCheck,
        upTo finalHeight: Height,
        _ progress: (VerificationProgress) -> Void,
        _ taken: (([CheckedBlock]) throws -> Void)?
    ) async throws -> VerificationReport {
        var check = start
        var audited = AuditedBlocks()
        let genesis = check.genesis
        // Beside the blocks, which keep no more than the other processors busy; what it finds is told after them.
        async let structure = audit(upTo: finalHeight) { try $0.structureProblem() }
        async let derived = restored(upTo: finalHeight, genesis.parameters)
        var signatureCount = try await advance(&check, &audited, to: finalHeight, progress, taken)
        let stored = try await derived.get()
        let restored = stored?.ledger
        // A node that runs meanwhile has gone on: the stored rows are those of a later block.
        if let tip = restored?.tip, tip.height > check.tip.height {
            signatureCount += try await advance(&check, &audited, to: tip.height, progress, taken)
        }
        do { try await source.checkEnd() } catch {
            throw VerificationFailure(.file, "\(error)", verified: check.finalized)
        }
        try checkTail(&check, restored)
        async let index = audit(upTo: finalHeight) { [audited] in try $0.indexProblem(known: audited) }
        if let checkpoints { try await write(check, to: checkpoints.path) }
        var leafCount = check.state.leafCount
        if let stored {
            leafCount = try await checkDerived(check, stored)
            for result in [await structure, await index] {
                guard let problem = try result.get() else { continue }
                throw VerificationFailure(
                    .derived("the ledger's file"),
                    problem,
                    verified: check.tip.height
                )
            }
        }
        let report = VerificationReport(
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
        // Detached: giving back the memory of a state takes as long as executing a tenth of its blocks, and nobody who
        // asks for the report need wait for it.
        Task.detached { [check = consume check] in withExtendedLifetime(check) {} }
        return report
    }

    // MARK: - Blocks

    /// Checks and takes the blocks up to a height, which the source has.
    ///
    /// - Returns: The signatures checked.
    private func advance(
        _ check: inout ChainCheck,
        _ audited: inout AuditedBlocks,
        to target: Height,
        _ progress: (VerificationProgress) -> Void,
        _ taken: (([CheckedBlock]) throws -> Void)?
    ) async throws -> Int {
        var signatureCount = 0
        var written = ContinuousClock.now
        var ahead = BatchesAhead(self, from: check.tip.height.next, to: target)
        await ahead.fill(check.state.keyDirectory, check.contexts)
        while check.tip.height < target {
            let blocks: [StoredBlockCheck]
            do { blocks = try await ahead.take().get() } catch {
                throw VerificationFailure(
                    .block(error.height),
                    "it can't be read: \(error.reason)",
                    verified: check.finalized
                )
            }
            guard blocks.first?.height == check.tip.height.next else {
                throw missing(check.tip.height.next, check)
            }
            await ahead.fill(check.state.keyDirectory, check.contexts)
            var checked: [CheckedBlock] = []
            for (position, block) in blocks.enumerated() where block.height <= target {
                guard block.height == check.tip.height.next else {
                    throw missing(check.tip.height.next, check)
                }
                let next = position + 1 < blocks.count ? blocks[position + 1] : nil
                let taken = try take(block, next: next, into: &check)
                checked.append(taken)
                if block.isAudited { audited.insert(taken.final) }
                signatureCount += block.signatureCount
            }
            try taken?(checked)
            try await keep(check, since: &written)
            progress(
                VerificationProgress(
                    height: check.tip.height,
                    finalHeight: target,
                    transactionCount: check.log.size
                )
            )
        }
        return signatureCount
    }

    /// Reads the genesis, and checks that it is that of the chain.
    static func genesis(
        of source: any LedgerSource,
        chain: ChainID?
    ) async throws(VerificationFailure) -> Genesis {
        let bytes: [UInt8]
        do { bytes = try await source.genesis() } catch {
            throw VerificationFailure(.file, "\(error)", verified: nil)
        }
        let genesis: Genesis
        do { genesis = try Genesis.decode(bytes) } catch {
            throw VerificationFailure(.genesis, "\(error)", verified: nil)
        }
        let expected = chain ?? source.identity.chain
        guard genesis.chain == expected else {
            throw VerificationFailure(
                .genesis,
                "it hashes to \(genesis.chain), expected the chain \(expected)",
                verified: nil
            )
        }
        guard genesis.network == source.identity.network else {
            throw VerificationFailure(
                .genesis,
                "it is of the network \(genesis.network), stored as \(source.identity.network)",
                verified: nil
            )
        }
        return genesis
    }

    private func missing(_ height: Height, _ check: ChainCheck) -> VerificationFailure {
        VerificationFailure(.block(height), "it is missing from the ledger", verified: check.finalized)
    }

    /// Takes a block; where its child does not follow it, the block itself is looked at first.
    private func take(
        _ block: StoredBlockCheck,
        next: StoredBlockCheck?,
        into check: inout ChainCheck
    ) throws(VerificationFailure) -> CheckedBlock {
        let finalized = check.finalized
        let final: FinalBlock
        do {
            final = try check.take(block)
        } catch {
            throw VerificationFailure(.block(block.height), error.reason, verified: finalized)
        }
        // A header can be damaged so that only its hash shows it. Where the child is sealed, the parent is the bad one.
        guard case .absent = block.finality, let next, case .success(let child) = next.block,
            case .verified(let certificate) = check.judged(next.finality), certificate.block == child.id,
            child.header.parent != check.tip.id
        else {
            guard case .verified(let certificate) = check.judged(block.finality) else {
                return CheckedBlock(final: final, finalization: nil)
            }
            return CheckedBlock(final: final, finalization: certificate)
        }
        throw VerificationFailure(
            .block(block.height),
            "its header hashes to \(check.tip.id), but the sealed block \(next.height) names \(child.header.parent)",
            verified: finalized
        )
    }

    /// Finds the finalization that covers the last blocks, where they have none of their own.
    private func checkTail(
        _ check: inout ChainCheck,
        _ restored: RestoredLedger?
    ) throws(VerificationFailure) {
        guard check.finalized < check.tip.height else { return }
        guard let restored, restored.finalizes(check.tip.id, contexts: check.contexts) else {
            throw VerificationFailure(
                uncovered: check.finalized.next,
                by: check.state.validators,
                verified: check.finalized
            )
        }
        check.noteFinalDescendant()
    }
}

extension RestoredLedger {
    /// Whether one of the certificates held finalizes a block, itself or by a descendant that is held.
    func finalizes(_ tip: BlockID, contexts: EpochContexts) -> Bool {
        certificates.contains { certificate in
            guard certificate.kind == .finalize,
                case .verified = StoredBlockCheck.finality(certificate, contexts: contexts)
            else { return false }
            var next = certificate.block
            // Each step goes to another block, so there are at most as many as blocks.
            for _ in 0...blocks.count {
                if next == tip { return true }
                guard let held = blocks.first(where: { $0.id == next }) else { return false }
                next = held.header.parent
            }
            return false
        }
    }
}

extension VerificationFailure {
    /// A block that no quorum sealed.
    init(uncovered height: Height, by validators: ValidatorSet, verified: Height?) {
        self.init(
            .block(height),
            "no finalization by \(validators.quorum) of \(validators.count) validators covers it",
            verified: verified
        )
    }
}

extension StoredBlockCheck {
    /// Checks many blocks at once, and gives them back in their order.
    ///
    /// The transactions of all of them are spread evenly over the processors, since a batch may be one large block.
    static func concurrently(
        _ batch: [RawBlock],
        keys: KeyDirectory,
        contexts: EpochContexts
    ) async -> [StoredBlockCheck] {
        let blocks = batch.map { StoredBlockCheck.decoded($0) }
        let bodies = blocks.flatMap { (try? $0.get().transactions) ?? [] }
        var statements = await inParallel(slicesOf: bodies) { slice in
            var lookup = KeyLookup(keys)
            return slice.map { statement($0, keys: &lookup) }
        }[...]
        let finalities = await inParallel(batch) { finality($0.finalization, contexts: contexts) }
        return zip(zip(batch, blocks), finalities).map { pair, finality in
            let count = (try? pair.1.get().transactions.count) ?? 0
            defer { statements = statements.dropFirst(count) }
            return StoredBlockCheck(
                height: pair.0.height,
                block: pair.1,
                statements: statements.prefix(count),
                finality: finality,
                isAudited: pair.0.isAudited
            )
        }
    }
}

/// Maps in slices of about equal size; a task for each element would cost more than a small one itself.
func inParallel<Element: Sendable, Value: Sendable>(
    _ elements: [Element],
    _ transform: @escaping @Sendable (Element) -> Value
) async -> [Value] {
    await inParallel(slicesOf: elements) { $0.map(transform) }
}

/// Makes the values of slices of about equal size at once, and gives those of all in the order of the slices.
func inParallel<Element: Sendable, Value: Sendable>(
    slicesOf elements: [Element],
    _ transform: @escaping @Sendable (ArraySlice<Element>) -> [Value]
) async -> [Value] {
    let taskCount = 32
    let size = max(1, (elements.count + taskCount - 1) / taskCount)
    return await withTaskGroup(of: (Int, [Value]).self) { group in
        for start in stride(from: 0, to: elements.count, by: size) {
            let slice = elements[start..<min(start + size, elements.count)]
            group.addTask { (start, transform(slice)) }
        }
        var parts: [(Int, [Value])] = []
        for await part in group { parts.append(part) }
        return parts.sorted { $0.0 < $1.0 }.flatMap(\.1)
    }
}
