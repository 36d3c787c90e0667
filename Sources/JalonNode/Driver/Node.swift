import JalonAPI
import JalonConsensus
package import JalonCore
package import JalonCrypto
package import JalonModel
import JalonNetwork
import JalonState
import JalonStorage
package import Logging
import ServiceLifecycle

/// One node of a network: its disk, its links, its API, and the driver between them.
package struct Node: Sendable {
    /// The program's version.
    package static let version = "0.1.0"

    private let configuration: NodeConfiguration
    private let genesis: Genesis
    private let core: Core
    private let driver: NodeDriver
    private let network: PeerNetwork
    private let api: APIServer<NodeLedger>
    /// What the API reads and hands transactions to.
    let ledger: NodeLedger
    private let logger: Logger

    /// Checks the configuration, opens the ledger and replays its journal; binds nothing and sends nothing yet.
    ///
    /// - Parameters:
    ///   - configuration: Where everything is.
    ///   - passphrases: For key files that are encrypted.
    ///   - acceptTime: Whether a wall clock more than 30 days after the last block is believed where this node seals alone.
    ///   - isFirstStart: Whether a node that seals alone may begin on a folder without a ledger.
    ///   - logger: Where the node writes what happens to it.
    /// - Throws: ``NodeError`` and the typed errors of configuration, storage, keys and network, each with the next step.
    package init(
        configuration: NodeConfiguration,
        passphrases: PassphraseSource = PassphraseSource(environment: [:]),
        acceptTime: Bool = false,
        isFirstStart: Bool = false,
        logger: Logger
    ) throws {
        try self.init(
            configuration: configuration,
            passphrases: passphrases,
            acceptTime: acceptTime,
            isFirstStart: isFirstStart,
            logger: logger,
            didPersist: { _ in }
        )
    }

    init(
        configuration: NodeConfiguration,
        passphrases: PassphraseSource,
        acceptTime: Bool,
        isFirstStart: Bool = false,
        logger: Logger,
        didPersist: @escaping @Sendable ([JalonModel.Record]) throws -> Void
    ) throws {
        let genesis = try NodeSetup.genesis(of: configuration)
        let keys = try NodeSetup.keys(of: configuration, passphrases: passphrases)
        let apiConfiguration = try NodeSetup.api(of: configuration)
        let store = try NodeSetup.store(
            of: configuration,
            genesis: genesis,
            mayMake: isFirstStart || !keys.areOnlyValidator(of: genesis.validators)
        )
        if let before = store.before {
            logger.notice(
                "a ledger whose replacement was cut off lies beside the new one: delete it once it is not needed",
                metadata: ["ledger.before": "\(before)"]
            )
        }
        let (restored, state, window) = try StateReading.restore(store.reader, genesis: genesis)
        let clock = NodeDriver.clock()
        var generator = SystemRandomNumberGenerator()
        let core = try Core(
            genesis: genesis,
            restored: restored,
            state: state,
            window: window,
            configuration: Core.Configuration(
                keys: keys.validators,
                node: keys.node.publicKey.id,
                seed: generator.next()
            ),
            verifier: KeySignatureVerifier(),
            clock: clock
        )
        try NodeSetup.checkTime(
            clock.wall,
            tip: restored.tip?.timestamp,
            isAlone: keys.areOnlyValidator(of: core.state.validators),
            isAccepted: acceptTime
        )
        if try NodeSetup.isApplicant(keys, of: configuration, in: core.state) {
            logger.notice(
                "this node's member has not been admitted: it follows the chain, and seals blocks once it is",
                metadata: ["node.key": "\(keys.node.publicKey.id)"]
            )
        }
        for peer in NodeSetup.unknownPeers(in: core.state, configured: configuration.peers) {
            logger.warning(
                "a peer of the configuration is no node of a member, as far as this ledger goes: it is not dialled",
                metadata: [
                    "peer.member": "\(peer.member?.text ?? "")", "peer.key": "\(peer.key?.description ?? "")",
                ]
            )
        }
        let view = LedgerView(LedgerSnapshot(core))
        let network = try PeerNetwork(
            configuration: try NodeSetup.network(
                of: configuration,
                node: keys.node,
                genesis: genesis,
                view: view
            ),
            logger: logger
        )
        let driver = NodeDriver(
            store: store,
            network: network,
            view: view,
            peers: { [peers = configuration.peers] state in
                (try? NodeSetup.peers(of: state, configured: peers)) ?? []
            },
            logger: logger,
            didPersist: didPersist
        )
        let ledger = NodeLedger(
            genesis: genesis,
            reader: store.reader,
            view: view,
            node: keys.node.publicKey.id,
            counted: { driver.count(in: &$0) },
            storage: { [meter = driver.meter] in meter.use },
            warnings: { NodeSetup.warnings(of: apiConfiguration, at: WallTime.now()) },
            submit: { [mailbox = driver.mailbox] in mailbox.send(.event(.submitted($0))) }
        )
        let server = APIServer(
            configuration: apiConfiguration,
            ledger: ledger,
            logger: logger
        )
        (self.configuration, self.genesis, self.logger) = (configuration, genesis, logger)
        (self.core, self.driver, self.network) = (core, driver, network)
        (self.ledger, api) = (ledger, server)
    }

    /// Runs until a signal asks it to stop, then closes everything in order; a failed disk or a final block that does
    /// not execute ends it with an error.
    package func run() async throws {
        OpenFiles.raiseLimit()
        logger.notice(
            "jalon node",
            metadata: [
                "network": "\(genesis.network)", "chain": "\(genesis.chain)",
                "block.height": "\(core.tip.height)",
                "node.role": core.context.validators.count > 0 && configuration.keys.validator != nil
                    ? "validator" : "observer",
            ]
        )
        for warning in ledger.warnings() {
            logger.warning("the API needs attention", metadata: ["warning": "\(warning)"])
        }
        do {
            // Whatever ends the node, its file is closed: what is durable is in it already.
            defer { try? driver.store.close() }
            // The first reader should not wait for every status to be judged.
            let warming = Task { [ledger] in
                _ = try? await ledger.statusReport(page: Page(limit: 1), asOf: nil)
            }
            defer { warming.cancel() }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await network.run() }
                group.addTask { try await api.run() }
                group.addTask { try await driver.run(core) }
                group.addTask {
                    let port = try await api.port
                    logger.notice(
                        "ready",
                        metadata: [
                            "api":
                                "\(configuration.apiCertificate == nil ? "http" : "https")://\(configuration.apiListen.host):\(port)"
                        ]
                    )
                    try await gracefulShutdown()
                }
                // The first to end, by a signal or an error, ends the others.
                defer { group.cancelAll() }
                try await group.next()
            }
        } catch is CancellationError {}
        logger.notice("stopped")
    }

    /// Contradicting votes that this node holds of validators.
    var evidence: [Equivocation] { ledger.view.snapshot.evidence }

    /// The port at which the API listens, once it does.
    package var apiPort: Int {
        get async throws { try await api.port }
    }
}

