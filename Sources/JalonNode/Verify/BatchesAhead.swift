import JalonModel
import JalonState
import JalonStorage

/// The next blocks of a ledger, read and checked by themselves ahead of those that are executed.
///
/// Two batches at once: while the last signatures of the first are checked, those of the second already keep the other
/// processors busy. Where there is nothing to keep them busy with, at both ends, batches are small: the first signatures
/// wait until the first batch is read, and behind the last ones is nothing but to execute the last batch.
struct BatchesAhead {
    /// Blocks that were read and checked by themselves, or why they could not be read.
    typealias Batch = Result<[StoredBlockCheck], UnreadableBlock>

    private static let count = 2

    private let verifier: LedgerVerifier
    private let first: Height
    /// Where the next batch that is read begins.
    private var next: Height
    private let target: Height
    // Each has its blocks in memory: where one is not waited for any more, it reads nothing and ends by itself.
    private var batches: [Task<Batch, Never>] = []

    /// - Parameters:
    ///   - verifier: Whose source has the blocks.
    ///   - next: The first of them.
    ///   - target: The last that is asked for; a batch may hold some beyond it.
    init(_ verifier: LedgerVerifier, from next: Height, to target: Height) {
        (self.verifier, self.first, self.next, self.target) = (verifier, next, next, target)
    }

    /// The most blocks of the next batch: a quarter of what was read, or of what is left, but no fewer than two, since
    /// small blocks one by one cost more to hand around than to check.
    private var batchCount: Int {
        let (read, left) = (next.value - first.value, target.value - next.value)
        return min(verifier.batchCount, max(2, Int(clamping: min(read, left) / 4)))
    }

    /// Reads on until two batches are ahead, and has their signatures checked.
    ///
    /// Keys and validators are those of a state before these blocks: what is younger is checked when its block is taken.
    mutating func fill(_ keys: KeyDirectory, _ contexts: EpochContexts) async {
        while batches.count < BatchesAhead.count, next <= target {
            switch await verifier.rawBatch(from: next, count: batchCount) {
            case .success(let blocks):
                guard let last = blocks.last else { return }
                next = last.height.next
                batches.append(
                    Task {
                        .success(await StoredBlockCheck.concurrently(blocks, keys: keys, contexts: contexts))
                    }
                )
            case .failure(let block):
                // Nothing behind it is asked for.
                next = target.next
                batches.append(Task { .failure(block) })
            }
        }
    }

    /// The next batch, once it is checked; an empty one where there are no more blocks.
    mutating func take() async -> Batch {
        batches.isEmpty ? .success([]) : await batches.removeFirst().value
    }
}

/// A block that the source has and can't give.
struct UnreadableBlock: Error {
    let height: Height
    let reason: String
}

extension LedgerVerifier {
    /// Reads the next blocks; none where there are no more.
    @concurrent
    fileprivate func rawBatch(from next: Height, count: Int) async -> Result<[RawBlock], UnreadableBlock> {
        do {
            return .success(
                try await source.rawBlocks(
                    from: next,
                    count: count,
                    byteLimit: LedgerVerifier.batchByteCount
                )
            )
        } catch {
            // A page that SQLite can't read may hold any block of the batch: find the first by asking one by one.
            guard let single = try? await source.rawBlocks(from: next, count: 1, byteLimit: 1) else {
                return .failure(UnreadableBlock(height: next, reason: "\(error)"))
            }
            return .success(single)
        }
    }
}
