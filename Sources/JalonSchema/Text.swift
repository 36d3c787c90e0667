extension API {
    /// A text in the languages of the ledger.
    package struct LocalizedText: Codable, Hashable, Sendable {
        /// Chinese, always given.
        package var zh: String
        package var en: String?
        package var fr: String?
        /// The language of the original, where it is not Chinese.
        package var official: String?

        package init(zh: String, en: String? = nil, fr: String? = nil, official: String? = nil) {
            self.zh = zh
            self.en = en
            self.fr = fr
            self.official = official
        }
    }

    /// A day together with what was really said about it.
    package struct CalendarDate: Codable, Hashable, Sendable {
        /// The day, `"2022-12-31"` for "2022".
        package var date: String
        /// `day`, `month`, `quarter` or `year`.
        package var precision: String
        /// `explicit`, `inferred` or `none`.
        package var basis: String

        package init(date: String, precision: String, basis: String) {
            self.date = date
            self.precision = precision
            self.basis = basis
        }
    }

    /// A code with its names: a region, a unit, a sector.
    package struct Name: Codable, Hashable, Sendable {
        /// For a region ISO 3166-2, for example `CN-HE` (Hebei), which is one letter from `CN-HB` (Hubei):
        /// show the
        /// name with it.
        package var code: String
        /// Absent where the ledger knows no name for the code.
        package var name: LocalizedText?

        package init(code: String, name: LocalizedText? = nil) {
            self.code = code
            self.name = name
        }
    }

    /// Where a statement comes from.
    package struct Source: Codable, Hashable, Sendable {
        /// `official` or `press`.
        package var kind: String
        /// The words of the source.
        package var quote: String?
        package var url: String?
        /// Page, article or line.
        package var locator: String?
        /// Of the document.
        package var sha256: String?

        package init(
            kind: String,
            quote: String? = nil,
            url: String? = nil,
            locator: String? = nil,
            sha256: String? = nil
        ) {
            self.kind = kind
            self.quote = quote
            self.url = url
            self.locator = locator
            self.sha256 = sha256
        }
    }

    /// A file that a milestone rests on; the file itself is never in the ledger.
    package struct Evidence: Codable, Hashable, Sendable {
        package var name: String
        package var mediaType: String
        package var byteCount: UInt64
        package var sha256: String
        package var uris: [String]
        /// `public`, `auditor` or `sealed`.
        package var access: String

        package init(
            name: String,
            mediaType: String,
            byteCount: UInt64,
            sha256: String,
            uris: [String] = [],
            access: String
        ) {
            self.name = name
            self.mediaType = mediaType
            self.byteCount = byteCount
            self.sha256 = sha256
            self.uris = uris
            self.access = access
        }
    }
}
