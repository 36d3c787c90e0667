import JalonAPITestKit
import JalonModel
import JalonSchema
import Testing

@testable import JalonAPI

@Suite("A commitment's page")
struct CommitmentPageTests {
    private static let layout = Layout(
        status: API.NodeStatus(
            network: "test",
            chain: FakeLedger.chain,
            isValidator: true,
            version: "test",
            head: Samples.head(1),
            view: 1,
            validators: API.Validators(total: 7, needed: 5, connected: 7, toleratedFaults: 2),
            bestSignedHeight: 1,
            isReady: true,
            asOf: "2021-07-01",
            isDemonstrationDate: true,
            hasDemoData: true
        ),
        language: .en,
        now: 1_625_097_600_000,
        asOf: "2021-07-01"
    )

    private func page(_ commitment: API.Commitment) -> String {
        let milestones = MilestoneTail(commitment.lastMilestone.map { [$0] } ?? [])
        return CommitmentPage(layout: Self.layout, commitment: commitment, latest: milestones).html.markup
    }

    private func chart(_ commitment: API.Commitment) -> String? {
        let series = CommitmentSeries(commitment, MilestoneTail(commitment.lastMilestone.map { [$0] } ?? []))
        return CommitmentChart(layout: Self.layout, series: series).html?.markup
    }

    @Test("names the items that a report says are done, also one that the list has no more")
    func doneItems() {
        var commitment = Samples.commitments[2]
        commitment.target.items = [
            API.TargetItem(id: "110108", name: API.LocalizedText(zh: "海淀区", en: "Haidian & more"))
        ]
        commitment.lastMilestone?.value = nil
        commitment.lastMilestone?.doneItems = ["110108", "110112"]
        let shown = page(commitment)
        #expect(shown.contains(">Haidian &amp; more, <code>110112</code>"))
        #expect(!shown.contains("110108"))
    }

