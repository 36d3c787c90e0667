import JalonCrypto
import NIOCore
import NIOSSL

/// The two sides of mutual TLS 1.3 with the node key.
///
/// No authority, name or date is looked at: the key is the identity.
struct TLSIdentity: Sendable {
    private let client: NIOSSLContext
    private let server: NIOSSLContext

    /// - Throws: ``NetworkError/identity(reason:)``.
    init(_ key: PrivateKey) throws(NetworkError) {
        do {
            let certificate = try NIOSSLCertificate(bytes: key.selfSignedCertificatePEM(), format: .pem)
            let privateKey = try NIOSSLPrivateKey(bytes: key.pem(), format: .pem)
            func context(_ configuration: TLSConfiguration) throws -> NIOSSLContext {
                var configuration = configuration
                configuration.minimumTLSVersion = .tlsv13
                configuration.maximumTLSVersion = .tlsv13
                configuration.certificateChain = [.certificate(certificate)]
                configuration.privateKey = .privateKey(privateKey)
                configuration.verifySignatureAlgorithms = [.ed25519]
                configuration.signingSignatureAlgorithms = [.ed25519]
                // Without roots the system's are not loaded; the callback alone decides, and a certificate is required.
                configuration.trustRoots = .certificates([])
                configuration.certificateVerification = .noHostnameVerification
                configuration.shutdownTimeout = .milliseconds(500)
                return try NIOSSLContext(configuration: configuration)
            }
            client = try context(.makeClientConfiguration())
            server = try context(
                .makeServerConfigurationWithMTLS(
                    certificateChain: [.certificate(certificate)],
                    privateKey: .privateKey(privateKey),
                    trustRoots: .certificates([])
                )
            )
        } catch {
            throw .identity(reason: String(describing: error))
        }
    }

    /// The handler of a connection that this node dialled or accepted.
    ///
    /// `judge` is called once on the event loop with the key that the certificate shows, `nil` where it is none that the
    /// ledger could use; the handshake ends where it answers `false`. TLS proves afterwards that the peer has the private
    /// key, so nothing received before that counts.
    func handler(isDialled: Bool, judge: @escaping @Sendable (PublicKey?) -> Bool) throws -> NIOSSLHandler {
        let callback: NIOSSLCustomVerificationCallback = { certificates, promise in
            let information = try? certificates.first?.extractPublicKey().toSPKIBytes()
            let key = information.flatMap { try? PublicKey(subjectPublicKeyInfo: $0) }
            promise.succeed(judge(key) ? .certificateVerified : .failed)
        }
        return isDialled
            ? try NIOSSLClientHandler(
                context: client,
                serverHostname: nil,
                customVerificationCallback: callback
            )
            : NIOSSLServerHandler(context: server, customVerificationCallback: callback)
    }
}
