import JalonAPI
import JalonModel

extension NodeConfiguration {
    /// The environment's variables that a node reads, by name; each overrides one key of the file.
    package static let environmentNames = [
        "JALON_NETWORK", "JALON_GENESIS", "JALON_DATA", "JALON_LISTEN", "JALON_API_LISTEN", "JALON_API_NODES",
        "JALON_API_CERTIFICATE", "JALON_API_KEY", "JALON_NODE_KEY",
        "JALON_VALIDATOR_KEY", "JALON_LOG_LEVEL", "JALON_LOG_FORMAT",
    ]

    /// Variables of the same prefix that other commands read.
    package static let otherEnvironmentNames = [
        "JALON_NODE", "JALON_CA", "JALON_KEY", PassphraseSource.variable, PassphraseSource.fileVariable,
    ]

    /// Applies the environment.
    ///
    /// Relative paths start at the working folder.
    ///
    /// - Throws: ``ConfigurationError`` for a bad value, and for a name with the prefix `JALON_` that nothing reads.
    package mutating func apply(environment: [String: String]) throws(ConfigurationError) {
        let known = NodeConfiguration.environmentNames + NodeConfiguration.otherEnvironmentNames
        for name in environment.keys.sorted() where name.hasPrefix("JALON_") {
            guard known.contains(name) else {
                let meant = NearestName.nearest(to: name, among: known)
                throw ConfigurationError(
                    file: "environment",
                    message: "unknown variable \(name) — "
                        + (meant.map { "did you mean \($0)?" } ?? "known: \(known.joined(separator: ", "))")
                )
            }
            if let value = environment[name] { try set(name, value) }
        }
    }

    /// The files of the API's certificate with one of them replaced; none where both are empty.
    private func files(certificate: String? = nil, key: String? = nil) -> APICertificate.Files? {
        let files = APICertificate.Files(
            certificate: certificate ?? apiCertificate?.certificate ?? "",
            key: key ?? apiCertificate?.key ?? ""
        )
        return files.certificate.isEmpty && files.key.isEmpty ? nil : files
    }

    private mutating func set(_ name: String, _ value: String) throws(ConfigurationError) {
        func fail(_ expected: String) -> ConfigurationError {
            ConfigurationError(file: "environment", message: "\(name) is '\(value)', expected \(expected)")
        }
        func address() throws(ConfigurationError) -> SocketAddress {
            guard let address = SocketAddress(value) else { throw fail(SocketAddress.form) }
            return address
        }
        switch name {
        case "JALON_NETWORK":
            guard let network = NetworkID(value) else { throw fail(NetworkID.form) }
            self.network = network
        case "JALON_GENESIS": genesis = value
        case "JALON_DATA": data = value
        case "JALON_LISTEN": listen = try address()
        case "JALON_API_LISTEN": apiListen = try address()
        case "JALON_API_CERTIFICATE": apiCertificate = files(certificate: value)
        case "JALON_API_KEY": apiCertificate = files(key: value)
        case "JALON_API_NODES":
            let texts = value.split(separator: ",").map(String.init)
            guard texts.count <= WebOrigin.maximumCount else {
                throw fail("at most \(WebOrigin.maximumCount) addresses")
            }
            apiNodes = try texts.map { (text) throws(ConfigurationError) in
                guard let origin = WebOrigin(text) else {
                    throw fail("\(WebOrigin.form), several with commas between")
                }
                return origin
            }
        case "JALON_NODE_KEY": keys.node = value
        case "JALON_VALIDATOR_KEY": keys.validator = value.isEmpty ? nil : value
        case "JALON_LOG_LEVEL":
            guard let level = LogConfiguration.Level(rawValue: value) else {
                throw fail(LogConfiguration.Level.allCases.map(\.rawValue).joined(separator: ", "))
            }
            log.level = level
        case "JALON_LOG_FORMAT":
            guard let format = LogConfiguration.Format(rawValue: value) else {
                throw fail(LogConfiguration.Format.allCases.map(\.rawValue).joined(separator: ", "))
            }
            log.format = format
        default: break
        }
    }
}
