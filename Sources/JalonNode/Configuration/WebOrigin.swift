/// Where a node serves its pages, as browsers name it: scheme, host and port, without a path (RFC 6454 §6.2).
package struct WebOrigin: Hashable, Sendable, CustomStringConvertible {
    /// The most that a configuration lists.
    package static let maximumCount = 64
    /// The form in words, for an error.
    static let form = "an address such as https://node.example or http://127.0.0.1:8401, without a path"

    /// For example `https://node.example:8443`.
    package let text: String

    /// Takes what may stand in a header and in a page as it is: no user, path, query or escape.
    ///
    /// - Returns: `nil` where the text is not ``form``.
    package init?(_ text: String) {
        let text = text.hasSuffix("/") ? String(text.dropLast()) : text
        guard let scheme = ["https://", "http://"].first(where: text.hasPrefix) else { return nil }
        let place = text.dropFirst(scheme.count)
        let host: Substring
        if place.last == "]" || !place.contains(":") {
            host = place
        } else {
            guard SocketAddress(String(place)) != nil, let colon = place.lastIndex(of: ":") else {
                return nil
            }
            host = place[..<colon]
        }
        let name = host.hasPrefix("[") && host.hasSuffix("]") ? host.dropFirst().dropLast() : host
        let isAddress = name.count < host.count
        guard !name.isEmpty,
            name.utf8.allSatisfy({ byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "."),
                    UInt8(ascii: "-"):
                    true
                case UInt8(ascii: ":"): isAddress
                default: false
                }
            })
        else { return nil }
        self.text = text
    }

    package var description: String { text }
}
