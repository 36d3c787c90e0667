import JalonCrypto
package import JalonModel
import JalonState
package import JalonStorage

/// Puts a backup in the place of a ledger that was lost.
///
/// A backup is older than what its node did last, so a node on it has forgotten votes. The flag to rejoin is therefore
/// written into the new ledger before that gets its name in the data folder: no process can start on it without.
package struct RestoreSetup: Sendable {
    private let configuration: NodeConfiguration
    private let genesis: Genesis

    /// What was restored.
    package struct Report: Hashable, Sendable {
        package let identity: LedgerIdentity
        /// The last final block.
        package let height: Height
        package let timestamp: Timestamp
        /// Whether the node has to ask the other validators before it votes.
        package let rejoins: Bool
    }

    /// - Throws: ``NodeError`` where the genesis that the configuration names can't be read.
    package init(_ configuration: NodeConfiguration) throws {
        self.configuration = configuration
        genesis = try NodeSetup.genesis(of: configuration)
    }

    /// Checks a backup and puts it in the node's data folder, which is made where there is none.
    ///
    /// - Parameters:
    ///   - file: What `jalon backup` wrote, of this node or of any other of the network.
    ///   - isSole: Whether a backup is taken in which this node is the only validator: nobody can tell it then what
    ///     it sealed since.
    ///   - passphrases: Where those of encrypted key files come from.
    ///   - progress: Told after each piece of the copy: bytes copied, and bytes in all.
    /// - Returns: What was restored.
    /// - Throws: `StorageError`, for example where the folder holds a ledger or the backup is of another network;
    ///   `DataFolderError` where the node runs; ``SetupError/soleValidator(height:)``.
    package func run(
        _ file: String,
        isSole: Bool = false,
        passphrases: PassphraseSource = PassphraseSource(environment: [:]),
        progress: (UInt64, UInt64) -> Void = { _, _ in }
    ) throws -> Report {
        let folder = try DataFolder(creating: configuration.data)
        guard try !LedgerReplacement.isThere(in: folder) else { throw StorageError.exists(path: folder.path) }
        var report: Report?
        _ = try LedgerReplacement.run(in: folder) { incoming in
            try LedgerReplacement.copy(file, into: incoming, progress: progress)
            let identity = LedgerIdentity(network: genesis.network, chain: genesis.chain)
            let store = try LedgerStore.open(in: incoming, expecting: identity)
            do {
                report = try prepare(store, of: file, isSole: isSole, passphrases: passphrases)
            } catch {
                try? store.close()
                throw error
            }
            return store
        }
        guard let report else { preconditionFailure("a replacement that ends has been made") }
        return report
    }

    private func prepare(
        _ store: LedgerStore,
        of file: String,
        isSole: Bool,
        passphrases: PassphraseSource
    ) throws -> Report {
        if let problem = try store.integrityProblem() {
            throw StorageError.corrupt(path: file, reason: problem)
        }
        let restored = try store.reader.restore(replayReach: genesis.parameters.replayReach)
        let state = try state(of: restored, file: file)
        let own = try ownIndex(in: state, passphrases: passphrases)
        if own != nil, state.validators.count == 1, !isSole {
            throw SetupError.soleValidator(height: restored.tip?.height ?? Height(0))
        }
        // Another node's votes are no own ones, and the journal of a node is refused where it holds such.
        let isForeign =
            restored.votes.contains { $0.signer != own }
            || restored.proposals.contains { $0.header.leader != own }
        if isForeign { try store.dropJournal() }
        // Of an observer too: it means nothing to one, until it gets a validator's key.
        try store.perform([.rejoin(.required)])
        return Report(
            identity: store.identity,
            height: restored.tip?.height ?? Height(0),
            timestamp: restored.tip?.timestamp ?? genesis.time,
            rejoins: configuration.keys.validator != nil
        )
    }

    /// The state of the backup's last block, whose root the block must name.
    private func state(of restored: RestoredLedger, file: String) throws -> LedgerState {
        guard let tip = restored.tip else { return LedgerState(genesis: genesis) }
        let state = try? LedgerState(restoring: restored)
        guard let state, state.root == tip.stateRoot else {
            throw StorageError.corrupt(path: file, reason: "its state is not that of block \(tip.height)")
        }
        return state
    }

    /// The place of the node's validator key among the validators; `nil` where it does not seal blocks.
    private func ownIndex(in state: LedgerState, passphrases: PassphraseSource) throws -> ValidatorIndex? {
        guard configuration.keys.validator != nil else { return nil }
        let keys = try NodeSetup.keys(of: configuration, passphrases: passphrases).validators.map(\.publicKey)
        return state.validators.indices.first { index in
            state.validators[index].map { keys.contains($0.key) } ?? false
        }
    }
}
