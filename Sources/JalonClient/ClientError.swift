package import JalonSchema

/// Why a node did not do what was asked of it.
package enum ClientError: Error, Equatable, Sendable {
    /// The address is not `http://host:port` or `https://host:port`.
    case badAddress(String)
    /// The node answered with a problem: a rule refused it, or the request was wrong.
    case refused(API.Problem)
    /// No connection could be made, so that nothing was sent.
    case unreachable(address: String, reason: String)
    /// The connection broke, or may have been made before it did; whether the node did it is unknown.
    case broken(address: String, reason: String)
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
        case .broken(let address, let reason): "the connection to \(address) broke: \(reason)"
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
        case .broken(_, let reason): "the connection broke: \(reason)"
        case .timedOut: "no answer in time"
        case .refused(let problem): problem.detail
        case .badAddress, .noneReachable, .notConfirmedInTime: description
        }
    }

    /// Whether a node may have got what was sent, though nobody said so.
    package var isUnanswered: Bool {
        switch self {
        case .timedOut, .broken: true
        case .refused(let problem): ClientError.undecidedCodes.contains(problem.code)
        case .noneReachable(let failures): failures.contains(where: \.isUnanswered)
        case .badAddress, .unreachable, .untrusted, .badTrust, .badAnswer, .notConfirmedInTime: false
        }
    }

    /// Whether it is a rule's answer, or says that the request is wrong: asking again changes nothing.
    package var isFinalWord: Bool {
        guard case .refused(let problem) = self else { return false }
        // Too slow, and too often.
        return problem.status < 500 && problem.status != 408 && problem.status != 429
    }

    /// What a node says that gave up on a request after it had begun with it.
    private static let undecidedCodes = ["E_TIMEOUT", "E_STOPPING", "E_INTERNAL"]
}
