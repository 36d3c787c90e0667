package import JalonAPI
package import JalonCrypto
package import JalonModel

/// Where a program listens or dials: `host:port`, an IPv6 address in brackets.
package struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    /// A name or an address, without brackets.
    package let host: String
    /// 0 to 65,535; listening on 0 takes any free port.
    package let port: Int

    package init(host: String, port: Int) {
        (self.host, self.port) = (host, port)
    }

    /// The form in words, for an error.
    static let form = "an address such as 127.0.0.1:7400 or [::1]:7400"

    /// - Returns: `nil` where the text is not ``form``.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        var host = text[..<colon]
        guard let port = Int(digits), (0...65_535).contains(port), String(port) == digits else { return nil }
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard host.contains(":") else { return nil }
        } else {
            guard !host.contains(":") else { return nil }
        }
        guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        (self.host, self.port) = (String(host), port)
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// A node to dial besides those that the ledger's members name.
package struct PeerConfiguration: Hashable, Sendable {
    /// Whose node it is, for people.
    package var member: MemberID?
    /// The key that the node must show; where it is left out, one of the member's node keys.
    package var key: KeyID?
    /// In the order in which they are tried.
    package var addresses: [NodeAddress]

    package init(member: MemberID? = nil, key: KeyID? = nil, addresses: [NodeAddress]) {
        (self.member, self.key, self.addresses) = (member, key, addresses)
    }
}

/// What a node writes about itself, and how.
package struct LogConfiguration: Hashable, Sendable {
    package enum Level: String, CaseIterable, Sendable {
        case trace, debug, info, notice, warning, error
    }

    package enum Format: String, CaseIterable, Sendable {
        /// A line for people.
        case text
        /// A JSON object a line.
        case json
    }

    package var level: Level
    package var format: Format

    package init(level: Level = .info, format: Format = .text) {
        (self.level, self.format) = (level, format)
    }
}

/// The keys of a node, as paths of their files.
package struct NodeKeys: Hashable, Sendable {
    /// The TLS identity.
    package var node: String
    /// Signs votes; an observer has none.
    package var validator: String?
    /// Signs votes from the epoch on in which it takes the other's place, after `jalon key rotate`.
    package var nextValidator: String?
    /// The file of the passphrase of those keys that are encrypted.
    package var passphraseFile: String?

    package init(node: String, validator: String? = nil, nextValidator: String? = nil) {
        (self.node, self.validator, self.nextValidator) = (node, validator, nextValidator)
    }
}

/// How one node runs: its file, with what the environment and flags say instead.
package struct NodeConfiguration: Hashable, Sendable {
    /// Refuses a genesis of another network, where given.
    package var network: NetworkID?
    /// The file of the genesis' bytes.
    package var genesis: String
    /// The data folder.
    package var data: String
    /// Where peers connect.
    package var listen: SocketAddress
    /// Where the HTTP API and the page are served.
    package var apiListen: SocketAddress
    /// The files with which the API is served over HTTPS.
    package var apiCertificate: APICertificate.Files?
    /// Where other nodes serve the same pages; an open page goes over to them where this node falls silent.
    package var apiNodes: [WebOrigin]
    package var keys: NodeKeys
    package var peers: [PeerConfiguration]
    package var log: LogConfiguration

    package init(
        network: NetworkID? = nil,
        genesis: String,
        data: String,
        listen: SocketAddress,
        apiListen: SocketAddress,
        apiCertificate: APICertificate.Files? = nil,
        apiNodes: [WebOrigin] = [],
        keys: NodeKeys,
        peers: [PeerConfiguration] = [],
        log: LogConfiguration = LogConfiguration()
    ) {
        (self.network, self.genesis, self.data) = (network, genesis, data)
        (self.listen, self.apiListen, self.keys) = (listen, apiListen, keys)
        (self.apiNodes, self.peers, self.log) = (apiNodes, peers, log)
        self.apiCertificate = apiCertificate
    }

    /// Where the API listens where nothing else is said: this machine only.
    package static let defaultAPIListen = SocketAddress(host: "127.0.0.1", port: 8400)
    /// Where peers connect where nothing else is said.
    package static let defaultListen = SocketAddress(host: "0.0.0.0", port: 7400)
    /// The most peers that a file may list.
    package static let maximumPeerCount = 256
}

// MARK: - The file

extension NodeConfiguration {
    /// Reads a node's file and applies what the environment says instead.
    ///
    /// - Parameters:
    ///   - file: The path; relative paths in the file start at its folder.
    ///   - environment: The process' environment, of which the names in ``environmentNames`` are read.
    /// - Throws: ``ConfigurationError`` for the first thing that is wrong, with its line.
    package init(file: String, environment: [String: String] = [:]) throws(ConfigurationError) {
        try self.init(StrictYAML(contentsOf: file), folder: FilePath.folder(of: file))
        try apply(environment: environment)
    }

