import JalonModel
import JalonStorage

/// Fills a node's empty ledger from a copy, every block checked as `verify` does before it is stored.
package struct LedgerImport: Sendable {
    private let source: any LedgerSource

    package init(_ source: any LedgerSource) {
        self.source = source
    }

    /// What was imported.
    package struct Outcome: Sendable {
        package let report: VerificationReport
        /// Whether the node, which may have voted before, asks its peers where they stand before it votes.
        package let rejoins: Bool
    }

    /// Checks and stores the blocks of the source.
    ///
    /// A validator's node then has to rejoin: no copy of blocks holds its votes.
    ///
    /// - Parameters:
    ///   - configuration: The node's, which must stand still. Its genesis is what is believed.
    ///   - passphrases: Where those of encrypted key files come from.
    ///   - progress: Told after each batch of blocks.
    /// - Returns: What was imported.
    /// - Throws: ``VerificationFailure`` for a bad block, the ones before it being imported then;
    ///   ``StorageError/exists(path:)`` where the node holds blocks already; ``SetupError/onlyValidator`` for the only
    ///   validator of the genesis, of which nobody can say what it sealed after the copy was made.
    package func run(
        into configuration: NodeConfiguration,
        passphrases: PassphraseSource = PassphraseSource(environment: [:]),
        progress: (VerificationProgress) -> Void = { _ in }
    ) async throws -> Outcome {
        let genesis = try NodeSetup.genesis(of: configuration)
        let store = try NodeSetup.store(of: configuration, genesis: genesis)
        defer { try? store.close() }
        guard try store.reader.finalHeight() == Height(0) else {
            throw StorageError.exists(path: configuration.data)
        }
        if try NodeSetup.isOnlyValidator(of: genesis, configuration, passphrases: passphrases) {
            throw SetupError.onlyValidator
        }
        let rejoins = configuration.keys.validator != nil
        if rejoins { try store.perform([.rejoin(.required)]) }
        let report = try await LedgerVerifier(source: source).verify(
            chain: genesis.chain,
            progress: progress
        ) { blocks in
            try store.perform(
                blocks.flatMap { block in
                    (block.finalization.map { [.certificate($0)] } ?? []) + [.final(block.final)]
                }
            )
        }
        return Outcome(report: report, rejoins: rejoins)
    }
}
