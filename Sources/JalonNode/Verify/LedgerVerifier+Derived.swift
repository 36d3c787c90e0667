import JalonCrypto
import JalonModel
import JalonState
import JalonStorage

// What the store derived from the blocks.
extension LedgerVerifier {
    /// Compares what the store derived from the blocks with what was computed here.
    ///
    /// - Returns: The number of leaves of the state.
    func checkDerived(
        _ check: ChainCheck,
        _ stored: StoredRows
    ) async throws(VerificationFailure) -> Int {
        func fail(_ what: String, _ reason: String) -> VerificationFailure {
            VerificationFailure(.derived(what), reason, verified: check.tip.height)
        }
        let restored = stored.ledger
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
        guard check.tip.height > Height(0) || stored.leaves.count > 0 else { return leafCount }
        if !holdsExactly(stored.leaves, check.state) {
            // Once more, leaf by leaf, to name the first that differs.
            let leaves = try await storedLeaves(of: check).get()
            try compare(leaves, with: check.state.leaves, fail)
            throw fail(
                "the stored state",
                "it is not what the blocks give, and what it was is stored no more"
            )
        }
        let notes: Set<LifeNote>?
        do { notes = try folder?.lifeNotes() } catch { throw fail("the index of commitments", "\(error)") }
        // What is noted beside these costs a look into a block more, and shows nothing else.
        if let notes, let missing = check.lifeNotes.first(where: { !notes.contains($0) }) {
            throw fail("the index of commitments", "\(missing.commitment) lacks block \(missing.height)")
        }
        return leafCount
    }

    /// Looks for damage that is none of the blocks' own bytes.
    ///
    /// - Parameters:
    ///   - height: What is said to be verified where the file can't be read.
    ///   - problem: Looks into a data folder.
    /// - Returns: The first problem in words, or `nil`.
    @concurrent
    func audit(
        upTo height: Height,
        _ problem: @Sendable (LedgerReader) throws -> String?
    ) async -> Result<String?, VerificationFailure> {
        do {
            return .success(try folder.flatMap { try problem($0.independent()) })
        } catch {
            return .failure(VerificationFailure(.file, "\(error)", verified: height))
        }
    }

    /// What the store derived from the blocks, and its journal.
    struct StoredRows: Sendable {
        /// Without leaves.
        let ledger: RestoredLedger
        let leaves: PlacedLeaves
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
    func restored(
        upTo height: Height,
        _ parameters: Parameters
    ) async -> Result<StoredRows?, VerificationFailure> {
        do {
            guard let reader = try folder?.independent() else { return .success(nil) }
            var leaves = PlacedLeaves()
            let ledger = try reader.restore(replayReach: parameters.replayReach) { leaves.append($0) }
            return .success(StoredRows(ledger: ledger, leaves: leaves))
        } catch {
            return .failure(VerificationFailure(.file, "\(error)", verified: height))
        }
    }

    /// Reads the leaves that are stored for the last block checked.
    @concurrent
    private func storedLeaves(of check: ChainCheck) async -> Result<[LeafChange], VerificationFailure> {
        do {
            let reach = check.genesis.parameters.replayReach
            let stored = try folder?.independent().restore(replayReach: reach)
            guard let stored, stored.tip?.id == check.tip.id || check.tip.height == Height(0) else {
                return .failure(
                    VerificationFailure(
                        .derived("the stored state"),
                        "it is not what the blocks up to \(check.tip.height) give; the node has gone on meanwhile",
                        verified: check.tip.height
                    )
                )
            }
            return .success(stored.leaves)
        } catch {
            return .failure(VerificationFailure(.file, "\(error)", verified: check.tip.height))
        }
    }

    /// Whether exactly these leaves, each path once and in order, are the state's.
    private func holdsExactly(_ leaves: PlacedLeaves, _ state: LedgerState) -> Bool {
        // As many distinct ones as there are, and each of them there.
        leaves.isAscending && leaves.count == state.leafCount && state.holds(leaves, by: ProcessorMapper())
    }
}
