import JalonModel
import JalonStorage

/// What an operator does before the start of a node whose own votes may be lost: after a lost disk, an old copy put back,
/// a snapshot of a machine.
package enum RejoinSetup {
    /// Notes in the data folder, durably, that the node has to rejoin; the folder is made where there is none.
    ///
    /// - Parameters:
    ///   - configuration: Of the stopped node.
    ///   - passphrases: Where those of encrypted key files come from.
    /// - Throws: ``SetupError/onlyValidator`` where the ledger is empty and nobody would be asked; ``NodeError`` and
    ///   `StorageError`; also where the node runs.
    package static func require(
        _ configuration: NodeConfiguration,
        passphrases: PassphraseSource = PassphraseSource(environment: [:])
    ) throws {
        let genesis = try NodeSetup.genesis(of: configuration)
        guard configuration.keys.validator != nil else { throw NodeError.observerNeverRejoins }
        let isAlone = try NodeSetup.isOnlyValidator(of: genesis, configuration, passphrases: passphrases)
        let store: LedgerStore
        do {
            store = try NodeSetup.store(of: configuration, genesis: genesis, mayMake: !isAlone)
        } catch NodeError.lostLedger { throw SetupError.onlyValidator }
        defer { try? store.close() }
        if isAlone, try store.reader.finalHeight() == Height(0) { throw SetupError.onlyValidator }
        try store.perform([.rejoin(.required)])
    }
}
