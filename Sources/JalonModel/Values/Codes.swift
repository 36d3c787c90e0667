import JalonCodec

/// An identifier with one form of its own; the stored text is always of that form.
protocol CodeIdentifier: Identifier {
    init(checked text: String)
    static func isValid(_ text: Substring.UTF8View) -> Bool
}

extension CodeIdentifier {
    public init?(_ text: String) {
        guard (1...Self.maximumByteCount).contains(text.utf8.count), Self.isValid(text[...].utf8) else {
            return nil
        }
        self.init(checked: text)
    }
}

/// What is measured, for example `ENT_ONCHAIN`.
///
/// Targets of different codes are never added up.
public struct IndicatorCode: CodeIdentifier {
    public let text: String
    init(checked text: String) { self.text = text }
    public static var form: String { "an indicator code: A-Z, then up to 63 of A-Z, 0-9 and '_'" }
    public static var maximumByteCount: Int { 64 }
    static func isValid(_ text: Substring.UTF8View) -> Bool {
        text.startsWith(\.isUpper) && text.allSatisfy { $0.isUpper || $0.isDigit || $0 == UInt8(ascii: "_") }
    }
}

/// A region's ISO 3166-2 code, for example `CN-HE` (Hebei 河北); a country alone, for example `CN`, for national plans.
public struct RegionCode: CodeIdentifier {
    public let text: String
    init(checked text: String) { self.text = text }
    public static var form: String { "an ISO 3166-2 code such as CN-HE, or a country such as CN" }
    public static var maximumByteCount: Int { 6 }
    static func isValid(_ text: Substring.UTF8View) -> Bool {
        guard text.prefix(2).count == 2, text.prefix(2).allSatisfy(\.isUpper) else { return false }
        let rest = text.dropFirst(2)
        guard let separator = rest.first else { return true }
        return separator == UInt8(ascii: "-") && (1...3).contains(rest.count - 1)
            && rest.dropFirst().allSatisfy { $0.isUpper || $0.isDigit }
    }

    /// Whether this is a whole country.
    public var isCountry: Bool { text.utf8.count == 2 }
}

/// A unit: a code such as `enterprise`, or an ISO 4217 currency such as `CNY`.
///
/// One that the genesis does not list is shown as written.
public struct UnitCode: CodeIdentifier {
    public let text: String
    init(checked text: String) { self.text = text }
    public static var form: String {
        "a unit: a-z, then up to 31 of a-z, 0-9 and '-', or a currency such as CNY"
    }
    public static var maximumByteCount: Int { 32 }
    static func isValid(_ text: Substring.UTF8View) -> Bool {
        text.isLowerCode || (text.count == 3 && text.allSatisfy(\.isUpper))
    }

    /// What a checklist counts.
    public static let item = UnitCode(checked: "item")
    /// What a target of levels counts.
    public static let level = UnitCode(checked: "level")
}

/// A sector of the genesis' list, for example `finance`.
public struct SectorCode: CodeIdentifier {
    public let text: String
    init(checked text: String) { self.text = text }
    public static var form: String { "a sector: a-z, then up to 31 of a-z, 0-9 and '-'" }
    public static var maximumByteCount: Int { 32 }
    static func isValid(_ text: Substring.UTF8View) -> Bool { text.isLowerCode }
}

/// A theme that a commitment is shown under, for example `priority-2020`.
public struct ThemeCode: CodeIdentifier {
    public let text: String
    init(checked text: String) { self.text = text }
    public static var form: String { "a theme: a-z, then up to 31 of a-z, 0-9 and '-'" }
    public static var maximumByteCount: Int { 32 }
    static func isValid(_ text: Substring.UTF8View) -> Bool { text.isLowerCode }
}

/// Why a milestone was corrected or retracted, as a code, for example `typingError`.
///
/// The list is open, so that an office can use its own; the reason in words stands beside it.
public struct ReasonCode: CodeIdentifier {
    public let text: String
    init(checked text: String) { self.text = text }
    public static var form: String { "a reason code: a-z, then up to 31 of a-z, A-Z and 0-9" }
    public static var maximumByteCount: Int { 32 }
    static func isValid(_ text: Substring.UTF8View) -> Bool {
        text.startsWith(\.isLower) && text.allSatisfy { $0.isLower || $0.isUpper || $0.isDigit }
    }
}

/// The section of the industrial classification GB/T 4754 that holds a sector: one letter, A to T.
public struct ClassificationLetter: CodeIdentifier {
    public let text: String
    init(checked text: String) { self.text = text }
    public static var form: String { "a section of GB/T 4754: one letter, A to T" }
    public static var maximumByteCount: Int { 1 }
    static func isValid(_ text: Substring.UTF8View) -> Bool {
        text.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "T")).contains($0) }
    }
}

/// An entry of a checklist, for example `supply-chain` or `110108`.
public struct ItemID: PlainIdentifier {
    public let text: String
    public init(checked text: String) { self.text = text }
}

/// A part of a region, for example `430100` (GB/T 2260).
public struct SubregionCode: PlainIdentifier {
    public let text: String
    public init(checked text: String) { self.text = text }
}

// MARK: - Ids of a region's form

extension PlanID {
    /// How a region's plan ids look.
    public static func form(of region: RegionCode) -> String {
        "\(region)-<year>-P<number>, such as \(region)-2020-P1"
    }

    /// Whether the id is `<region>-<year>-P<number>`: four digits of a year, a number without leading zeros.
    public func belongs(to region: RegionCode) -> Bool {
        guard let tail = text[...].utf8.tail(afterYearOf: region), tail.first == UInt8(ascii: "P") else {
            return false
        }
        let digits = tail.dropFirst()
        return (1...4).contains(digits.count) && digits.allSatisfy(\.isDigit)
            && digits.first != UInt8(ascii: "0")
    }
}

extension CommitmentID {
    /// How a region's commitment ids look.
    public static func form(of region: RegionCode) -> String {
        "\(region)-<year>-<number>, such as \(region)-2020-001"
    }

    /// Whether the id is `<region>-<year>-<number>`: four digits of a year, three to six of a number.
    public func belongs(to region: RegionCode) -> Bool {
        guard let tail = text[...].utf8.tail(afterYearOf: region) else { return false }
        return (3...6).contains(tail.count) && tail.allSatisfy(\.isDigit)
    }
}

extension Substring.UTF8View {
    /// `[a-z][a-z0-9-]*`.
    fileprivate var isLowerCode: Bool {
        startsWith(\.isLower) && allSatisfy { $0.isLower || $0.isDigit || $0 == UInt8(ascii: "-") }
    }

    fileprivate func startsWith(_ kind: (UInt8) -> Bool) -> Bool { first.map(kind) ?? false }

    /// What follows `<region>-<year>-`, or `nil` where the text does not begin so.
    fileprivate func tail(afterYearOf region: RegionCode) -> Substring.UTF8View? {
        guard starts(with: region.text.utf8) else { return nil }
        let rest = dropFirst(region.text.utf8.count)
        let year = rest.dropFirst().prefix(4)
        let hyphen = UInt8(ascii: "-")
        guard rest.first == hyphen, year.count == 4, year.allSatisfy(\.isDigit),
            rest.dropFirst(5).first == hyphen
        else { return nil }
        return rest.dropFirst(6)
    }
}

extension UInt8 {
    var isUpper: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }
    var isLower: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}
