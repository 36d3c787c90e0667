import Foundation
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

    static func keys(
        of configuration: NodeConfiguration,
        genesis: Genesis,
        passphrase: (String) -> [UInt8]?
    ) throws -> (node: PrivateKey, validator: PrivateKey?) {
        let node = try KeyFile.load(at: configuration.keys.node) { passphrase(configuration.keys.node) }
        // A node key of no member is a mirror's: peers let it follow and nothing else.
        guard let path = configuration.keys.validator else { return (node, nil) }
        guard genesis.members.contains(where: { $0.nodes.contains { $0.key == node.publicKey } }) else {
            throw NodeError.unknownNodeKey(node.publicKey.id, path: configuration.keys.node)
        }
        let validator = try KeyFile.load(at: path) { passphrase(path) }
        guard genesis.validators.index(of: validator.publicKey.id) != nil else {
            throw NodeError.notValidator(validator.publicKey.id, path: path)
        }
        return (node, validator)
    }

    /// Opens the ledger, or makes it where the folder holds none yet.
    static func store(of configuration: NodeConfiguration, genesis: Genesis) throws -> LedgerStore {
        let identity = LedgerIdentity(network: genesis.network, chain: genesis.chain)
        let folder = try DataFolder(creating: configuration.data)
        do {
            return try LedgerStore.open(in: folder, expecting: identity)
        } catch StorageError.noLedger {
            return try LedgerStore.create(in: folder, genesis: genesis.encoded, identity: identity)
        }
    }

    /// A clock that is far ahead of the ledger is more often wrong than the network was asleep.
    static func checkTime(_ now: Timestamp, tip: Timestamp, isAccepted: Bool) throws {
        let day: UInt64 = 86_400_000
        guard !isAccepted, now > tip.advanced(byMilliseconds: 30 * day) else { return }
        throw NodeError.implausibleTime(days: (now.value - tip.value) / day)
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
        for member in state.members {
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

    /// Whether only this machine reaches an address.
    static func isLoopback(_ address: SocketAddress) -> Bool {
        address.host == "localhost" || address.host == "::1" || address.host.hasPrefix("127.")
    }
}
