import NIOSSL

/// Whose word a client takes that a node of `https://` is the one that its address names.
package enum Trust: Hashable, Sendable {
    /// The certificate authorities that the system trusts.
    case system
    /// Those of a PEM file alone.
    case file(String)

    /// What it means for a connection.
    ///
    /// - Throws: ``ClientError/badTrust(path:reason:)``.
    func configuration() throws(ClientError) -> TLSConfiguration? {
        guard case .file(let path) = self else { return nil }
        let certificates: [NIOSSLCertificate]
        do { certificates = try NIOSSLCertificate.fromPEMFile(path) } catch {
            throw .badTrust(path: path, reason: "it can't be read as PEM certificates")
        }
        guard !certificates.isEmpty else { throw .badTrust(path: path, reason: "it holds no certificate") }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .certificates(certificates)
        return configuration
    }
}
