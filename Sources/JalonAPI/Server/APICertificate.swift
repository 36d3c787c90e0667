import FoundationEssentials
import NIOCore
import NIOSSL
import Synchronization

/// The certificate with which the API is served over HTTPS, and its private key, both read and found to fit.
///
/// A renewed one is taken without a restart: at a handshake, at most every ten seconds, the files are looked at again.
package final class APICertificate: Sendable {
    /// Where they are: PEM files, the certificate's with those between it and the authority's.
    package struct Files: Hashable, Sendable {
        package var certificate: String
        package var key: String

        package init(certificate: String, key: String) {
            (self.certificate, self.key) = (certificate, key)
        }
    }

    /// What stood in the files when they were read.
    private struct Pair: Sendable {
        let bytes: [Data]
        let chain: [NIOSSLCertificate]
        let key: NIOSSLPrivateKey
        /// The last moment at which it is valid, milliseconds since 1970 UTC.
        let expires: UInt64
    }

    private struct State: Sendable {
        var pair: Pair
        var lookedAt: ContinuousClock.Instant
        /// Why what stands in the files now is not served; `nil` where it is.
        var problem: APIServerError?
    }

    package let files: Files
    private let interval: Duration
    private let state: Mutex<State>

    /// Reads the files.
    ///
    /// An expired certificate is read as well: a validator that restarts at night has to seal blocks, whatever browsers
    /// think of it. ``warning(at:)`` says so.
    ///
    /// - Parameters:
    ///   - files: Where they are.
    ///   - interval: How often they are looked at again.
    /// - Throws: ``APIServerError/certificate(path:reason:)``, ``APIServerError/certificateKey(path:reason:)``.
    package init(_ files: Files, lookedAtEvery interval: Duration = .seconds(10)) throws(APIServerError) {
        (self.files, self.interval) = (files, interval)
        state = Mutex(State(pair: try APICertificate.read(files), lookedAt: .now))
    }

    /// The last moment at which the one that is served is valid, milliseconds since 1970 UTC.
    package var expires: UInt64 { state.withLock { $0.pair.expires } }

    /// For a server, whose handshakes then use what the files hold.
    var configuration: TLSConfiguration {
        var configuration = APICertificate.configuration(of: state.withLock { $0.pair })
        configuration.sslContextCallback = { _, promise in promise.succeed(self.newest()) }
        return configuration
    }

    /// What is wrong with its validity, or soon will be: from 14 days before its end; or with what it was renewed by.
    ///
    /// - Parameter now: Milliseconds since 1970 UTC.
    /// - Returns: `nil` where nothing is.
    package func warning(at now: UInt64) -> String? {
        let (expires, problem) = state.withLock { ($0.pair.expires, $0.problem) }
        if let problem { return "the one before is served on, as the new one can't be: \(problem)" }
        let notice: UInt64 = 14 * 86_400_000
        guard now > expires || expires - now < notice else { return nil }
        let day = Clock.text(of: expires).prefix(10)
        return "the certificate \(files.certificate) \(now > expires ? "expired on" : "expires on") \(day): "
            + "renew it, the node takes the new one by itself"
    }

    private func newest() -> NIOSSLContextConfigurationOverride {
        let pair = state.withLock { state in
            guard ContinuousClock.now - state.lookedAt >= interval else { return state.pair }
            state.lookedAt = .now
            guard APICertificate.bytes(of: files) != state.pair.bytes else {
                state.problem = nil
                return state.pair
            }
            do throws(APIServerError) {
                (state.pair, state.problem) = (try APICertificate.read(files), nil)
            } catch {
                // Mostly it is half written: the next look finds it whole.
                state.problem = error
            }
            return state.pair
        }
        var override = NIOSSLContextConfigurationOverride()
        override.certificateChain = pair.chain.map { .certificate($0) }
        override.privateKey = .privateKey(pair.key)
        return override
    }

    private static func bytes(of files: Files) -> [Data] {
        [files.certificate, files.key].map { FileManager.default.contents(atPath: $0) ?? Data() }
    }

    private static func read(_ files: Files) throws(APIServerError) -> Pair {
        let bytes = bytes(of: files)
        let chain: [NIOSSLCertificate]
        let key: NIOSSLPrivateKey
        do { chain = try NIOSSLCertificate.fromPEMBytes(Array(bytes[0])) } catch {
            throw .certificate(path: files.certificate, reason: "it can't be read as PEM certificates")
        }
        guard let leaf = chain.first else {
            throw .certificate(path: files.certificate, reason: "it holds no certificate")
        }
        do { key = try NIOSSLPrivateKey(bytes: Array(bytes[1]), format: .pem) } catch {
            throw .certificateKey(path: files.key, reason: "it can't be read as an unencrypted PEM key")
        }
        let expires = UInt64(max(0, leaf.notValidAfter)) * 1_000
        let pair = Pair(bytes: bytes, chain: chain, key: key, expires: expires)
        do { _ = try NIOSSLContext(configuration: configuration(of: pair)) } catch {
            throw .certificateKey(path: files.key, reason: "it is not the key of \(files.certificate)")
        }
        return pair
    }

    private static func configuration(of pair: Pair) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: pair.chain.map { .certificate($0) },
            privateKey: .privateKey(pair.key)
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        return configuration
    }
}
