import Foundation
import JalonAPI
import JalonCore
import JalonCrypto
import JalonModel
import JalonNetwork
import JalonState
import JalonStorage

/// The checks and openings before a node's start, in the order in which their errors help most.
enum NodeSetup {
    static func genesis(of configuration: NodeConfiguration) throws -> Genesis {
        let genesis = try GenesisFile.load(at: configuration.genesis)
        if let expected = configuration.network, expected != genesis.network {
            throw NodeError.otherNetwork(expected: expected, found: genesis.network)
        }
        return genesis
    }

    /// The private keys of a node.
    struct Keys {
        let node: PrivateKey
        /// The one that signs votes now and, while it is being changed, the one after it.
        let validators: [PrivateKey]

        /// Whether one of them is the key that seals the first blocks alone.
        func areOnlyValidator(of set: ValidatorSet) -> Bool {
            guard set.count == 1 else { return false }
            return validators.contains { $0.publicKey == set[ValidatorIndex(0)]?.key }
        }
    }

    static func keys(
        of configuration: NodeConfiguration,
        passphrases: PassphraseSource
    ) throws -> Keys {
        func load(_ path: String) throws -> PrivateKey {
            try KeyFile.load(at: path) { () throws(KeyFileError) in try passphrases.passphrase(of: path) }
        }
        let paths = [configuration.keys.validator, configuration.keys.nextValidator]
        return Keys(
            node: try load(configuration.keys.node),
            validators: try paths.compactMap { try $0.map(load) }
        )
    }

    /// Whether the node is the one that seals the first blocks alone: with an empty ledger it asks nobody before it does.
    static func isOnlyValidator(
        of genesis: Genesis,
        _ configuration: NodeConfiguration,
        passphrases: PassphraseSource
    ) throws -> Bool {
        guard genesis.validators.count == 1, configuration.keys.validator != nil else { return false }
        return try keys(of: configuration, passphrases: passphrases).areOnlyValidator(of: genesis.validators)
    }

    /// Refuses a validator key that is not that of the node's member.
    ///
    /// - Returns: Whether the node's member is none yet: it follows the chain until it is admitted.
    static func isApplicant(_ keys: Keys, of configuration: NodeConfiguration, in state: LedgerState) throws
        -> Bool
    {
        // A node key of no member is a mirror's, or that of a member who is to join: peers let it follow.
        guard let node = state.key(keys.node.publicKey.id), node.kind == .node else {
            return !keys.validators.isEmpty
        }
        let paths = [configuration.keys.validator, configuration.keys.nextValidator].compactMap { $0 }
        for (key, path) in zip(keys.validators, paths) {
            let record = state.key(key.publicKey.id)
            // The next one is registered once it is made, by jalon key rotate.
            if record == nil, path == configuration.keys.nextValidator { continue }
            guard record?.kind == .validator, record?.member == node.member else {
                throw NodeError.notValidator(key.publicKey.id, path: path)
            }
        }
        return false
    }

    /// Opens the ledger, or makes it where the folder holds none yet.
    ///
    /// - Parameters:
    ///   - configuration: Where the folder is.
    ///   - genesis: The ledger's.
    ///   - mayMake: Whether one may be made: 'jalon join' made one already, so that a missing one was lost, and who seals
    ///     alone would seal a second first block on a new one.
    /// - Returns: The ledger.
    /// - Throws: ``NodeError/lostLedger(path:)``, `DataFolderError`, `StorageError`.
    static func store(
        of configuration: NodeConfiguration,
        genesis: Genesis,
        mayMake: Bool = true
    ) throws -> LedgerStore {
        let identity = LedgerIdentity(network: genesis.network, chain: genesis.chain)
        let folder = try DataFolder(creating: configuration.data)
        // A command that was killed left it.
        LedgerReplacement.discard(in: folder)
        do {
            return try LedgerStore.open(in: folder, expecting: identity)
        } catch StorageError.noLedger {
            guard mayMake else { throw NodeError.lostLedger(path: folder.path) }
            return try LedgerStore.create(in: folder, genesis: genesis.encoded, identity: identity)
        }
    }

