import JalonCrypto
import JalonModel
import JalonState
import Logging

/// Writes refused transactions to the log; of those that anybody can make as many of as they like, their number alone.
///
/// Where no known key is known to have signed, nobody answers for a refusal: a line each would let a stranger fill the
/// disk with them.
final class RefusalLog: Sendable {
    private let logger: Logger
    private let count = LineCount()

    init(_ logger: Logger) { self.logger = logger }

    /// Writes a line of a refusal, or counts it.
    ///
    /// - Parameters:
    ///   - id: The transaction's, where its bytes were one.
    ///   - refusal: Why it was refused.
    ///   - now: Monotonic milliseconds.
    func write(_ id: TransactionID?, _ refusal: Refusal, at now: UInt64) {
        let isAnybodys = id == nil || RefusalLog.isAnybodys(refusal.code)
        logger.log(
            level: isAnybodys ? .debug : .info,
            "refused",
            metadata: ["transaction.id": "\(id?.hex ?? "")", "code": "\(refusal.code.rawValue)"]
        )
        guard isAnybodys, let count = count.take(at: now) else { return }
        logger.info(
            "refused what anybody can send, since the last such line; each has its own at the level debug",
            metadata: ["count": "\(count)", "code": "\(refusal.code.rawValue)"]
        )
    }

    /// Whether a transaction is refused so before its signature was checked, or for it.
    private static func isAnybodys(_ code: Refusal.Code) -> Bool {
        switch code {
        case .unknownKey, .signature, .overloaded: true
        default: false
        }
    }
}
