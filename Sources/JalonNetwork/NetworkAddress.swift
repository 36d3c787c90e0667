package import JalonCrypto

/// A host and a TCP port, as configuration, member records and invitations write it: `host:port` or `[IPv6]:port`.
package struct NetworkAddress: Hashable, Sendable {
    /// A name, an IPv4 address, or an IPv6 address without its brackets.
    package let host: String
    /// 0 to 65,535; 0 asks the system for a free port and makes sense for listening alone.
    package let port: Int

    /// Reads `host:port` or `[IPv6]:port`.
    ///
    /// - Throws: ``NetworkError/badAddress(_:)``.
    package init(_ text: String) throws(NetworkError) {
        guard let parts = NetworkAddress.split(text) else { throw .badAddress(text) }
        (host, port) = parts
    }

    /// For an address that the system gave.
    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    private static func split(_ text: String) -> (String, Int)? {
        guard text.utf8.count <= 260, let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else {
            return nil
        }
        let digits = text.utf8[text.utf8.index(after: colon)...]
        guard (1...5).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = Int(String(decoding: digits, as: UTF8.self)), port <= 65_535
        else { return nil }
        var host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = host.dropFirst().dropLast() }
        let isClean = host.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
                UInt8(ascii: "_"):
                true
            case UInt8(ascii: ":"), UInt8(ascii: "%"): isBracketed
            default: false
            }
        }
        guard isClean, !host.isEmpty else { return nil }
        return (String(host), port)
    }
}

extension NetworkAddress: CustomStringConvertible {
    /// The form that ``init(_:)`` reads.
    package var description: String {
        host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

/// A peer: its node key, which is its identity, and where it may be reached.
package struct PeerAddress: Hashable, Sendable {
    /// The key that its TLS certificate must show.
    package let key: PublicKey
    /// Tried in turn; empty for a peer that only dials.
    package let addresses: [NetworkAddress]

    /// - Throws: ``NetworkError/badAddress(_:)`` for an address with port 0, which nobody can dial.
    package init(key: PublicKey, addresses: [NetworkAddress]) throws(NetworkError) {
        for address in addresses where address.port == 0 { throw .badAddress(address.description) }
        self.key = key
        self.addresses = addresses
    }
}
