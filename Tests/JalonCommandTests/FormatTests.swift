import JalonModel
import JalonSchema
import Testing

@testable import jalon

@Suite("Values are written for people")
struct FormatTests {
    @Test(
        "numbers in groups of three",
        arguments: [
            ("0", "0"), ("999", "999"), ("9500", "9 500"), ("13176", "13 176"),
            ("3000000000", "3 000 000 000"),
            ("-1234.5", "−1 234.5"), ("0.25", "0.25"),
        ]
    )
    func numbers(decimal: String, text: String) {
        #expect(Format.number(decimal) == text)
    }

    @Test(
        "bytes in the unit with the fewest digits",
        arguments: [
            (0, "0 B"), (1_023, "1023 B"), (1_024, "1.0 KiB"), (1_589, "1.5 KiB"), (64 << 20, "64.0 MiB"),
            (70 << 30, "70.0 GiB"), (3 << 50, "3.0 PiB"),
        ] as [(UInt64, String)]
    )
    func bytes(count: UInt64, text: String) {
        #expect(Format.bytes(count) == text)
    }

    @Test("a disk with how long it will do, where that can be said")
    func disk() {
        var use = API.StorageUse(ledgerBytes: 3 << 20, freeBytes: 70 << 30)
        #expect(use.words == "3.0 MiB used, 70.0 GiB free; growth: not enough data yet")
        use.growth = API.StorageGrowth(
            bytesPerDay: 12 << 20,
            lastDayBytesPerDay: 12 << 20,
            lastWeekBytesPerDay: 1 << 20,
            measuredHours: 30,
            daysUntilFull: 5_968
        )
        let start = "3.0 MiB used, 70.0 GiB free; grows by 12.0 MiB a day (by 30 h of blocks)"
        #expect(use.words == "\(start): enough for 5 968 days")
        use.growth?.daysUntilFull = 40_000
        #expect(use.words == "\(start): enough for more than 100 years")
        use.growth?.daysUntilFull = nil
        #expect(use.words == "3.0 MiB used, 70.0 GiB free; does not grow")
    }

    @Test(
        "ratios as per cent, floored like the ledger's own",
        arguments: [
            (721_007, "72.1 %"), (699_999, "69.9 %"), (1_000_000, "100.0 %"), (0, "0.0 %"), (-1, "−0.1 %"),
        ]
    )
    func percent(ratio: Int, text: String) {
        #expect(Format.percent(partsPerMillion: ratio) == text)
    }

    @Test("days", arguments: [("2021-07-01", "1 Jul 2021"), ("2022-12-31", "31 Dec 2022"), ("x", "x")])
    func days(iso: String, text: String) {
        #expect(Format.day(iso) == text)
    }

    @Test(
        "widths count hanzi twice, colours not at all",
        arguments: [
            ("abc", 3), ("湖南", 4), ("\u{1B}[31mx\u{1B}[0m", 1), ("e\u{301}", 1), ("✔", 1),
        ]
    )
    func widths(text: String, width: Int) {
        #expect(Format.width(text) == width)
    }

    @Test("tables are aligned on a terminal, and separated by tabs elsewhere")
    func tables() {
        let (heading, rows) = (["a", "name"], [["1", "湖南 Hunan"], ["22", "x"]])
        #expect(Output.table(heading, rows, isTerminal: true) == "a   name\n1   湖南 Hunan\n22  x")
        #expect(Output.table(heading, rows, isTerminal: false) == "1\t湖南 Hunan\n22\tx")
        let hanzi = Output.table(["r", "v"], [["湖南", "1"], ["abc", "2"]], isTerminal: true)
        #expect(hanzi == "r     v\n湖南  1\nabc   2")
    }

    @Test("each status has words and a sign; no two kinds of outcome share both")
    func statuses() {
        #expect(Set(API.StatusCode.allCases.map(\.words)).count == API.StatusCode.allCases.count)
        #expect(API.StatusCode.atRisk.sign != API.StatusCode.behind.sign)
        #expect(API.StatusCode.achieved.sign != API.StatusCode.missed.sign)
    }

