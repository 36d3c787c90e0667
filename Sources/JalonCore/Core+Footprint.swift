import JalonConsensus
import JalonModel

extension Core {
    /// What of the core's memory is above its bound, in words; `nil` where all of it is below.
    ///
    /// - Complexity: O(views above the final one): for the simulator and for tests.
    package var excess: String? {
        let validators = simplex.context.validators.count
        let views = Int(clamping: simplex.view.value - simplex.finalView.value)
        // Own votes and the certificates are kept for every view above the final one, others' votes for the last 256.
        let votes = 3 * (views + 2) + 3 * validators * (Simplex.voteHorizonCount + 2)
        let bounds: [(what: String, count: Int, bound: Int)] = [
            ("views", simplex.viewCount, views + 2),
            ("votes", simplex.voteCount, votes),
            ("transactions", mempool.count, configuration.mempoolCount),
            ("bytes of transactions", mempool.byteCount, configuration.mempoolByteCount),
            (
                "bytes of final transactions", recentTransactions.byteCount,
                RecentTransactions.maximumByteCount
            ),
            ("questions for transactions", askers.count, Askers.maximumCount),
            ("blocks that are put together", assemblies.count, Core.maximumAssemblies),
            ("pieces that are missing", fetcher.entries.count, Fetcher.maximumCount),
            (
                "blocks without a finalization", sync.buffer.count + sync.checking.count,
                2 * SyncState.maximumBlocks
            ),
            (
                "pairs of contradicting votes", evidence.count,
                ValidatorSet.maximumCount * Core.maximumEvidence
            ),
            ("questions of others", questions.count, Core.maximumQuestions),
            ("senders of proposals", sources.count, Core.maximumSources),
        ]
        return bounds.first { $0.count > $0.bound }.map { "\($0.count) \($0.what), at most \($0.bound)" }
    }
}
