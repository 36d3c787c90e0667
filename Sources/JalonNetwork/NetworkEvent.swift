package import JalonCrypto
package import JalonModel

/// What the network tells the node, for each peer in the order in which it happened.
package enum NetworkEvent: Sendable {
    /// The sockets are bound: the addresses with their real ports. The first event of all.
    case listening([NetworkAddress])
    /// A connection passed the handshake. A peer that is not known is there to sync and nothing else.
    case connected(KeyID, Hello, isKnown: Bool)
    /// A connection ended; frames sent or received shortly before may be lost.
    case disconnected(KeyID, DisconnectReason)
    /// A frame with a known kind and a body within that kind's limit; the body is not decoded.
    case frame(kind: FrameKind, body: [UInt8], from: KeyID)
}

/// Why a connection ended or never began.
package enum DisconnectReason: Error, Equatable, Sendable {
    /// The peer closed it, or its process ended.
    case closedByPeer
    /// No frame arrived for ``NetworkTiming/idleTimeout``.
    case idle
    /// The peer's hello was not there in time.
    case handshakeTimeout
    /// TLS failed, in the library's words; often the other side refuses this node's key.
    case handshakeFailed(String)
    /// The peer at a dialled address has another key than the one expected there.
    case wrongKey(expected: KeyID, found: KeyID)
    /// The peer's certificate shows no key that the ledger could use.
    case unusableKey
    /// The peer is this node itself.
    case ownKey
    /// The key is no known peer's, and no sync-only connection is left or allowed.
    case unknownKey(KeyID)
    /// Another network, chain or version.
    case incompatible(HelloError)
    /// Bytes that no honest peer sends.
    case violation(FrameError)
    /// Both sides keep another connection of this pair, or a newer one took its place.
    case replaced
    /// The peer became a known one or ceased to be: it connects anew under its new standing.
    case standingChanged
    /// The node asked for it with ``PeerNetwork/disconnect(_:refusingFor:)``.
    case requested
    /// What arrived from this peer is not taken fast enough.
    case congested
    /// This node ends.
    case shutdown
    /// The socket failed, in the system's words.
    case failed(String)

    /// Whether only a person can mend it, so that a quick retry is useless.
    var isRefusal: Bool {
        switch self {
        case .wrongKey, .unusableKey, .ownKey, .unknownKey, .incompatible: true
        case .closedByPeer, .idle, .handshakeTimeout, .handshakeFailed, .violation, .replaced,
            .standingChanged, .requested, .congested, .shutdown, .failed:
            false
        }
    }

    /// A name from a closed set, for metrics.
    package var label: String {
        switch self {
        case .closedByPeer: "closed-by-peer"
        case .idle: "idle"
        case .handshakeTimeout: "handshake-timeout"
        case .handshakeFailed: "handshake-failed"
        case .wrongKey: "wrong-key"
        case .unusableKey: "unusable-key"
        case .ownKey: "own-key"
        case .unknownKey: "unknown-key"
        case .incompatible: "incompatible"
        case .violation: "violation"
        case .replaced: "replaced"
        case .standingChanged: "standing-changed"
        case .requested: "requested"
        case .congested: "congested"
        case .shutdown: "shutdown"
        case .failed: "failed"
        }
    }
}

extension DisconnectReason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .closedByPeer: "the peer closed the connection"
        case .idle: "nothing arrived from the peer for too long"
        case .handshakeTimeout: "the handshake was not done in time"
        case .handshakeFailed(let reason): "TLS failed (\(reason)): does the peer know this node's key?"
        case .wrongKey(let expected, let found):
            "the node there has the key \(found), expected \(expected): correct the address or the key"
        case .unusableKey: "the peer's certificate holds no sound Ed25519 key"
        case .ownKey: "the address leads to this node itself: remove it from the peers"
        case .unknownKey(let key):
            "the key \(key) is no known peer's, and no connection for strangers is free"
        case .incompatible(let error): error.description
        case .violation(let error): error.description
        case .replaced: "another connection to the same peer is kept"
        case .standingChanged: "the peer became a known one or ceased to be"
        case .requested: "this node refuses the peer for a while"
        case .congested: "this node is too slow for what the peer sends"
        case .shutdown: "this node ends"
        case .failed(let reason): reason
        }
    }
}
