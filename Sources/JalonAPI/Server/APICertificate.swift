import FoundationEssentials
import NIOSSL

/// The certificate with which the API is served over HTTPS, and its private key, both read and found to fit.
package struct APICertificate: Sendable {
    /// Where they are: PEM files, the certificate's with those between it and the authority's.
    package struct Files: Hashable, Sendable {
        package var certificate: String
        package var key: String

        package init(certificate: String, key: String) {
            (self.certificate, self.key) = (certificate, key)
        }
    }

    package let files: Files
    /// The last moment at which it is valid, milliseconds since 1970 UTC.
    package let expires: UInt64
    let configuration: TLSConfiguration

    /// Reads the files.
    ///
    /// An expired certificate is read as well: a validator that restarts at night has to seal blocks, whatever browsers
    /// think of it. ``warning(at:)`` says so.
    ///
    /// - Throws: ``APIServerError/certificate(path:reason:)``, ``APIServerError/certificateKey(path:reason:)``.
    package init(_ files: Files) throws(APIServerError) {
        self.files = files
        let chain: [NIOSSLCertificate]
        let key: NIOSSLPrivateKey
        do { chain = try NIOSSLCertificate.fromPEMFile(files.certificate) } catch {
            throw .certificate(path: files.certificate, reason: "it can't be read as PEM certificates")
        }
        guard let leaf = chain.first else {
            throw .certificate(path: files.certificate, reason: "it holds no certificate")
        }
        do { key = try NIOSSLPrivateKey(file: files.key, format: .pem) } catch {
            throw .certificateKey(path: files.key, reason: "it can't be read as an unencrypted PEM key")
        }
        expires = UInt64(max(0, leaf.notValidAfter)) * 1_000
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(key)
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        do { _ = try NIOSSLContext(configuration: configuration) } catch {
            throw .certificateKey(path: files.key, reason: "it is not the key of \(files.certificate)")
        }
        self.configuration = configuration
    }

    /// What is wrong with its validity, or soon will be: from 14 days before its end.
    ///
    /// - Parameter now: Milliseconds since 1970 UTC.
    /// - Returns: `nil` where nothing is.
    package func warning(at now: UInt64) -> String? {
        let notice: UInt64 = 14 * 86_400_000
        guard now > expires || expires - now < notice else { return nil }
        let day = Clock.text(of: expires).prefix(10)
        return "the certificate \(files.certificate) \(now > expires ? "expired on" : "expires on") \(day): "
            + "renew it, then restart the node"
    }
}
