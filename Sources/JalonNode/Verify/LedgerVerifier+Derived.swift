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
        _ stored: StoredRows,
        audit: Result<String?, VerificationFailure>
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
        guard check.tip.height > Height(0) || !stored.leaves.isEmpty else { return leafCount }
        if !holdsExactly(stored.leaves, check.state) {
            // Once more, leaf by leaf, to name the first that differs.
            try compare(stored.leaves.flatMap(\.leaves), with: check.state.leaves, fail)
        }
        let notes: Set<LifeNote>?
        do { notes = try folder?.lifeNotes() } catch { throw fail("the index of commitments", "\(error)") }
        // What is noted beside these costs a look into a block more, and shows nothing else.
        if let notes, let missing = check.lifeNotes.first(where: { !notes.contains($0) }) {
            throw fail("the index of commitments", "\(missing.commitment) lacks block \(missing.height)")
        }
        if let problem = try audit.get() { throw fail("the ledger's file", problem) }
        return leafCount
    }

    /// Looks for damage that is none of the blocks' own bytes.
    @concurrent
    func auditProblem(upTo height: Height) async -> Result<String?, VerificationFailure> {
        do {
            return .success(try folder?.independent().auditProblem())
        } catch {
            return .failure(VerificationFailure(.file, "\(error)", verified: height))
        }
    }

    /// What the store derived from the blocks, and its journal.
    struct StoredRows: Sendable {
        /// Without leaves.
        let ledger: RestoredLedger
        let leaves: [LeafBatch]
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
            var leaves: [LeafBatch] = []
            let ledger = try reader.restore(replayReach: parameters.replayReach) { leaves.append($0) }
            return .success(StoredRows(ledger: ledger, leaves: leaves))
        } catch {
            return .failure(VerificationFailure(.file, "\(error)", verified: height))
        }
    }

    /// Whether exactly these leaves, each path once and in order, are the state's.
    private func holdsExactly(_ batches: [LeafBatch], _ state: LedgerState) -> Bool {
        // As many distinct ones as there are, and each of them there.
        guard batches.reduce(0, { $0 + $1.count }) == state.leafCount else { return false }
        var last: ArraySlice<UInt8> = []
        for batch in batches {
            for index in 0..<batch.count {
                let path = batch[index].path
                guard last.lexicographicallyPrecedes(path) else { return false }
                last = path
            }
        }
        return state.holds(batches, by: ProcessorMapper())
    }
}

extension LeafBatch {
    /// Each by itself.
    fileprivate var leaves: [LeafChange] {
        (0..<count).map { index in
            let leaf = self[index]
            return LeafChange(path: String(decoding: leaf.path, as: UTF8.self), value: Array(leaf.value))
        }
    }
}
