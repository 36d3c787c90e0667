public import JalonCodec
public import JalonCrypto

/// Who may ask for a file of evidence.
public enum EvidenceAccess: String, CodedChoice {
    case `public`
    case auditor
    /// Nobody for now: the digest is salted and stands for something secret.
    case sealed
}

/// What a file of evidence is, never the file itself.
public struct Evidence: CBORValue {
    /// The file's name, without folders.
    public var name: FileName
    public var mediaType: MediaType
    public var byteCount: UInt64
    public var sha256: Digest
    /// Where it can be read.
    public var uris: [ResourceURI]
    public var access: EvidenceAccess

    /// The most URIs of a file.
    public static let maximumURICount = 8
    /// 2⁵³ − 1, so that a reader of JSON gets the same number.
    public static let maximumByteCount: UInt64 = 1 << 53 - 1

    public init(
        name: FileName,
        mediaType: MediaType,
        byteCount: UInt64,
        sha256: Digest,
        uris: [ResourceURI] = [],
        access: EvidenceAccess = .public
    ) {
        (self.name, self.mediaType, self.byteCount) = (name, mediaType, byteCount)
        (self.sha256, self.uris, self.access) = (sha256, uris, access)
    }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("name", name)
            map.field("uris", uris)
            map.field("access", access)
            map.field("sha256", sha256)
            map.field("byteCount", byteCount)
            map.field("mediaType", mediaType)
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let name: FileName = try map.field("name")
            let uris: [ResourceURI] = try map.list("uris", maximum: Evidence.maximumURICount)
            let access: EvidenceAccess = try map.field("access")
            let sha256: Digest = try map.field("sha256")
            let byteCount = try map.field("byteCount", in: 0...Evidence.maximumByteCount)
            return Evidence(
                name: name,
                mediaType: try map.field("mediaType"),
                byteCount: byteCount,
                sha256: sha256,
                uris: uris,
                access: access
            )
        }
    }
}

/// The name of a file without its folder: a ``Text`` of at most 255 bytes, without '/' and '\', not "." or "..".
public struct FileName: CBORValue, CustomStringConvertible {
    public let text: Text

    /// Bytes of the longest name, as most file systems have it.
    public static let maximumByteCount = 255

    /// - Returns: `nil` where the text is no such name.
    public init?(_ text: Text) {
        guard text.byteCount <= FileName.maximumByteCount, text.string != ".", text.string != "..",
            !text.string.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") })
        else { return nil }
        self.text = text
    }

    /// - Returns: `nil` where the string is no such name.
    public init?(_ string: String) {
        guard let text = try? Text(string) else { return nil }
        self.init(text)
    }

    public var description: String { text.string }

    public func encode(to encoder: inout CBOREncoder) {
        text.encode(to: &encoder)
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        let at = decoder.offset
        let text = try Text(from: &decoder)
        guard let name = FileName(text) else {
            throw .invalidValue(
                "'\(text)' is not a file's name of at most 255 bytes without a folder",
                offset: at
            )
        }
        self = name
    }
}

/// A media type (RFC 6838 §4.2) without parameters, in lower case, for example `application/pdf`.
public struct MediaType: CodeIdentifier {
    public let text: String
    init(checked text: String) { self.text = text }
    public static var form: String { "a media type such as application/pdf, in lower case" }
    public static var maximumByteCount: Int { 127 }

    static func isValid(_ text: Substring.UTF8View) -> Bool {
        let parts = text.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let marks = Array("!#$&-^_.+".utf8)
        return parts.count == 2
            && parts.allSatisfy { part in
                guard let first = part.first else { return false }
                return (first.isLower || first.isDigit)
                    && part.allSatisfy { $0.isLower || $0.isDigit || marks.contains($0) }
            }
    }
}
