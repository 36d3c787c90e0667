extension API {
    /// Why a request was not done, as `application/problem+json` (RFC 9457).
    package struct Problem: Error, Codable, Hashable, Sendable {
        /// A URI for the kind of problem: `urn:jalon:problem:` and the code.
        package var type: String
        /// The kind of problem in words.
        package var title: String
        /// The HTTP status.
        package var status: Int
        /// What was found and what was expected, with the offending value.
        package var detail: String
        /// The stable code, for example `E_DUPLICATE_PERIOD`.
        package var code: String
        /// What to do next.
        package var hint: String?
        /// The transaction it is about.
        package var transaction: String?
        /// After so many seconds the same request may be sent again; also the header `Retry-After`.
        package var retryAfter: UInt64?

        /// Makes a problem; its `type` follows from the code.
        ///
        /// - Parameters:
        ///   - code: The stable code.
        ///   - title: The kind of problem in words.
        ///   - status: The HTTP status, 400 to 599.
        ///   - detail: What was found and what was expected.
        ///   - hint: What to do next.
        ///   - transaction: The id of the transaction it is about.
        package init(
            code: String,
            title: String,
            status: Int,
            detail: String,
            hint: String? = nil,
            transaction: String? = nil
        ) {
            type = "urn:jalon:problem:\(code)"
            self.title = title
            self.status = status
            self.detail = detail
            self.code = code
            self.hint = hint
            self.transaction = transaction
        }
    }
}

extension API.Problem: CustomStringConvertible {
    package var description: String { "\(code)  \(detail)" + (hint.map { ". \($0)" } ?? "") }
}
