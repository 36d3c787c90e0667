import JalonCrypto
import JalonModel
import JalonStorage

/// Puts a damaged ledger aside, for the node to fetch a new one from its peers.
package enum ResyncSetup {
    /// Makes a ledger with the genesis alone, or out of a snapshot, in the place of the node's, with the flag to rejoin.
    ///
    /// The own votes of the damaged ledger may be readable, but what else of it is right nobody knows, so the node asks the
    /// other validators before it votes, as after any other loss.
    ///
    /// - Parameters:
    ///   - configuration: Of the stopped node.
    ///   - snapshot: A snapshot's file, from which the node goes on; `nil` for every block from the peers.
    ///   - passphrases: Where those of encrypted key files come from.
    ///   - progress: Told how much of how much of the snapshot came.
    /// - Returns: The folder in which the ledger before lies now; `nil` where there was none.
    /// - Throws: `DataFolderError` where the node runs; ``SetupError/onlyValidator`` where there is nobody to fetch from;
    ///   `SnapshotFileError`; ``NodeError`` and `StorageError`.
    package static func run(
        _ configuration: NodeConfiguration,
        snapshot: String? = nil,
        passphrases: PassphraseSource = PassphraseSource(environment: [:]),
        progress: (UInt64, UInt64) -> Void = { _, _ in }
    ) throws -> String? {
        let genesis = try NodeSetup.genesis(of: configuration)
        // Alone it would ask nobody, and seal a second first block.
        if try NodeSetup.isOnlyValidator(of: genesis, configuration, passphrases: passphrases) {
            throw SetupError.onlyValidator
        }
        let folder = try DataFolder(creating: configuration.data)
        if let snapshot {
            return try SnapshotSetup.fill(
                from: snapshot,
                genesis: genesis,
                in: folder,
                rejoins: true,
                progress: progress
            )
            .aside
        }
        return try LedgerReplacement.run(in: folder) { incoming in
            let store = try LedgerStore.create(
                in: incoming,
                genesis: genesis.encoded,
                identity: LedgerIdentity(network: genesis.network, chain: genesis.chain)
            )
            try store.perform([.rejoin(.required)])
            return store
        }
    }
}
