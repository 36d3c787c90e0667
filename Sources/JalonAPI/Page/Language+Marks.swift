import JalonSchema

// Words that are not in the page's language, marked as such: for voices that read aloud, for fonts, and for the reader.
extension Language {
    /// Signed words as they stand, what is in another language marked with it.
    ///
    /// The ledger does not say in which language free words are: hanzi are Chinese, and the rest is what its small words
    /// say; what neither tells is left unmarked.
    func marked(_ text: String) -> HTML {
        .join(
            Language.runs(of: text).map { run in
                guard let other = Language.guess(run), other != self else { return "\(run)" }
                return "<span lang=\"\(other.tag)\">\(run)</span>"
            }
        )
    }

    /// The official text first, and what the page's language says of it marked as a translation.
    func original(_ text: API.LocalizedText) -> HTML {
        let named = text.official.flatMap { Language(rawValue: $0) } ?? .zh
        let official = text.text(in: named) == nil ? Language.zh : named
        guard official != self else { return "\(self.text(text))" }
        let words: HTML =
            "<span class=\"official\" lang=\"\(official.tag)\">\(text.text(in: official) ?? text.zh)</span>"
        guard let own = text.text(in: self), own != text.text(in: official) else { return words }
        return """
            \(words) <span class="translation">\(own) \
            <small>(\(pick("译文", "translation", "traduction")))</small></span>
            """
    }

    /// In which language something is, for a note beside it.
    func note(of other: Language) -> String {
        switch other {
        case .zh: pick("中文原文", "in Chinese", "en chinois")
        case .en: pick("英文原文", "in English", "en anglais")
        case .fr: pick("法文原文", "in French", "en français")
        }
    }

    /// The language that words are in; `nil` where nothing tells.
    static func guess(_ text: String) -> Language? {
        if text.unicodeScalars.contains(where: { isHan($0) }) { return .zh }
        var (english, french) = (0, text.contains("«") ? 2 : 0)
        let words = text.lowercased().split { !($0.isLetter || $0 == "-") }
        for word in words {
            if englishWords.contains(word) { english += 1 }
            if frenchWords.contains(word) { french += 1 }
        }
        guard max(english, french) >= 2, english != french else { return nil }
        return english > french ? .en : .fr
    }

    // MARK: - Runs of a script

    /// The text in parts, each either with hanzi or without them.
    private static func runs(of text: String) -> [String] {
        var runs: [String] = []
        var run = ""
        var isHanRun: Bool?
        for scalar in text.unicodeScalars {
            // Digits, blanks and marks go with what is before them.
            let isOfHan = isHan(scalar) ? true : scalar.properties.isAlphabetic ? false : isHanRun
            if let now = isOfHan, let before = isHanRun, now != before {
                runs.append(run)
                run = ""
            }
            isHanRun = isOfHan ?? isHanRun
            run.unicodeScalars.append(scalar)
        }
        if !run.isEmpty { runs.append(run) }
        return runs
    }

    private static func isHan(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x3000...0x303F, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0xFF00...0xFFEF,
            0x20000...0x3FFFD:
            true
        default: false
        }
    }

    private static let englishWords: Set<Substring> = [
        "the", "of", "and", "to", "in", "is", "for", "by", "with", "that", "are", "was", "were", "an", "it",
        "its", "at", "from", "has", "have", "not", "this", "until", "which",
    ]
    private static let frenchWords: Set<Substring> = [
        "le", "la", "les", "des", "du", "de", "un", "une", "et", "est", "dans", "pour", "par", "avec", "que",
        "qui", "au", "aux", "sur", "ce", "ne", "pas", "sont", "il", "elle", "afin",
    ]
}

extension API.LocalizedText {
    /// The text in a language, where it is given.
    fileprivate func text(in language: Language) -> String? {
        switch language {
        case .zh: zh
        case .en: en
        case .fr: fr
        }
    }
}