    @Test("says how far it is as a sentence reads, whatever kind of target it has")
    func progress() {
        func lead(_ target: API.Target, _ value: String?) -> String {
            var commitment = Samples.commitments[2]
            (commitment.target, commitment.status.value) = (target, value)
            commitment.status.measuredAt = nil
            commitment.status.isFictional = false
            commitment.deadline = nil
            commitment.indicator.unit = API.Name(code: "firms")
            return CommitmentParts(layout: Self.layout, commitment: commitment).progress.markup
        }
        #expect(
            lead(API.Target(op: .ge, value: "30000"), "9500")
                == "9\u{202F}500 of at least 30\u{202F}000 firms"
        )
        #expect(lead(API.Target(op: .le, value: "20"), "12") == "12 · target: at most 20 firms")
        #expect(
            lead(API.Target(op: .range, min: "2", max: "3", sense: "corridor"), "1")
                == "1 · target: within 2–3 firms"
        )
        #expect(
            lead(API.Target(op: .ge, value: "5"), nil).hasSuffix(
                "nothing reported</span> · target: at least 5 firms"
            )
        )
        let items = ["a", "b", "c"].map { API.TargetItem(id: $0, name: API.LocalizedText(zh: $0)) }
        #expect(
            lead(API.Target(op: .checklist, items: items, required: 3), "2")
                == "2 of 3 items done · target: all 3 items"
        )
        let levels = [1, 2].map {
            API.TargetLevel(id: $0, name: API.LocalizedText(zh: "级", en: "step \($0)"))
        }
        #expect(
            lead(API.Target(op: .level, levels: levels, required: 2), "1")
                == "level 1: step 1 · target: level 2: step 2"
        )
    }

    @Test("says in the page's language what words this node does not hold, and marks a quote's language")
    func absent() throws {
        var commitment = Samples.eventful
        commitment.disputes[0].isAbsent = true
        commitment.disputes[0].text = "[in block 3, which this node does not hold: ask another node]"
        commitment.source = API.Source(
            kind: "press",
            quote: "« le Hunan veut la mettre en place »",
            locator: "§ 3"
        )
        let shown = page(commitment)
        #expect(
            shown.contains("<span class=\"none\">[the words stand in block 3, which this node does not hold")
        )
        #expect(!shown.contains("ask another node]"))
        #expect(shown.contains("<span lang=\"fr\">« le Hunan veut la mettre en place »</span>"))
        #expect(shown.contains("Source: press · § 3 · in French"))
        #expect(shown.contains("<span class=\"official\" lang=\"zh-Hans\">"))
    }

    @Test("marks the priority of a year, and shows the places, themes and commitments that it names")
    func themes() {
        var commitment = Samples.commitments[2]
        #expect(!page(commitment).contains("★"))
        commitment.themes = ["pilot", "priority-2020"]
        commitment.subregions = ["110108"]
        commitment.related = ["CN-GZ-2020-001"]
        let shown = page(commitment)
        #expect(shown.contains("<span class=\"flag\">★ priority of 2020</span>"))
        #expect(
            shown.contains(
                "<code>pilot</code>, <strong>★ priority of 2020</strong> <code>priority-2020</code>"
            )
        )
        #expect(shown.contains("<dt>Places</dt><dd><code>110108</code></dd>"))
        #expect(shown.contains("<dt>Related</dt><dd><a href=\"/commitments/CN-GZ-2020-001?lang=en\">"))
        let table = CommitmentTable(
            layout: Self.layout,
            commitments: [commitment],
            hasRegion: true,
            caption: ""
        )
        #expect(table.html.markup.contains("★ priority of 2020"))
        commitment.themes = ["priority-last", "priority-20200"]
        #expect(!page(commitment).contains("★"))
    }

    @Test("sets colons and commas as its language does", arguments: JalonAPI.Language.allCases)
    func marks(language: JalonAPI.Language) {
        var commitment = Samples.commitments[2]
        (commitment.status.value, commitment.status.measuredAt) = ("9500", nil)
        commitment.status.isFictional = false
        commitment.indicator.unit = API.Name(code: "u")
        let layout = Layout(status: Self.layout.status, language: language, now: 0, asOf: "2021-07-01")
        let lead = CommitmentParts(layout: layout, commitment: commitment).progress.markup
        let expected = language.pick(
            "9\u{202F}500，目标：不少于 30\u{202F}000 u，2022年底前",
            "9\u{202F}500 of at least 30\u{202F}000 u, by end 2022",
            "9\u{202F}500 sur au moins 30\u{202F}000 u, d’ici fin 2022"
        )
        #expect(lead == expected)
        let milestones = MilestoneTail(commitment.lastMilestone.map { [$0] } ?? [])
        let page = CommitmentPage(layout: layout, commitment: commitment, latest: milestones).html.markup
        let told = language.pick("上报里程碑：", "reported a milestone: ", "a déclaré un jalon\u{A0}: ")
        #expect(page.contains(told))
    }

    @Test("tells on the nodes' page where a node begins that does not hold all blocks, and only there")
    func beginning() {
        var status = Self.layout.status
        let nodes = Samples.nodes(at: 1, connected: 7)
        let whole = Layout(status: status, language: .en, now: 0, asOf: "2021-07-01")
        #expect(!NodesPage(layout: whole, list: nodes).html.markup.contains("first block is"))
        status.firstBlock = 1_234
        let joined = Layout(status: status, language: .en, now: 0, asOf: "2021-07-01")
        #expect(NodesPage(layout: joined, list: nodes).html.markup.contains("first block is 1\u{202F}234:"))
    }

    @Test("links the commitment that a sentence is about, and no other text")
    func sentences() {
        let words = API.LocalizedText(zh: "上报", en: "reported 5 <b> for “A” (CN-HN-2020-001)")
        let shown = Self.layout.sentence(words, about: "CN-HN-2020-001").markup
        #expect(
            shown
                == "reported 5 &lt;b&gt; for “A” (<a href=\"/commitments/CN-HN-2020-001?lang=en\">CN-HN-2020-001</a>)"
        )
        for (subject, isLinked) in [
            ("CN-HN-2020-001", true), ("CN-2020-001", true), ("CN-HN-2020-P1", false), ("cn-hn", false),
            ("cn-plans-2020", false), ("2020-001", false), ("", false),
        ] {
            let sentence = API.LocalizedText(zh: "", en: "about \(subject)")
            #expect(Self.layout.sentence(sentence, about: subject).markup.contains("<a") == isLinked)
            let reference = TransactionBodyView(layout: Self.layout).reference(subject).markup
            #expect(reference.contains("/commitments/") == isLinked, "\(subject)")
        }
        #expect(Self.layout.sentence(API.LocalizedText(zh: "x"), about: "CN-HN-2020-001").markup == "x")
    }

    @Test("draws what was measured against what was promised, says it in words, and lists the same numbers")
    func drawing() throws {
        let commitment = Samples.commitments[2]
        let drawn = try #require(chart(commitment))
        #expect(drawn.contains("role=\"img\"") && drawn.contains("<title id=\"chart-title\">"))
        #expect(drawn.contains("Last measured: 9\u{202F}500 on 30 June 2021."))
        #expect(drawn.contains("Promised: 30\u{202F}000 by 31 December 2022."))
        #expect(
            drawn.contains("class=\"promised\"") && drawn.contains("class=\"point\"")
                && drawn.contains("class=\"today\"")
        )
        #expect(!drawn.contains("class=\"original\"") && !drawn.contains("class=\"band\""))
        #expect(!drawn.contains("style="))
        let whole = page(commitment)
        #expect(whole.contains("The chart as a table"))
        #expect(whole.contains("<th scope=\"row\">31 December 2022</th>"))
    }

    @Test("draws the original target beside a lowered one, and a range as a band")
    func targets() throws {
        var amended = Samples.commitments[2]
        let deadline = amended.deadline
        amended.versions = [30_000, 1_000].enumerated().map { index, value in
            API.CommitmentVersion(
                number: index + 1,
                transaction: Samples.digest(9),
                issuer: "cn-hn",
                height: 1,
                timestamp: 1,
                target: API.Target(op: .ge, value: "\(value)"),
                deadline: deadline
            )
        }
        amended.target = API.Target(op: .ge, value: "1000")
        #expect(try #require(chart(amended)).contains("<polyline class=\"original\""))
        var range = Samples.commitments[2]
        range.target = API.Target(op: .range, min: "2", max: "3", sense: "threshold")
        #expect(try #require(chart(range)).contains("<rect class=\"band\" x=\"84\""))
    }

    @Test(
        "draws whatever numbers the ledger may hold",
        arguments: [
            "0", "-5", "999999999999999999", "-999999999999999999.999999", "0.000001", "1", "9500.5",
        ],
        ["0", "999999999999999999", "0.000001", "-999999999999999999"]
    )
    func extremes(value: String, target: String) {
        var commitment = Samples.commitments[2]
        commitment.lastMilestone?.value = value
        commitment.target = API.Target(op: .le, value: target)
        for start in ["2020-04-26", "0001-01-01"] {
            commitment.start = start
            for deadline in ["2022-12-31", "9999-12-31"] {
                commitment.deadline?.date = deadline
                commitment.indicator.scale = start == "0001-01-01" ? 6 : 0
                let drawn = chart(commitment) ?? ""
                #expect(!drawn.contains("nan") && !drawn.contains("inf"))
                #expect(drawn.utf8.count < 10_000)
            }
        }
    }

    @Test("shows milestones that do not count as such, and adds up a flow")
    func counting() throws {
        var commitment = Samples.commitments[2]
        commitment.indicator.accumulation = "flow"
        var first = try #require(commitment.lastMilestone)
        first.periodEnd = "2021-03-31"
        var second = first
        (second.periodEnd, second.value) = ("2021-06-30", "500")
        var third = first
        (third.periodEnd, third.life) = ("2021-05-31", .retracted)
        let series = CommitmentSeries(commitment, MilestoneTail([first, second, third]))
        #expect(series.measured.map(\.text) == ["9500", "9500", "10000"])
        #expect(series.measured.map(\.counts) == [true, false, true])
        let drawn = try #require(CommitmentChart(layout: Self.layout, series: series).html?.markup)
        #expect(drawn.contains("point hollow") && drawn.contains("does not count"))
    }

    @Test("adds to a flow what was reported before the first milestone that is drawn")
    func earlierFlow() throws {
        var commitment = Samples.commitments[2]
        commitment.indicator.accumulation = "flow"
        let last = try #require(commitment.lastMilestone)
        let series = CommitmentSeries(
            commitment,
            MilestoneTail([last], earlierCount: 3, earlierSum: 1_500)
        )
        #expect(series.measured.map(\.text) == ["11000"])
        let drawn = try #require(CommitmentChart(layout: Self.layout, series: series).html?.markup)
        #expect(drawn.contains("The newest 1 of 4 milestones.") && drawn.contains("11\u{202F}000"))
    }

    @Test("does not say that nothing was measured where the newest milestones alone do not count")
    func noneCounts() throws {
        var last = try #require(Samples.commitments[2].lastMilestone)
        last.life = .retracted
        func words(_ earlierCount: Int) throws -> String {
            let tail = MilestoneTail([last], earlierCount: earlierCount)
            let series = CommitmentSeries(Samples.commitments[2], tail)
            return try #require(CommitmentChart(layout: Self.layout, series: series).html?.markup)
        }
        #expect(try words(0).contains("Nothing measured yet."))
        #expect(try !words(1).contains("Nothing measured") && words(1).contains("None of these counts."))
    }

    @Test("draws a target without a curve as it stands all the time")
    func level() throws {
        var commitment = Samples.commitments[0]
        commitment.deadline = nil
        let drawn = try #require(chart(commitment))
        #expect(drawn.contains("Nothing measured yet. Promised: 30\u{202F}000."))
    }

    @Test("shows every act in its timeline, who has co-signed and who is missing")
    func timeline() throws {
        var commitment = Samples.eventful
        commitment.lastMilestone?.steps = [
            API.LifeStep(
                type: "cosign",
                transaction: Samples.digest(70),
                issuer: "cn-hn",
                key: Samples.digest(3),
                height: 4,
                timestamp: 4
            ),
            API.LifeStep(
                type: "milestone.retract",
                transaction: Samples.digest(71),
                issuer: "cn-js",
                key: Samples.digest(3),
                height: 5,
                timestamp: 5,
                reason: "<i>counted twice"
            ),
        ]
        commitment.lifeSteps = ["commitment.propose", "cosign", "commitment.supersede"].enumerated().map {
            index,
            type in
            API.LifeStep(
                type: type,
                transaction: Samples.digest(UInt64(80 + index)),
                issuer: "cn-hb",
                key: Samples.digest(3),
                height: UInt64(index + 1),
                timestamp: 1
            )
        }
        let shown = page(commitment)
        for words in [
            "proposed it", "co-signed it", "superseded it", "amended it to version 2",
            "co-signed a milestone",
            "retracted a milestone", "reported a milestone", "attested: refuted", "disputed it",
        ] {
            #expect(shown.contains(words), "\(words)")
        }
        #expect(shown.contains("&lt;i&gt;counted twice") && !shown.contains("<i>counted"))
        #expect(shown.contains("missing: <code>cn-he</code>"))
        #expect(shown.contains(Samples.digest(80)) && shown.contains(Samples.digest(71)))
    }

    @Test("says why in the page's language, and its flags in words", arguments: JalonAPI.Language.allCases)
    func why(language: JalonAPI.Language) {
        var commitment = Samples.commitments[2]
        commitment.status.explanation = [
            API.ExplanationStep(
                rule: "ratio",
                text: "raw",
                words: API.LocalizedText(zh: "比率", en: "the ratio", fr: "le ratio")
            )
        ]
        commitment.status.flags = [
            "overdueReport", "stale", "disputed", "refuted", "amended", "baselineUnknown", "deadlineInferred",
            "seriesBreak", "regressed", "beforeStart",
        ]
        let layout = Layout(status: Self.layout.status, language: language, now: 0, asOf: "2021-07-01")
        let shown = CommitmentWhy(layout: layout, commitment: commitment).html.markup
        #expect(shown.contains(language.pick("比率", "the ratio", "le ratio")) && !shown.contains("raw"))
        for flag in commitment.status.flags {
            let words = CommitmentWhy.flag(flag, in: language)
            #expect(words != flag && shown.contains(words), "\(flag)")
        }
    }
}

