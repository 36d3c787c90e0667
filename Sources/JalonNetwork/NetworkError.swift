/// Why the network could not start.
package enum NetworkError: Error, Equatable, Sendable {
    /// The text is not `host:port` or `[IPv6]:port`, or has port 0 where somebody must dial it.
    case badAddress(String)
    /// Another program listens there.
    case addressInUse(NetworkAddress)
    /// The address is none of this machine's, or its name does not resolve.
    case addressNotHere(NetworkAddress)
    /// The system forbids it, for example a port below 1,024.
    case notPermitted(NetworkAddress)
    /// Listening failed for another reason, in the system's words.
    case cannotListen(NetworkAddress, reason: String)
    /// The node key can't be turned into a TLS identity, in the library's words.
    case identity(reason: String)
}

extension NetworkError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .badAddress(let text):
            "'\(text)' is no address: write host:port or [IPv6]:port, with a port from 1 to 65535 (0 for listening only)"
        case .addressInUse(let address):
            "another program listens on \(address): stop it, or choose another port for this node"
        case .addressNotHere(let address):
            "\(address) is not an address of this machine: listen on 0.0.0.0:\(address.port) or on one that it has"
        case .notPermitted(let address):
            "the system does not let this user listen on \(address): choose a port above 1023"
        case .cannotListen(let address, let reason):
            "listening on \(address) failed: \(reason)"
        case .identity(let reason):
            "the node key can't serve as a TLS identity: \(reason)"
        }
    }
}
