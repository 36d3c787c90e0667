import AsyncHTTPClient
import NIOCore
import NIOPosix
import NIOSSL

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What went wrong with a request: above all, whether it may have arrived.
extension LedgerClient {
    /// What went wrong with a request to a node.
    ///
    /// Only what is known to happen before anything is sent is ``ClientError/unreachable(address:reason:)``.
    func clientError(_ error: any Error, of address: String) -> ClientError {
        switch error {
        case let error as ClientError: error
        case is DeadlineExceeded: .timedOut(address: address)
        case let error as HTTPClientError: LedgerClient.clientError(error, of: address)
        case is NIOTooManyBytesError:
            .badAnswer(address: address, reason: "more than \(LedgerClient.maximumAnswerByteCount) bytes")
        case let error as IOError:
            LedgerClient.connectionErrors.contains(error.errnoCode)
                ? .unreachable(address: address, reason: LedgerClient.words(of: error))
                : .broken(address: address, reason: LedgerClient.words(of: error))
        case let error as NIOConnectionError:
            .unreachable(address: address, reason: LedgerClient.words(of: error))
        case NIOSSLError.handshakeFailed(let reason):
            "\(reason)".contains("CERTIFICATE_VERIFY_FAILED")
                ? .untrusted(
                    address: address,
                    reason: "no trusted authority signed its certificate, or it expired"
                )
                : .unreachable(address: address, reason: "it speaks no TLS that fits: \(reason)")
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            .untrusted(address: address, reason: "its certificate is another host's")
        default: .broken(address: address, reason: "\(error)")
        }
    }

    private static func clientError(_ error: HTTPClientError, of address: String) -> ClientError {
        switch error {
        case .deadlineExceeded, .readTimeout: .timedOut(address: address)
        case .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout:
            .unreachable(address: address, reason: "no connection in time")
        case .remoteConnectionClosed:
            .broken(address: address, reason: "it was closed before the answer was whole")
        default: .broken(address: address, reason: "\(error)")
        }
    }

    /// What the system says only before a connection is made; all else it may say of one that was.
    private static let connectionErrors = [
        ECONNREFUSED, EADDRNOTAVAIL, EAFNOSUPPORT, EACCES, EPERM, EMFILE, ENFILE,
    ]

    /// The system's own words for what went wrong, such as "Connection refused".
    private static func words(of error: IOError) -> String { String(cString: strerror(error.errnoCode)) }

    /// Why no connection to any address of a host could be made.
    private static func words(of error: NIOConnectionError) -> String {
        guard error.dnsAError == nil || error.dnsAAAAError == nil else {
            return "nobody knows a host named \(error.host)"
        }
        var reasons: [String] = []
        for failure in error.connectionErrors {
            let reason = (failure.error as? IOError).map(words(of:)) ?? "\(failure.error)"
            if !reasons.contains(reason) { reasons.append(reason) }
        }
        return reasons.joined(separator: ", ")
    }
}
