public import JalonCodec

/// A language that texts are given in.
public enum Language: String, CodedChoice {
    case zh, en, fr
}

/// A text in Chinese and, where there are translations, in English and French.
public struct LocalizedText: CBORValue {
    public let zh: Text
    public let en: Text?
    public let fr: Text?
    /// The language of the original; in the encoding absent where it is Chinese.
    public let official: Language

    /// - Throws: ``TextError/officialLanguageMissing(_:)`` where the original itself is not given.
    public init(
        zh: Text,
        en: Text? = nil,
        fr: Text? = nil,
        official: Language = .zh
    ) throws(TextError) {
        (self.zh, self.en, self.fr, self.official) = (zh, en, fr, official)
        guard text(in: official) != nil else { throw .officialLanguageMissing(official) }
    }

    /// Checks the bytes of each language against `limit`.
    public init(
        zh: String,
        en: String? = nil,
        fr: String? = nil,
        official: Language = .zh,
        limit: TextLimit = .text
    ) throws(TextError) {
        func text(_ string: String?) throws(TextError) -> Text? {
            guard let string else { return nil }
            return try Text(string, limit: limit)
        }
        try self.init(zh: Text(zh, limit: limit), en: text(en), fr: text(fr), official: official)
    }

    /// The text in a language, or `nil` where there is none.
    public func text(in language: Language) -> Text? {
        switch language {
        case .zh: zh
        case .en: en
        case .fr: fr
        }
    }

    /// The greatest byte count among the languages.
    public var byteCount: Int { max(zh.byteCount, en?.byteCount ?? 0, fr?.byteCount ?? 0) }
}

extension LocalizedText {
    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("en", ifPresent: en)
            map.field("fr", ifPresent: fr)
            map.field("zh", zh)
            map.field("official", ifPresent: encodedOfficial)
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        let at = decoder.offset
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let en: Text? = try map.optional("en")
            let fr: Text? = try map.optional("fr")
            let zh: Text = try map.field("zh")
            return try LocalizedText(
                zh: zh,
                en: en,
                fr: fr,
                encodedOfficial: map.optional("official"),
                offset: at
            )
        }
    }

    /// Absent stands for Chinese, so that there is one encoding.
    var encodedOfficial: Language? { official == .zh ? nil : official }

    init(zh: Text, en: Text?, fr: Text?, encodedOfficial: Language?, offset: Int) throws(CBORError) {
        guard encodedOfficial != .zh else {
            throw .invalidValue("an original in Chinese is said by leaving 'official' out", offset: offset)
        }
        do {
            try self.init(zh: zh, en: en, fr: fr, official: encodedOfficial ?? .zh)
        } catch {
            throw .invalidValue(error.description, offset: offset)
        }
    }
}
