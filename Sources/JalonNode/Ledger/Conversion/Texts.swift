import JalonCrypto
import JalonModel
import JalonSchema
import JalonState

extension API.LocalizedText {
    init(_ text: LocalizedText) {
        self.init(
            zh: text.zh.string,
            en: text.en?.string,
            fr: text.fr?.string,
            official: text.official == .zh ? nil : text.official.rawValue
        )
    }
}

extension API.CalendarDate {
    init(_ date: CalendarDate) {
        self.init(
            date: date.date.description,
            precision: date.precision.rawValue,
            basis: date.basis.rawValue
        )
    }
}

extension API.Source {
    init(_ source: Source) {
        self.init(
            kind: source.kind.rawValue,
            quote: source.quote?.string,
            url: source.url?.text,
            locator: source.locator?.string,
            sha256: source.sha256?.hex
        )
    }
}

extension API.Evidence {
    init(_ evidence: Evidence) {
        self.init(
            name: evidence.name.description,
            mediaType: evidence.mediaType.text,
            byteCount: evidence.byteCount,
            sha256: evidence.sha256.hex,
            uris: evidence.uris.map(\.text),
            access: evidence.access.rawValue
        )
    }
}

/// The names that the ledger knows for its codes, as of one state.
struct LedgerNames {
    private let state: LedgerState
    /// A region is named as its province is.
    private let regions: [RegionCode: LocalizedText]

    init(_ state: LedgerState) {
        self.state = state
        var regions: [RegionCode: LocalizedText] = [:]
        for member in state.members where member.has(.province) {
            if let region = member.region, regions[region] == nil { regions[region] = member.name }
        }
        self.regions = regions
    }

    func region(_ code: RegionCode) -> API.Name {
        API.Name(code: code.text, name: regions[code].map { API.LocalizedText($0) })
    }

    func unit(_ code: UnitCode) -> API.Name {
        API.Name(code: code.text, name: state.unit(code).map { API.LocalizedText($0.name) })
    }

    func sector(_ code: SectorCode) -> API.Name {
        API.Name(code: code.text, name: state.sector(code).map { API.LocalizedText($0.name) })
    }

    /// Regions that a province of the network answers for, by code.
    var provinces: [RegionCode] { regions.keys.sorted() }
}
