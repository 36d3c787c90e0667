public import JalonCodec
public import JalonCrypto

/// Where a plan or commitment was read.
public enum SourceKind: String, CodedChoice {
    /// The issuer's own document; its words are quoted.
    case official
    case press
}

/// A source: what it says, and where it says it.
///
/// What it does not give is left out: nothing is ever invented.
public struct Source: CBORValue {
    public var kind: SourceKind
    /// The source's own words; required where it is official.
    public var quote: Text?
    public var url: ResourceURI?
    /// Where in the source, for example a page or paragraph.
    public var locator: Text?
    /// SHA-256 of the document.
    public var sha256: Digest?

    public init(
        kind: SourceKind,
        quote: Text? = nil,
        url: ResourceURI? = nil,
        locator: Text? = nil,
        sha256: Digest? = nil
    ) {
        (self.kind, self.quote, self.url, self.locator, self.sha256) = (kind, quote, url, locator, sha256)
    }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("url", ifPresent: url)
            map.field("kind", kind)
            map.field("quote", ifPresent: quote)
            map.field("sha256", ifPresent: sha256)
            map.field("locator", ifPresent: locator)
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let url: ResourceURI? = try map.optional("url")
            let kind: SourceKind = try map.field("kind")
            let quote: Text? = try map.optional("quote")
            let sha256: Digest? = try map.optional("sha256")
            return Source(
                kind: kind,
                quote: quote,
                url: url,
                locator: try map.optional("locator"),
                sha256: sha256
            )
        }
    }
}

/// An absolute URI (RFC 3986) in printable ASCII: a scheme, ':', and what it locates.
///
/// Which schemes become links is the page's decision (http and https); the ledger records the text.
public struct ResourceURI: CodeIdentifier {
    public let text: String
    init(checked text: String) { self.text = text }
    public static var form: String {
        "an absolute URI of at most 2048 printable ASCII characters without spaces"
    }
    public static var maximumByteCount: Int { 2_048 }

    static func isValid(_ text: Substring.UTF8View) -> Bool {
        let scheme = text.prefix { $0 != UInt8(ascii: ":") }
        guard let first = scheme.first, first.isLower, scheme.count + 1 < text.count else { return false }
        let schemeMarks: [UInt8] = [UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: ".")]
        guard scheme.allSatisfy({ $0.isLower || $0.isDigit || schemeMarks.contains($0) }) else {
            return false
        }
        // RFC 3986 leaves these out, and they end an attribute or a line where a page is careless.
        let forbidden = Array("\"<>\\^`{|}".utf8)
        return text.allSatisfy { (0x21...0x7E).contains($0) && !forbidden.contains($0) }
    }
}
