public import JalonCodec
public import JalonCrypto

/// What a member may be in the network; it may be several.
public enum MemberRole: String, CodedChoice, Comparable {
    case province, regulator, auditor, observer

    public static func < (left: MemberRole, right: MemberRole) -> Bool {
        left.rawValue.utf8.lexicographicallyPrecedes(right.rawValue.utf8)
    }
}

/// A node of a member: the key that is its TLS identity, and where it may be dialled.
public struct NodeEntry: CBORValue {
    /// The most addresses of a node.
    public static let maximumAddressCount = 8

    /// Always Ed25519, so it is encoded as its raw bytes alone.
    public var key: PublicKey
    /// In the order in which they are tried; none where the node only dials.
    public var addresses: [NodeAddress]

    public init(key: PublicKey, addresses: [NodeAddress] = []) {
        (self.key, self.addresses) = (key, addresses)
    }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("key") { $0.encode(bytes: key.raw) }
            map.field("addresses", addresses)
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let key = try map.field("key") { (decoder) throws(CBORError) in try decoder.decodeNodeKey() }
            return NodeEntry(
                key: key,
                addresses: try map.list("addresses", maximum: NodeEntry.maximumAddressCount)
            )
        }
    }
}

/// An organisation of the network, as the genesis lists it.
public struct Member: CBORValue {
    /// The most authority keys, and the most nodes, of a member.
    public static let maximumKeyCount = 8

    public var id: MemberID
    /// Ascending, each once.
    public var roles: [MemberRole]
    public var name: LocalizedText
    public var region: RegionCode?
    /// Sign transactions; kept off the node's machine.
    public var authorityKeys: [PublicKey]
    /// Signs only key.recover.
    public var recoveryKey: PublicKey?
    public var nodes: [NodeEntry]

    public init(
        id: MemberID,
        roles: [MemberRole],
        name: LocalizedText,
        region: RegionCode? = nil,
        authorityKeys: [PublicKey],
        recoveryKey: PublicKey? = nil,
        nodes: [NodeEntry] = []
    ) {
        (self.id, self.roles, self.name, self.region) = (id, roles, name, region)
        (self.authorityKeys, self.recoveryKey, self.nodes) = (authorityKeys, recoveryKey, nodes)
    }

    /// Whether the member has the role.
    public func has(_ role: MemberRole) -> Bool { roles.contains(role) }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("id", id)
            map.field("name", name)
            map.field("nodes", nodes)
            map.field("roles", roles)
            map.field("region", ifPresent: region)
            map.field("recoveryKey", ifPresent: recoveryKey) { $0.encode($1) }
            map.field("authorityKeys") { $0.encode(array: authorityKeys) { $0.encode($1) } }
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let id: MemberID = try map.field("id")
            let name: LocalizedText = try map.field("name")
            let nodes: [NodeEntry] = try map.list("nodes", maximum: Member.maximumKeyCount)
            let roles: [MemberRole] = try map.list("roles", maximum: MemberRole.allCases.count)
            let region: RegionCode? = try map.optional("region")
            let recoveryKey = try map.optional("recoveryKey") { (decoder) throws(CBORError) in
                try decoder.decodeKeyEntry()
            }
            let authorityKeys = try map.field("authorityKeys") { (decoder) throws(CBORError) in
                try decoder.decodeArray(maximum: Member.maximumKeyCount) { (decoder) throws(CBORError) in
                    try decoder.decodeKeyEntry()
                }
            }
            return Member(
                id: id,
                roles: roles,
                name: name,
                region: region,
                authorityKeys: authorityKeys,
                recoveryKey: recoveryKey,
                nodes: nodes
            )
        }
    }
}

extension CBOREncoder {
    /// Writes a public key as `[alg, raw]`.
    public mutating func encode(_ key: PublicKey) {
        encodeArrayHead(2)
        encode(key.algorithm.rawValue)
        encode(bytes: key.raw)
    }
}

extension CBORDecoder {
    /// Reads a public key, `[alg, raw]`, and refuses a weak one.
    public mutating func decodeKeyEntry() throws(CBORError) -> PublicKey {
        try decodeArray(count: 2) { (decoder) throws(CBORError) in try decoder.decodePublicKey() }
    }

    fileprivate mutating func decodeNodeKey() throws(CBORError) -> PublicKey {
        let at = offset
        let raw = try decodeBytes(count: SignatureAlgorithm.ed25519.publicKeyByteCount)
        do { return try PublicKey(algorithm: .ed25519, raw: raw) } catch {
            throw .invalidValue(error.description, offset: at)
        }
    }
}

/// Where a node may be dialled: `host:port`, the host a DNS name, an IPv4 address, or an IPv6 address in brackets.
public struct NodeAddress: CodeIdentifier {
    public let text: String
    init(checked text: String) { self.text = text }
    public static var form: String { "an address such as node.example.cn:7400 or [2001:db8::1]:7400" }
    public static var maximumByteCount: Int { 261 }

    static func isValid(_ text: Substring.UTF8View) -> Bool {
        guard let colon = text.lastIndex(of: UInt8(ascii: ":")) else { return false }
        let port = text[text.index(after: colon)...]
        guard (1...5).contains(port.count), port.allSatisfy(\.isDigit), port.first != UInt8(ascii: "0"),
            let number = Int(Substring(port)), number <= 65_535
        else { return false }
        let host = text[..<colon]
        guard (1...253).contains(host.count) else { return false }
        guard host.first == UInt8(ascii: "[") else {
            let hyphen = UInt8(ascii: "-")
            return host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy {
                label in
                (1...63).contains(label.count) && label.first != hyphen && label.last != hyphen
                    && label.allSatisfy { $0.isLower || $0.isUpper || $0.isDigit || $0 == hyphen }
            }
        }
        // The digits in the brackets are judged by whoever dials; here only that they can be an address.
        let inside = host.dropFirst().dropLast()
        let marks = Array(":.ABCDEFabcdef".utf8)
        return host.last == UInt8(ascii: "]") && inside.contains(UInt8(ascii: ":"))
            && inside.allSatisfy { $0.isDigit || marks.contains($0) }
    }

    /// The host, an IPv6 address without its brackets.
    public var host: String {
        let host = text[..<separator]
        return String(host.hasPrefix("[") ? host.dropFirst().dropLast() : host)
    }

    /// The TCP port, 1 to 65,535.
    public var port: Int { Int(text[separator...].dropFirst()) ?? 0 }

    private var separator: String.Index { text.lastIndex(of: ":") ?? text.startIndex }
}
