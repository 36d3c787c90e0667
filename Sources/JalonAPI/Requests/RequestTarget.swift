import JalonSchema

/// The path and the query of a request, strictly read: whatever could mean two things is refused.
struct RequestTarget: Equatable {
    /// Bytes of the longest target.
    static let maximumByteCount = 2_048

    /// The decoded segments of the path; empty for `/`.
    let segments: [String]
    let query: Query

    /// Reads the target of a request line, in its origin or absolute form (RFC 9112 §3.2).
    init(_ target: String) throws(API.Problem) {
        guard target.utf8.count <= RequestTarget.maximumByteCount else {
            throw API.Problem(
                code: "E_TOO_LARGE",
                title: "Too large",
                status: 414,
                detail:
                    "a target of \(target.utf8.count) bytes; the most is \(RequestTarget.maximumByteCount)"
            )
        }
        let origin = try RequestTarget.originForm(of: target)
        let parts = origin.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        segments = try RequestTarget.segments(of: parts.first ?? "")
        query = try Query(parts.count == 2 ? parts[1] : "")
    }

    private static func originForm(of target: String) throws(API.Problem) -> Substring {
        guard target.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .malformed("the target holds a character that is not printable ASCII")
        }
        guard target.utf8.first != UInt8(ascii: "/") else { return target[...] }
        for scheme in ["http://", "https://"] where target.lowercased().hasPrefix(scheme) {
            let rest = target.dropFirst(scheme.count)
            guard let slash = rest.firstIndex(of: "/") else { return "/" }
            return rest[slash...]
        }
        throw .malformed("the target must start with '/'")
    }

    private static func segments(of path: Substring) throws(API.Problem) -> [String] {
        guard path != "/" else { return [] }
        var segments: [String] = []
        for raw in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard let segment = percentDecoded(raw, plusIsSpace: false), !segment.isEmpty, segment != ".",
                segment != "..",
                segment.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0 != "/" && $0 != "\\" })
            else {
                throw .malformed(
                    "the path has a segment '\(raw)' that is empty, relative or wrongly escaped"
                )
            }
            segments.append(segment)
        }
        return segments
    }

    /// Decodes `%41`; `nil` for a cut escape, for NUL and for what is not UTF-8.
    static func percentDecoded(_ text: Substring, plusIsSpace: Bool) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(hexValue),
                    let low = rest.popFirst().flatMap(hexValue),
                    high << 4 | low != 0
                else { return nil }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

/// The parameters of a query, each at most once.
struct Query: Equatable {
    /// The most parameters.
    static let maximumCount = 16

    private let parameters: [String: String]

    init(_ text: Substring) throws(API.Problem) {
        var parameters: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = RequestTarget.percentDecoded(parts[0], plusIsSpace: true),
                let value = RequestTarget.percentDecoded(parts.count == 2 ? parts[1] : "", plusIsSpace: true)
            else { throw .query("'\(pair)' is wrongly escaped") }
            guard parameters.updateValue(value, forKey: name) == nil else {
                throw .query("the parameter '\(name)' stands twice")
            }
            guard parameters.count <= Query.maximumCount else {
                throw .query("more than \(Query.maximumCount) parameters")
            }
        }
        self.parameters = parameters
    }

    private init(parameters: [String: String]) {
        self.parameters = parameters
    }

    /// The query without the parameters that are empty, as a form sends the fields that nobody filled.
    var filled: Query { Query(parameters: parameters.filter { !$0.value.isEmpty }) }

    /// The names of the parameters, sorted.
    var names: [String] { parameters.keys.sorted() }

    /// The value of a parameter; `nil` where it is absent.
    subscript(name: String) -> String? { parameters[name] }

    /// Refuses parameters that a route does not know, so that a misspelt filter is not silently no filter.
    func allow(_ names: [String]) throws(API.Problem) {
        guard let unknown = parameters.keys.sorted().first(where: { !names.contains($0) }) else { return }
        throw .query(
            "there is no parameter '\(unknown)' here",
            hint: names.isEmpty ? "This takes none." : "Known: \(names.joined(separator: ", "))."
        )
    }

    /// A whole number within `range`; `nil` where the parameter is absent.
    func integer<Value: FixedWidthInteger>(
        _ name: String,
        in range: ClosedRange<Value>
    ) throws(API.Problem) -> Value? {
        guard let text = parameters[name] else { return nil }
        guard let value = Value(decimalDigits: text), range.contains(value) else {
            throw .query(
                "\(name)=\(text): expected a whole number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return value
    }

    /// An ISO 8601 day; `nil` where the parameter is absent.
    func day(_ name: String) throws(API.Problem) -> String? {
        guard let text = parameters[name] else { return nil }
        guard CalendarForm.isDay(text) else {
            throw .query("\(name)=\(text): expected a day such as 2021-06-30")
        }
        return text
    }
}

extension FixedWidthInteger {
    /// Reads decimal digits and nothing else: no sign, no blanks, no leading zero.
    init?(decimalDigits text: String) {
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            text == "0" || !text.hasPrefix("0")
        else { return nil }
        self.init(text)
    }
}
