package import JalonCrypto
package import JalonModel

/// Values of the ledger as people write them in a file.
extension StrictYAML {
    /// An identifier of a closed form, for example a member's id.
    package func identifier<Value: Identifier>(_ type: Value.Type = Value.self) throws(ConfigurationError)
        -> Value
    {
        guard let value = Value(try text()) else { throw error(expected: Value.form) }
        return value
    }

    /// A choice of a closed list.
    package func choice<Value: CodedChoice>(_ type: Value.Type = Value.self) throws(ConfigurationError)
        -> Value
    {
        let name = try choice(Value.allCases.map(\.rawValue))
        guard let value = Value(rawValue: name) else { throw error(expected: Value.form) }
        return value
    }

    /// A text for people, brought to Unicode's form NFC.
    package func text(limit: TextLimit) throws(ConfigurationError) -> Text {
        do {
            return try Text(try text().normalizedToNFC, limit: limit)
        } catch let error as TextError {
            throw self.error("'\(path)': \(error)")
        } catch let error as ConfigurationError {
            throw error
        } catch {
            preconditionFailure("nothing else is thrown in here")
        }
    }

    /// A text in several languages: a mapping of `zh` and, where they are there, `en`, `fr` and `official`.
    package func localizedText(limit: TextLimit = .title) throws(ConfigurationError) -> LocalizedText {
        try mapping(LocalizedText.keys).localizedText(limit: limit)
    }

    /// A day as `YYYY-MM-DD`.
    package func day() throws(ConfigurationError) -> CalendarDay {
        guard let day = CalendarDay(try text()) else { throw error(expected: "a day such as 2021-06-30") }
        return day
    }

    /// A day with its precision and basis.
    package func calendarDate() throws(ConfigurationError) -> CalendarDate {
        let fields = try mapping(["date", "precision", "basis"])
        let date = try fields.required("date").day()
        let precision = try fields["precision"].map { value throws(ConfigurationError) in
            try value.choice(DatePrecision.self)
        }
        let basis = try fields["basis"].map { value throws(ConfigurationError) in
            try value.choice(DateBasis.self)
        }
        guard let value = CalendarDate(date: date, precision: precision ?? .day, basis: basis ?? .explicit)
        else {
            throw error("'\(path)' is \(date), expected the last day of its \(precision ?? .day)")
        }
        return value
    }

    /// A decimal number, quoted or not, but always as digits: never a float.
    package func decimal() throws(ConfigurationError) -> Decimal {
        guard let value = Decimal(try text()) else {
            throw error(expected: "a decimal number such as 9500 or -0.25")
        }
        return value
    }

    /// A SHA-256 digest in hexadecimal.
    package func digest() throws(ConfigurationError) -> Digest {
        guard let digest = Digest(hex: try text()) else { throw error(expected: "64 hexadecimal digits") }
        return digest
    }

    /// Where a statement was read.
    package func source() throws(ConfigurationError) -> Source {
        let fields = try mapping(["kind", "quote", "url", "locator", "sha256"])
        return Source(
            kind: try fields.required("kind").choice(),
            quote: try fields["quote"]?.text(limit: .text),
            url: try fields["url"]?.identifier(),
            locator: try fields["locator"]?.text(limit: .title),
            sha256: try fields["sha256"]?.digest()
        )
    }

    /// What a file of evidence is.
    package func evidence() throws(ConfigurationError) -> Evidence {
        let fields = try mapping(["name", "mediaType", "byteCount", "sha256", "uris", "access"])
        let name = try fields.required("name")
        guard let fileName = FileName(try name.text(limit: .title)) else {
            throw name.error(expected: "a file's name of at most 255 bytes without a folder")
        }
        let byteCount = try fields.required("byteCount").integer(in: 0...Int(Evidence.maximumByteCount))
        return Evidence(
            name: fileName,
            mediaType: try fields.required("mediaType").identifier(),
            byteCount: UInt64(byteCount),
            sha256: try fields.required("sha256").digest(),
            uris: try fields["uris"]?.identifiers(maximum: Evidence.maximumURICount) ?? [],
            access: try fields["access"]?.choice() ?? .public
        )
    }

    /// A list of identifiers.
    package func identifiers<Value: Identifier>(
        maximum: Int,
        _ type: Value.Type = Value.self
    ) throws(ConfigurationError) -> [Value] {
        var values: [Value] = []
        for entry in try list(maximum: maximum) { values.append(try entry.identifier()) }
        return values
    }

    /// A list, each entry read in the same way.
    package func list<Value>(
        maximum: Int = 10_000,
        _ read: (StrictYAML) throws(ConfigurationError) -> Value
    ) throws(ConfigurationError) -> [Value] {
        var values: [Value] = []
        for entry in try list(maximum: maximum) { values.append(try read(entry)) }
        return values
    }
}

extension LocalizedText {
    /// The keys of a text in a file.
    static let keys = ["zh", "en", "fr", "official"]
}

extension StrictMapping {
    /// The text whose languages stand among these keys.
    func localizedText(limit: TextLimit = .title) throws(ConfigurationError) -> LocalizedText {
        let zh = try required("zh").text(limit: limit)
        let en = try self["en"]?.text(limit: limit)
        let fr = try self["fr"]?.text(limit: limit)
        let official = try self["official"]?.choice(Language.self)
        do {
            return try LocalizedText(zh: zh, en: en, fr: fr, official: official ?? .zh)
        } catch {
            throw whole.error("\(error)")
        }
    }
}