@Suite("A transaction's page in words")
struct TransactionWordsTests {
    @Test("has words for every type, in three languages", arguments: TransactionType.allCases)
    func types(type: TransactionType) {
        #expect(TransactionWords.knows(type: type.rawValue))
        let words = JalonAPI.Language.allCases.map { TransactionWords.type(type.rawValue, in: $0) }
        #expect(Set(words).count >= 2 && words.allSatisfy { !$0.isEmpty })
    }

    @Test(
        "shows a body's fields by name, its texts as text, its ids as links, and no deeper than a body goes"
    )
    func body() {
        var deep = API.JSON.string("deepest")
        for _ in 0..<100 { deep = .array([deep]) }
        let body = API.JSON.object([
            API.JSON.Member("commitment", .string("CN-HN-2020-001")), API.JSON.Member("deep", deep),
            API.JSON.Member("milestone", .string(Samples.digest(7))),
            API.JSON.Member("periodEnd", .string("2021-06-30")),
            API.JSON.Member("reason", .string("<b>no")),
            API.JSON.Member("type", .string("milestone.retract")),
            API.JSON.Member("url", .string("javascript:alert(1)")), API.JSON.Member("value", .string("9500")),
        ])
        let layout = Layout(
            status: API.NodeStatus(
                network: "test",
                chain: "",
                isValidator: false,
                version: "",
                head: Samples.head(1),
                view: 1,
                validators: API.Validators(total: 1, needed: 1, connected: 1, toleratedFaults: 0),
                bestSignedHeight: 1,
                isReady: true,
                asOf: "2021-07-01",
                isDemonstrationDate: false,
                hasDemoData: false
            ),
            language: .en,
            now: 0,
            asOf: "2021-07-01"
        )
        let shown = TransactionBodyView(layout: layout).html(body).markup
        #expect(shown.contains("<a href=\"/commitments/CN-HN-2020-001?lang=en\">"))
        #expect(shown.contains("/transactions/\(Samples.digest(7))?lang=en"))
        #expect(shown.contains("30 June 2021") && shown.contains("9\u{202F}500"))
        #expect(shown.contains("&lt;b&gt;no") && !shown.contains("<b>no"))
        #expect(!shown.contains("href=\"javascript") && !shown.contains("deepest"))
        #expect(!shown.contains("milestone.retract"))
    }
}
