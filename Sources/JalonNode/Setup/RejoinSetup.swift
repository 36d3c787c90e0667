import JalonModel
import JalonStorage

/// What an operator does before the start of a node whose own votes may be lost: after a lost disk, an old copy put back,
/// a snapshot of a machine.
package enum RejoinSetup {
    /// Notes in the data folder, durably, that the node has to rejoin; the folder is made where there is none.
    ///
    /// - Throws: ``NodeError`` and `StorageError`; also where the node runs.
    package static func require(_ configuration: NodeConfiguration) throws {
        let genesis = try NodeSetup.genesis(of: configuration)
        guard configuration.keys.validator != nil else { throw NodeError.observerNeverRejoins }
        let store = try NodeSetup.store(of: configuration, genesis: genesis)
        defer { try? store.close() }
        try store.perform([.rejoin(.required)])
    }
}