extension Node: Service {}

extension Node: CustomStringConvertible {
    /// Short: a service's description is made at every start, and a node's parts tell whole ledgers.
    package var description: String { "the node of \(genesis.network)" }
}

/// Why a node does not start or stops itself.
package enum NodeError: Error, Equatable, Sendable {
    case halted(HaltReason)
    /// The validator key is none of the node's member's.
    case notValidator(KeyID, path: String)
    /// The genesis can't be read.
    case genesis(path: String, reason: String)
    /// The configuration is for another network than the genesis.
    case otherNetwork(expected: NetworkID, found: NetworkID)
    /// The wall clock is more than 30 days after the last block.
    case implausibleTime(days: UInt64)
    /// Only a validator has votes to lose.
    case observerNeverRejoins
    /// The folder holds no ledger, and this node seals the first blocks alone.
    case lostLedger(path: String)
}

extension NodeError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .halted(let reason):
            "the node stopped itself and serves nothing: \(reason)"
        case .notValidator(let key, let path):
            """
            the validator key \(key) of \(path) is not one of this node's member: name the right file, or leave \
            'keys.validator' out to run an observer
            """
        case .genesis(let path, let reason):
            "the genesis at \(path) can't be read: \(reason)"
        case .otherNetwork(let expected, let found):
            "the configuration is for the network \(expected), the genesis is that of \(found)"
        case .implausibleTime(let days):
            """
            this machine's clock is \(days) days after the last block: set it right, or start with --accept-time if \
            the network really stood still that long
            """
        case .lostLedger(let path):
            """
            \(path) holds no ledger, which 'jalon join' made: it was lost, and this node, the only validator of the genesis, \
            would seal a second first block. Restore a backup ('jalon restore FILE'); if it never sealed a block, start \
            with --first-start
            """
        case .observerNeverRejoins:
            "the configuration names no validator key: an observer casts no votes, so it has none to lose"
        }
    }
}
