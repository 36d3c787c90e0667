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
    /// No connection, because nobody trusted says that it is that node.
    case untrusted(address: String, reason: String)
    /// None of several nodes did; why not, for each in the order in which they were asked.
    case noneReachable([ClientError])
    /// The file of the authorities to trust is none.
    case badTrust(path: String, reason: String)
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
        case .untrusted(let address, let reason): "\(address) can't be trusted: \(reason)"
        case .noneReachable(let failures):
            "none of \(failures.count) nodes can be reached: "
                + failures.map(\.description).joined(separator: "; ")
        case .badTrust(let path, let reason): "\(path) names no authority to trust: \(reason)"
        case .badAnswer(let address, let reason): "\(address) gave an answer that is not the API's: \(reason)"
        case .notConfirmedInTime(let transaction):
            "the transaction \(transaction.id ?? "") was accepted and is not final yet"
        }
    }
}

extension ClientError {
    /// What went wrong, without the address.
    var reason: String {
        switch self {
        case .unreachable(_, let reason), .untrusted(_, let reason), .badAnswer(_, let reason),
            .badTrust(_, let reason):
            reason
        case .timedOut: "no answer in time"
        case .refused(let problem): problem.detail
        case .badAddress, .noneReachable, .notConfirmedInTime: description
        }
    }

    /// Whether a node may have got what was sent, though nobody said so.
    package var isUnanswered: Bool {
        switch self {
        case .timedOut: true
        case .noneReachable(let failures): failures.contains(where: \.isUnanswered)
        default: false
        }
    }
}