    init(_ document: StrictYAML, folder: String) throws(ConfigurationError) {
        let fields = try document.mapping([
            "network", "genesis", "data", "listen", "api", "keys", "peers", "log",
        ])
        func path(_ value: StrictYAML) throws(ConfigurationError) -> String {
            FilePath.resolve(try value.text(), in: folder)
        }
        network = try fields["network"]?.identifier()
        genesis = try path(fields.required("genesis"))
        data = try path(fields.required("data"))
        listen = try fields["listen"]?.socketAddress() ?? NodeConfiguration.defaultListen
        let api = try fields["api"]?.mapping(["listen", "nodes", "certificate", "key"])
        apiListen = try api?["listen"]?.socketAddress() ?? NodeConfiguration.defaultAPIListen
        apiNodes =
            try api?["nodes"]?.list(maximum: WebOrigin.maximumCount) {
                entry throws(ConfigurationError) in try entry.webOrigin()
            } ?? []
        if let certificate = api?["certificate"] {
            guard let key = api?["key"] else {
                throw certificate.error("a certificate needs its key: set 'api.key'")
            }
            apiCertificate = APICertificate.Files(certificate: try path(certificate), key: try path(key))
        } else if let key = api?["key"] {
            throw key.error("a key needs its certificate: set 'api.certificate'")
        }
        let keyFields = try fields.required("keys").mapping([
            "node", "validator", "nextValidator", "passphraseFile",
        ])
        keys = NodeKeys(node: try path(keyFields.required("node")))
        if let validator = keyFields["validator"] { keys.validator = try path(validator) }
        if let next = keyFields["nextValidator"] { keys.nextValidator = try path(next) }
        if let file = keyFields["passphraseFile"] { keys.passphraseFile = try path(file) }
        peers =
            try fields["peers"]?.list(maximum: NodeConfiguration.maximumPeerCount) {
                entry throws(ConfigurationError) in try PeerConfiguration(entry)
            } ?? []
        log = try LogConfiguration(fields["log"])
    }

    /// Texts of the file, for `jalon join` to write.
    package func yaml(comment: [String] = []) -> String {
        var lines = comment.map { "# \($0)" }
        if let network { lines.append("network: \(network)") }
        lines.append("genesis: \(StrictYAML.quoted(genesis))")
        lines.append("data: \(StrictYAML.quoted(data))")
        lines.append("listen: \(StrictYAML.quoted(listen.description))")
        lines += ["api:", "  listen: \(StrictYAML.quoted(apiListen.description))"]
        if let files = apiCertificate {
            lines.append("  certificate: \(StrictYAML.quoted(files.certificate))")
            lines.append("  key: \(StrictYAML.quoted(files.key))")
        }
        if !apiNodes.isEmpty {
            lines.append("  nodes: [\(apiNodes.map { StrictYAML.quoted($0.text) }.joined(separator: ", "))]")
        }
        lines += ["keys:", "  node: \(StrictYAML.quoted(keys.node))"]
        if let validator = keys.validator { lines.append("  validator: \(StrictYAML.quoted(validator))") }
        if let next = keys.nextValidator { lines.append("  nextValidator: \(StrictYAML.quoted(next))") }
        if let file = keys.passphraseFile { lines.append("  passphraseFile: \(StrictYAML.quoted(file))") }
        if !peers.isEmpty { lines.append("peers:") }
        for peer in peers {
            var fields: [String] = []
            if let member = peer.member { fields.append("member: \(member)") }
            if let key = peer.key { fields.append("key: \(StrictYAML.quoted(key.hex))") }
            let addresses = peer.addresses.map { StrictYAML.quoted($0.text) }.joined(separator: ", ")
            fields.append("addresses: [\(addresses)]")
            lines.append("  - " + fields.joined(separator: "\n    "))
        }
        lines += ["log:", "  level: \(log.level.rawValue)", "  format: \(log.format.rawValue)"]
        return lines.joined(separator: "\n") + "\n"
    }
}

extension PeerConfiguration {
    fileprivate init(_ value: StrictYAML) throws(ConfigurationError) {
        let fields = try value.mapping(["member", "key", "addresses"])
        guard fields["member"] != nil || fields["key"] != nil else {
            throw value.error(
                "a peer needs 'member' or 'key': by its key a node is known, wherever it stands"
            )
        }
        let key = try fields["key"]?.digest()
        self.init(
            member: try fields["member"]?.identifier(),
            key: key.map { KeyID($0) },
            addresses: try fields.required("addresses").identifiers(maximum: NodeEntry.maximumAddressCount)
        )
    }
}

extension LogConfiguration {
    fileprivate init(_ value: StrictYAML?) throws(ConfigurationError) {
        self.init()
        guard let fields = try value?.mapping(["level", "format"]) else { return }
        let level = try fields["level"]?.choice(Level.allCases.map(\.rawValue))
        let format = try fields["format"]?.choice(Format.allCases.map(\.rawValue))
        self.level = level.flatMap(Level.init) ?? self.level
        self.format = format.flatMap(Format.init) ?? self.format
    }
}

extension StrictYAML {
    fileprivate func socketAddress() throws(ConfigurationError) -> SocketAddress {
        guard let address = SocketAddress(try text()) else { throw error(expected: SocketAddress.form) }
        return address
    }

    fileprivate func webOrigin() throws(ConfigurationError) -> WebOrigin {
        guard let origin = WebOrigin(try text()) else { throw error(expected: WebOrigin.form) }
        return origin
    }

    /// A text as a double-quoted scalar, which reads back the same whatever it holds.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                quoted += "\\x" + (digits.count < 2 ? "0" : "") + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
