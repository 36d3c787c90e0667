import NIOCore

/// Whose address it is: one of IPv4, or the network of one of IPv6, as a client has all of its addresses.
struct ClientAddress: Hashable, Sendable {
    /// The four bytes of an address of IPv4, or the first eight of one of IPv6; none of any other.
    let bytes: [UInt8]

    init(_ address: SocketAddress?) {
        // RFC 3493, section 3.3: family, port and flow information stand before the address.
        let all = address?.withSockAddr { pointer, count in
            Array(UnsafeRawBufferPointer(start: pointer, count: count))
        }
        switch (address, all) {
        case (.v4, let all?): bytes = Array(all.dropFirst(4).prefix(4))
        case (.v6, let all?):
            let whole = Array(all.dropFirst(8).prefix(16))
            // RFC 4291, section 2.5.5.2: an address of IPv4, on a socket that takes both.
            let isMapped = whole.prefix(12) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
            bytes = Array(isMapped ? whole.suffix(4) : whole.prefix(8))
        default: bytes = []
        }
    }

    /// Whether it is this machine: maybe a proxy, behind which anybody stands.
    ///
    /// RFC 1122, section 3.2.1.3; RFC 4291, section 2.5.3, of whose network nobody else is.
    var isLoopback: Bool { bytes.first == 127 && bytes.count == 4 || bytes == [0, 0, 0, 0, 0, 0, 0, 0] }
}
