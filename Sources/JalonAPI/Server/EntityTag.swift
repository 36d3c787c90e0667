import JalonCrypto

/// The strong `ETag` of an answer that follows from the ledger's state after one block (RFC 9110 §8.8.3).
///
/// Two answers have the same one only where chain, height, request and program are the same, and then their bytes are.
struct EntityTag: Equatable {
    /// In double quotes, as the header holds it.
    let text: String

    /// - Parameters:
    ///   - target: The request's path and query, as they were sent.
    ///   - variant: What else the answer depends on, a language for example.
    ///   - chain: The chain's id.
    ///   - height: The block after which the answer stood.
    ///   - version: That of the program, whose answers may look otherwise than those of another one.
    init(target: String, variant: String = "", chain: String, height: UInt64, version: String) {
        let request = [target, variant, chain, version].joined(separator: "\n")
        text = "\"\(height)-\(SHA256.hash(Array(request.utf8)).hex.prefix(16))\""
    }

    /// Whether a header `If-None-Match` names it, which compares weakly (RFC 9110 §13.1.2).
    ///
    /// - Parameters:
    ///   - header: The header's value.
    ///   - isThere: Whether it is certain that there is an answer, which is what `*` asks.
    /// - Returns: Whether the client has it.
    func isNamed(in header: String?, orAny isThere: Bool = false) -> Bool {
        guard let header else { return false }
        return header.split(separator: ",").contains { part in
            let tag = part.trimmingSpaces
            return (tag.hasPrefix("W/") ? tag.dropFirst(2) : tag) == text || (isThere && tag == "*")
        }
    }
}
