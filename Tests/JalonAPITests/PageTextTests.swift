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

    @Test(
        "marks signed words with the language that they are in, where they tell it",
        arguments: [
            (
                .en, "« une confiance mutuelle pour des résultats »",
                "<span lang=\"fr\">« une confiance mutuelle pour des résultats »</span>"
            ),
            (.fr, "« une confiance mutuelle »", "« une confiance mutuelle »"),
            (.en, "预算削减。 the budget was cut", "<span lang=\"zh-Hans\">预算削减。 </span>the budget was cut"),
            (
                .zh, "预算削减。 the budget of it was cut",
                "预算削减。 <span lang=\"en\">the budget of it was cut</span>"
            ),
            (.zh, "CN-HN-2020-001 <b>", "CN-HN-2020-001 &lt;b&gt;"), (.en, "", ""), (.en, "12,5 %", "12,5 %"),
            (.en, "北京 (CN-BJ)", "<span lang=\"zh-Hans\">北京 (</span>CN-BJ)"),
        ] as [(Language, String, String)]
    )
    func marks(language: Language, text: String, expected: String) {
        #expect(language.marked(text).markup == expected)
    }

    @Test("shows the official text first, and what the page's language says of it as a translation")
    func translations() {
        let title = API.LocalizedText(zh: "推动企业上链", en: "Put <firms> on chain")
        #expect(Language.zh.original(title).markup == "推动企业上链")
        #expect(
            Language.en.original(title).markup
                == "<span class=\"official\" lang=\"zh-Hans\">推动企业上链</span> <span class=\"translation\">"
                + "Put &lt;firms&gt; on chain <small>(translation)</small></span>"
        )
        #expect(
            Language.fr.original(title).markup == "<span class=\"official\" lang=\"zh-Hans\">推动企业上链</span>"
        )
        let english = API.LocalizedText(zh: "推动企业上链", en: "Put firms on chain", official: "en")
        #expect(Language.en.original(english).markup == "Put firms on chain")
        #expect(Language.zh.original(english).markup.hasPrefix("<span class=\"official\" lang=\"en\">"))
    }

    @Test("says checklists and levels as people do, in the singular and the plural")
    func checklists() {
        func items(_ count: Int) -> [API.TargetItem] {
            (0..<count).map { API.TargetItem(id: "\($0)", name: API.LocalizedText(zh: "项")) }
        }
        let unit = API.Name(code: "item")
        func target(_ required: Int, _ count: Int, _ language: Language) -> String {
            Format(language: language)
                .target(API.Target(op: .checklist, items: items(count), required: required), unit: unit)
                .markup
        }
        #expect(target(3, 3, .en) == "all 3 items" && target(3, 3, .fr) == "les 3 points")
        #expect(target(3, 3, .zh) == "全部 3 项" && target(1, 1, .en) == "1 item")
        #expect(target(2, 3, .en) == "at least 2 of 3 items" && target(1, 3, .fr) == "au moins 1 point sur 3")
        let (english, french) = (Format(language: .en), Format(language: .fr))
        #expect(english.items(1, of: 1) == "1 of 1 item done" && english.items(1, of: nil) == "1 item done")
        #expect(
            french.items(0, of: 3) == "0 point fait sur 3" && french.items(2, of: 3) == "2 points faits sur 3"
        )
        let level = API.Target(
            op: .level,
            levels: [API.TargetLevel(id: 2, name: API.LocalizedText(zh: "推广", en: "in use"))],
            required: 2
        )
        #expect(english.target(level, unit: unit).markup == "level 2: in use")
    }

    @Test("counts in the singular and the plural of its language")
    func plurals() {
        func words(_ count: Int, _ language: Language) -> String {
            language.plural(count, ("key", "keys"), ("clé", "clés"))
        }
        #expect([0, 1, 2].map { words($0, .en) } == ["keys", "key", "keys"])
        #expect([0, 1, 2].map { words($0, .fr) } == ["clé", "clé", "clés"])
        #expect(words(2, .zh).isEmpty)
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
