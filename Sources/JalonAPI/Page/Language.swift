import JalonSchema

/// A language of the page.
enum Language: String, CaseIterable, Sendable {
    case zh, en, fr

    /// The tag of BCP 47.
    var tag: String { self == .zh ? "zh-Hans" : rawValue }

    /// Its own name, for the switch.
    var name: String {
        switch self {
        case .zh: "中文"
        case .en: "English"
        case .fr: "Français"
        }
    }

    /// The language asked for by the parameter `lang`, else the best of `Accept-Language`, else Chinese.
    init(parameter: String?, accept: String?) {
        if let parameter, let language = Language(rawValue: parameter) {
            self = language
        } else {
            self = Language.best(of: accept ?? "") ?? .zh
        }
    }

    /// One of three texts.
    func pick(_ zh: String, _ en: String, _ fr: String) -> String {
        switch self {
        case .zh: zh
        case .en: en
        case .fr: fr
        }
    }

    /// What stands between a name and what it is, as the language sets it.
    var colon: String { pick("：", ": ", "\u{A0}: ") }

    /// What stands between two things, or two parts of a sentence.
    var comma: String { pick("，", ", ", ", ") }

    /// A word for so many of something: English has one singular, French counts none as one; Chinese knows no plural.
    func plural(_ count: some FixedWidthInteger, _ en: (String, String), _ fr: (String, String)) -> String {
        switch self {
        case .zh: ""
        case .en: count == 1 ? en.0 : en.1
        case .fr: count < 2 ? fr.0 : fr.1
        }
    }

    /// The text in this language; in Chinese, marked as such, where it is not given.
    func show(_ text: API.LocalizedText) -> HTML {
        switch self {
        case .zh: return "\(text.zh)"
        case .en: if let en = text.en { return "\(en)" }
        case .fr: if let fr = text.fr { return "\(fr)" }
        }
        return "<span lang=\"zh-Hans\">\(text.zh)</span>"
    }

    /// The text in this language, in Chinese where it is not given, for where no markup can stand.
    func text(_ text: API.LocalizedText) -> String {
        switch self {
        case .zh: text.zh
        case .en: text.en ?? text.zh
        case .fr: text.fr ?? text.zh
        }
    }

    /// Picks by quality, the first of equals (RFC 9110 §12.5.4).
    private static func best(of header: String) -> Language? {
        var best: (language: Language, quality: Int)?
        for range in header.split(separator: ",").prefix(20) {
            let parts = range.split(separator: ";").map(\.trimmingSpaces)
            guard let tag = parts.first?.split(separator: "-").first,
                let language = Language(rawValue: tag.lowercased())
            else { continue }
            let quality = parts.dropFirst().compactMap(thousandths).first ?? 1_000
            if quality > best?.quality ?? 0 { best = (language, quality) }
        }
        return best?.language
    }

    /// Reads `q=0.8` as 800.
    private static func thousandths(_ weight: Substring) -> Int? {
        guard weight.hasPrefix("q=") else { return nil }
        let parts = weight.dropFirst(2).split(separator: ".", omittingEmptySubsequences: false)
        guard let whole = parts.first.flatMap({ Int($0) }), (0...1).contains(whole) else { return 0 }
        guard parts.count == 2 else { return whole * 1_000 }
        let digits = String(parts[1].prefix(3))
        guard let fraction = Int(digits + String(repeating: "0", count: 3 - digits.count)), fraction >= 0
        else {
            return 0
        }
        return min(1_000, whole * 1_000 + fraction)
    }
}

extension Language {
    /// What a ledger of this kind is called.
    var ledgerName: String { pick("承诺账本", "Commitment ledger", "Registre des engagements") }
}
