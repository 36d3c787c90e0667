import JalonSchema
import Testing

@testable import JalonAPI

@Suite("What the page shows")
struct PageTextTests {
    @Test("is escaped wherever it is interpolated, and only then")
    func escaping() {
        let hostile = "<script>alert(\"x\")</script> & 'y'"
        let html: HTML = "<td title=\"\(hostile)\">\(hostile)</td>"
        let escaped = "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;y&#39;"
        #expect(html.markup == "<td title=\"\(escaped)\">\(escaped)</td>")
        let outer: HTML = "<tr>\(html)</tr>"
        #expect(outer.markup == "<tr>" + html.markup + "</tr>")
    }

    @Test(
        "is in the language asked for, else in the browser's, else in Chinese",
        arguments: [
            ("fr", "en", Language.fr), (nil, "en-GB,en;q=0.9,fr;q=0.8", .en),
            (nil, "de, fr;q=0.5, en;q=0.4", .fr),
            (nil, "zh-CN,zh;q=0.9,en;q=0.8", .zh), (nil, "en;q=0", .zh), (nil, nil, .zh), ("xx", "fr", .fr),
            (nil, "en;q=0.1,fr;q=1.0", .fr), (nil, "en;q=nonsense", .zh), (nil, ",;,=", .zh),
        ] as [(String?, String?, Language)]
    )
    func language(parameter: String?, accept: String?, expected: Language) {
        #expect(Language(parameter: parameter, accept: accept) == expected)
    }

    @Test("groups digits and keeps decimals and signs")
    func numbers() {
        let french = Format(language: .fr)
        #expect(french.number("9500") == "9\u{202F}500")
        #expect(french.number("-1234567.25") == "\u{2212}1\u{202F}234\u{202F}567,25")
        #expect(Format(language: .en).number("0.5") == "0.5")
        #expect(Format(language: .en).number("100") == "100")
    }

    @Test("cuts percentages and never rounds them up")
    func percentages() {
        let english = Format(language: .en)
        #expect(english.percent(721_007) == "72.1\u{202F}%")
        #expect(english.percent(899_999) == "89.9\u{202F}%")
        #expect(english.percent(1_000_000) == "100.0\u{202F}%")
        #expect(english.percent(-50_000) == "\u{2212}5.0\u{202F}%")
    }

    @Test("names Hebei and Hubei with code and hanzi in every language", arguments: Language.allCases)
    func regions(language: Language) {
        let format = Format(language: language)
        let hebei = API.Name(code: "CN-HE", name: API.LocalizedText(zh: "河北", en: "Hebei", fr: "Hebei"))
        let hubei = API.Name(code: "CN-HB", name: API.LocalizedText(zh: "湖北", en: "Hubei", fr: "Hubei"))
        for (region, hanzi) in [(hebei, "河北"), (hubei, "湖北")] {
            let markup = format.region(region).markup
            #expect(markup.contains(region.code) && markup.contains(hanzi))
        }
    }

    @Test("gives each status a word and a shape of its own", arguments: Language.allCases)
    func signs(language: Language) {
        let signs = API.StatusCode.allCases.map { StatusSign($0, in: language) }
        #expect(Set(signs.map(\.word)).count == signs.count)
        #expect(signs.allSatisfy { !$0.shape.isEmpty })
    }

    @Test("says a deadline as it was promised")
    func deadlines() {
        let format = Format(language: .en)
        let year = API.CalendarDate(date: "2022-12-31", precision: "year", basis: "explicit")
        #expect(format.deadline(year) == "by end 2022")
        let day = API.CalendarDate(date: "2020-12-31", precision: "day", basis: "inferred")
        #expect(format.deadline(day) == "by 31 December 2020 (inferred)")
        #expect(format.day("nonsense") == "nonsense")
    }
}