    private static func commitment(_ status: API.CommitmentStatus) -> API.Commitment {
        API.Commitment(
            id: "CN-HN-2020-001",
            plan: "CN-HN-2020-P1",
            region: API.Name(code: "CN-HN"),
            title: API.LocalizedText(zh: "推动3万家企业上链"),
            indicator: API.Indicator(
                code: "ENT_ONCHAIN",
                unit: API.Name(code: "enterprise"),
                scale: 0,
                measure: "count",
                accumulation: "cumulative",
                direction: "up"
            ),
            target: API.Target(op: .ge, value: "30000"),
            start: "2020-04-26",
            curve: "linear",
            reporting: API.Reporting(every: "yearly", firstDue: "2021-04-26", graceDays: 90),
            minimumLevel: "L1",
            life: "active",
            versions: [],
            status: status,
            milestoneCount: 1,
            transaction: "t",
            height: 1
        )
    }

    @Test("a commitment's status in one line")
    func statusLine() {
        var status = API.CommitmentStatus(
            asOf: "2021-07-01",
            current: .atRisk,
            original: .atRisk,
            value: "9500",
            expected: "13176",
            ratio: 721_007
        )
        var output = Output()
        output.isTerminal = false
        #expect(
            Self.commitment(status).statusLine(isDemonstrationDate: true, output: output)
                == "CN-HN-2020-001 AT RISK: 9 500 of 13 176 expected (72.1 %) as of 1 Jul 2021 (demonstration date)"
        )
        status.isFictional = true
        #expect(
            Self.commitment(status).statusLine(isDemonstrationDate: false, output: output).hasSuffix(
                "1 Jul 2021  DEMO DATA"
            )
        )
    }

    @Test("a promise names what it counts once")
    func promise() {
        let unit = API.Name(code: "park", name: API.LocalizedText(zh: "个园区", en: "parks"))
        func promise(_ target: API.Target, _ unit: API.Name) -> String {
            var commitment = Self.commitment(
                API.CommitmentStatus(asOf: "2021-07-01", current: .onTrack, original: .onTrack)
            )
            (commitment.target, commitment.indicator.unit) = (target, unit)
            return commitment.promise
        }
        #expect(promise(API.Target(op: .ge, value: "3"), unit) == "at least 3 parks 个园区")
        #expect(promise(API.Target(op: .ge, value: "3"), API.Name(code: "windmill")) == "at least 3 windmill")
        let items = ["a", "b", "c"].map { API.TargetItem(id: $0, name: API.LocalizedText(zh: "项")) }
        #expect(promise(API.Target(op: .checklist, items: items, required: 3), unit) == "3 of 3 items")
        #expect(API.Target(op: .checklist, items: items, required: 3).afterValue == " of 3 items")
        #expect(API.Target(op: .checklist, items: items, required: 2).afterValue == " of 3 items, 2 needed")
        #expect(API.Target(op: .ge, value: "1000").afterValue == " of at least 1 000")
    }

    @Test("a list says where the original is judged otherwise")
    func remarks() {
        var status = API.CommitmentStatus(asOf: "2021-07-01", current: .claimed, original: .atRisk)
        #expect(status.remarks == "original: AT RISK")
        status.isFictional = true
        #expect(status.remarks == "original: AT RISK  DEMO DATA")
        status.original = .claimed
        #expect(status.remarks == "DEMO DATA")
    }

    @Test("a progress bar keeps its width")
    func progress() {
        let texts = [0, 7, 99, 100].map { ProgressBar.text(UInt64($0), of: 100, "blocks") }
        #expect(Set(texts.map(\.count)).count == 1)
        #expect(texts[3].hasSuffix("100 of 100 blocks"))
    }
}
