import JalonCore

/// The peers whose frames the driver takes: those that are connected, as far as its events go, and did not misbehave since.
///
/// Frames that were on their way when a peer was penalized still come out of the queues; they are dropped here, so that
/// what one connection can cost ends with its first offence.
struct HeardPeers {
    /// Whether each is a known one.
    private var peers: [PeerID: Bool] = [:]

    /// A connection began.
    mutating func connected(_ peer: PeerID, isKnown: Bool) {
        peers[peer] = isKnown
    }

    /// A connection ended, or its peer is not listened to any more until it connects anew.
    ///
    /// - Returns: Whether the peer is a known one; `nil` where it was not heard any more.
    @discardableResult
    mutating func remove(_ peer: PeerID) -> Bool? {
        peers.removeValue(forKey: peer)
    }

    /// Whether the peer is a known one; `nil` where it is not heard.
    func isKnown(_ peer: PeerID) -> Bool? { peers[peer] }
}