    /// Refuses a clock far ahead of the ledger where this node alone stamps blocks: it is more often wrong than the network
    /// was asleep.
    ///
    /// Where there are other validators, their clocks decide with it. Then it is mostly the ledger that is old: it was put
    /// back, or begins anew, and the peers have what is missing.
    ///
    /// - Parameters:
    ///   - now: What the machine's clock shows.
    ///   - tip: Of the last block; `nil` where there is none.
    ///   - isAlone: Whether this node is the only validator.
    ///   - isAccepted: Whether the operator believes the clock.
    /// - Throws: ``NodeError/implausibleTime(days:)``.
    static func checkTime(_ now: Timestamp, tip: Timestamp?, isAlone: Bool, isAccepted: Bool)
        throws(NodeError)
    {
        let day: UInt64 = 86_400_000
        guard let tip, isAlone, !isAccepted, now > tip.advanced(byMilliseconds: 30 * day) else { return }
        throw .implausibleTime(days: (now.value - tip.value) / day)
    }

    static func network(
        of configuration: NodeConfiguration,
        node: PrivateKey,
        genesis: Genesis,
        view: LedgerView
    ) throws -> NetworkConfiguration {
        let state = view.snapshot.state
        return NetworkConfiguration(
            identity: node,
            listen: [try NetworkAddress(configuration.listen.description)],
            peers: try peers(of: state, configured: configuration.peers),
            hello: {
                let snapshot = view.snapshot
                return Hello(
                    network: genesis.network,
                    chain: genesis.chain,
                    epoch: snapshot.context.epoch,
                    height: snapshot.height,
                    validatorsHash: snapshot.context.validators.hash
                )
            }
        )
    }

    /// The nodes of all members, at the addresses of their records and of the configuration, which come first.
    static func peers(of state: LedgerState, configured: [PeerConfiguration]) throws -> [PeerAddress] {
        var peers: [PeerAddress] = []
        for member in state.members where member.standing != .removed {
            for node in member.nodes {
                let own = configured.filter { peer in
                    if let key = peer.key { return key == node.key.id }
                    return peer.member == member.id
                }
                let addresses = own.flatMap(\.addresses) + node.addresses
                peers.append(
                    try PeerAddress(
                        key: node.key,
                        addresses: try addresses.map { try NetworkAddress($0.text) }
                    )
                )
            }
        }
        return peers
    }

    /// The entries of the configuration that are no node of a member in this state: nobody is dialled by them.
    static func unknownPeers(in state: LedgerState, configured: [PeerConfiguration]) -> [PeerConfiguration] {
        configured.filter { peer in
            !state.members.contains { member in
                guard member.standing != .removed else { return false }
                guard let key = peer.key else { return peer.member == member.id }
                return member.nodes.contains { $0.key.id == key }
            }
        }
    }

    /// Where the API listens, and with which certificate.
    static func api(of configuration: NodeConfiguration) throws(APIServerError) -> APIConfiguration {
        var api = try APIConfiguration(
            listen: configuration.apiListen.description,
            others: configuration.apiNodes.map(\.text)
        )
        api.certificate = try configuration.apiCertificate.map { files throws(APIServerError) in
            try APICertificate(files)
        }
        return api
    }

    /// What the operator should mend, one sentence each.
    static func warnings(of api: APIConfiguration, at now: Timestamp) -> [String] {
        guard let certificate = api.certificate else {
            return api.isLoopback
                ? []
                : [
                    "the API is served beyond this machine without HTTPS: set 'api.certificate' and 'api.key', or put "
                        + "a server with a certificate in front of it"
                ]
        }
        return certificate.warning(at: now.value).map { [$0] } ?? []
    }
}
