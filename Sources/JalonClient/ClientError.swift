package import JalonSchema

/// Why a node did not do what was asked of it.
package enum ClientError: Error, Equatable, Sendable {
    /// The address is not `http://host:port` or `https://host:port`.
    case badAddress(String)
    /// The node answered with a problem: a rule refused it, or the request was wrong.
    case refused(API.Problem)
    /// No connection, or it broke.
    case unreachable(address: String, reason: String)
    /// No answer in time; whether the node did it is unknown.
    case timedOut(address: String)
    /// An answer that is not the API's.
    case badAnswer(address: String, reason: String)
    /// Accepted, but not final in time. Don't send it again, wait on: it may still become final.
    case notConfirmedInTime(API.Transaction)
}

extension ClientError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .badAddress(let text): "'\(text)' is no address of a node: expected http://host:port"
        case .refused(let problem): "\(problem)"
        case .unreachable(let address, let reason): "\(address) can't be reached: \(reason)"
        case .timedOut(let address): "\(address) did not answer in time"
        case .badAnswer(let address, let reason): "\(address) gave an answer that is not the API's: \(reason)"
        case .notConfirmedInTime(let transaction):
            "the transaction \(transaction.id ?? "") was accepted and is not final yet"
        }
    }
}
