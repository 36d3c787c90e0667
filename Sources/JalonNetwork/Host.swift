import NIOCore

/// Where an accepted connection comes from, as far as one owner can be told from another: an address of IPv4, or the /64 of
/// one of IPv6, all of which its subscriber has.
struct Host: Hashable, Sendable {
    private let prefix: [UInt8]

    init(_ address: SocketAddress?) {
        let raw = address?.withSockAddr { [UInt8](UnsafeRawBufferPointer(start: $0, count: $1)) } ?? []
        switch address {
        // RFC 3493, section 3.3: before the address stand its family, its port and, of IPv6, the flow information.
        case .v4: prefix = Array(raw.dropFirst(4).prefix(4))
        case .v6:
            let interface = raw.dropFirst(8).prefix(16)
            // RFC 4291, section 2.5.5.2: what came over IPv4 to a socket that takes both.
            let isMapped = interface.starts(with: [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF])
            prefix = isMapped ? interface.suffix(4) : Array(interface.prefix(8))
        case .unixDomainSocket, nil: prefix = []
        }
    }

    /// Whether it is this machine, where a whole network may run.
    ///
    /// RFC 1122, section 3.2.1.3; RFC 4291, section 2.5.3, of whose /64 nobody else is.
    var isLoopback: Bool {
        prefix.count == 4 ? prefix[0] == 127 : prefix.count == 8 && prefix.allSatisfy { $0 == 0 }
    }
}
