import Hummingbird
import JalonSchema
import NIOCore

extension Request {
    /// Whether the header says that a body follows.
    var announcesBody: Bool {
        if headers[.transferEncoding] != nil { return true }
        return headers[.contentLength].map { $0 != "0" } ?? false
    }

    /// The host and port that the client named, where they are of the form of one, for links in an answer to it.
    var trustedAuthority: String {
        let named = head.authority ?? ""
        let isPlain = named.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
                UInt8(ascii: ":"),
                UInt8(ascii: "["), UInt8(ascii: "]"):
                true
            default: false
            }
        }
        return isPlain && !named.isEmpty && named.utf8.count <= 255 ? named : "localhost"
    }

    /// The height that a resuming client of the feed has seen.
    var lastEventID: String? {
        headers.first { $0.name.canonicalName == "last-event-id" }?.value
    }

    /// Whether a submission is a sequence.
    ///
    /// - Throws: 415 for another media type than the two, and for an encoded body.
    func isSequence() throws(API.Problem) -> Bool {
        guard headers[.contentEncoding] == nil else { throw mediaType("an encoded body") }
        let type = headers[.contentType] ?? ""
        let essence = type.prefix { $0 != ";" }.trimmingSpaces.lowercased()
        switch essence {
        case "application/cose": return false
        case "application/cbor-seq": return true
        default: throw mediaType(type.isEmpty ? "no Content-Type" : "'\(type)'")
        }
    }

    private func mediaType(_ found: String) -> API.Problem {
        API.Problem(
            code: "E_MEDIA_TYPE",
            title: "Unsupported media type",
            status: 415,
            detail:
                "\(found); expected application/cose (one transaction) or application/cbor-seq (a sequence)"
        )
    }

    /// Reads the whole body.
    ///
    /// - Parameters:
    ///   - limit: The most bytes.
    ///   - timeout: How long it may take.
    ///   - share: Where its bytes find room.
    /// - Returns: Its bytes.
    /// - Throws: 413 above `limit` bytes, by the announced length or by what came; 408 where it takes longer than
    ///   `timeout`; 503 where there is no room for it.
    func body(limit: Int, within timeout: Duration, share: BodyRoom.Share) async throws -> [UInt8] {
        let tooLarge = API.Problem.tooLarge("a body of more than \(limit) bytes")
        if let announced = headers[.contentLength] {
            guard let count = Int(decimalDigits: announced), count <= limit else { throw tooLarge }
        }
        let body = body
        let outcome = try await race(limit: timeout) {
            var bytes: [UInt8] = []
            for try await part in body {
                guard part.readableBytes <= limit - bytes.count else { throw tooLarge }
                guard share.take(part.readableBytes) else { throw API.Problem.busy("reading bodies is") }
                bytes.append(contentsOf: part.readableBytesView)
            }
            return bytes
        }
        guard case .value(let bytes) = outcome else { throw API.Problem.slowBody }
        return bytes
    }
}

extension Substring {
    /// The text without blanks and tabs at its ends.
    var trimmingSpaces: Substring {
        var text = self
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
