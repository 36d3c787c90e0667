import JalonCodec
import JalonModel
import Testing

@Suite("The order of texts")
struct BytewiseOrderTests {
    @Test("Texts stand in the order of their bytes, wherever they differ first")
    func bytewiseOrder() {
        let base = "cn-hn.2021-0001-enterprises"
        var texts = ["", "a", "é", base, base + "x"]
        for count in 0..<base.count {
            let start = base.prefix(count)
            texts += [String(start), start + "~", start + "\u{7F}", start + "é" + base.dropFirst(count + 1)]
        }
        for one in texts {
            for other in texts {
                let expected = one.utf8.lexicographicallyPrecedes(other.utf8)
                #expect(one.precedesBytewise(other) == expected, "\(one) and \(other)")
            }
        }
    }
}

@Suite("A decimal number")
struct DecimalTests {
    @Test(
        "A number has one text, which reads back",
        arguments: [
            "0", "1", "-1", "9500", "0.5", "-0.5", "0.000001", "-0.000001", "100.25", "10.01",
            "999999999999999999",
            "999999999999999999.999999", "-999999999999999999.999999",
        ]
    )
    func accepted(text: String) throws {
        let value = try #require(Decimal(text))
        #expect(value.description == text)
        #expect(try Decimal.decode(value.encoded) == value)
    }

    @Test(
        "Every other text is refused",
        arguments: [
            "", "-", "-0", "-0.0", "00", "01", "1.", ".5", "1.0", "1.50", "0.0000001", "1000000000000000000",
            "+1", " 1", "1 ",
            "1e3", "1,5", "1.5.5", "--1", "0x1", "１", "-01", "1.2345678", "1234567890123456789012345678",
        ]
    )
    func refused(text: String) throws {
        #expect(Decimal(text) == nil)
        #expect(throws: CBORError.self) { try Decimal.decode(EncodedTree.text(text).encoded) }
    }

    @Test(
        "The scale is the number of decimals",
        arguments: [
            ("0", 0), ("10", 0), ("0.5", 1), ("-0.25", 2), ("1.000001", 6), ("100.1", 1),
        ]
    )
    func scale(text: String, expected: Int) throws {
        #expect(try #require(Decimal(text)).scale == expected)
    }

    @Test("Sums and differences stop at the bound")
    func checkedArithmetic() throws {
        let most = try #require(Decimal("999999999999999999.999999"))
        let least = try #require(Decimal("-999999999999999999.999999"))
        let step = try #require(Decimal("0.000001"))
        #expect(most.adding(step) == nil)
        #expect(least.subtracting(step) == nil)
        #expect(most.adding(least) == .zero)
        #expect(try #require(Decimal("0.1")).adding(#require(Decimal("0.2"))) == Decimal("0.3"))
        #expect(Decimal(Int64.max) == nil)
        #expect(Decimal(Int64.min) == nil)
        #expect(Decimal(999_999_999_999_999_999)?.description == "999999999999999999")
        #expect(Decimal(count: .max).description == "4294967295")
    }

    @Test("Order follows the value, not the text")
    func order() throws {
        let texts = ["-10", "-9.5", "-0.000001", "0", "0.5", "9", "10"]
        let values = try texts.map { try #require(Decimal($0)) }
        #expect(values.reversed().sorted() == values)
    }

    @Test(
        "A floor goes toward −∞",
        arguments: [
            ("1.9", 0, "1"), ("-1.1", 0, "-2"), ("-1", 0, "-1"), ("1.239", 2, "1.23"), ("-1.231", 2, "-1.24"),
            ("1.234567", 6, "1.234567"),
        ]
    )
    func floored(text: String, scale: Int, expected: String) throws {
        #expect(try #require(Decimal(text)).floored(toScale: scale)?.description == expected)
    }

    @Test("A floor beyond the bound is no number")
    func flooredPastTheBound() throws {
        #expect(try #require(Decimal("-999999999999999999.5")).floored(toScale: 0) == nil)
    }

    @Test(
        "The golden expected values follow from the line",
        arguments: [
            ("30000", 430, 979, "13176"), ("100", 418, 967, "43"), ("20", 364, 913, "7"), ("2", 30, 974, "0"),
        ]
    )
    func interpolated(goal: String, elapsed: Int, total: Int, expected: String) throws {
        let expectedNow = Decimal.zero.interpolated(
            to: try #require(Decimal(goal)),
            elapsed: elapsed,
            total: total
        )
        #expect(expectedNow.floored(toScale: 0)?.description == expected)
    }

    @Test("The line ends at its ends and floors on its way down")
    func interpolationEnds() throws {
        let (from, to) = (
            try #require(Decimal("999999999999999999")), try #require(Decimal("-999999999999999999"))
        )
        #expect(from.interpolated(to: to, elapsed: -5, total: 10) == from)
        #expect(from.interpolated(to: to, elapsed: 11, total: 10) == to)
        #expect(from.interpolated(to: to, elapsed: 5, total: 10) == .zero)
        #expect(
            Decimal.zero.interpolated(to: try #require(Decimal("-1")), elapsed: 1, total: 3).description
                == "-0.333334"
        )
    }
}

@Suite("A ratio in parts per million")
struct PartsPerMillionTests {
    private func ratio(_ value: String, _ from: String, _ to: String) throws -> Int64? {
        PartsPerMillion(
            of: try #require(Decimal(value)),
            from: try #require(Decimal(from)),
            to: try #require(Decimal(to))
        )?.value
    }

    @Test("The golden cases have their ratios")
    func golden() throws {
        #expect(try ratio("9500", "0", "13176") == 721_007)
        #expect(try ratio("41", "0", "43") == 953_488)
        #expect(try ratio("4", "0", "7") == 571_428)
    }

    @Test("A ratio floors toward −∞, whatever the signs")
    func floors() throws {
        #expect(try ratio("1", "0", "3") == 333_333)
        #expect(try ratio("-1", "0", "3") == -333_334)
        #expect(try ratio("60", "80", "20") == 333_333)
        #expect(try ratio("100", "80", "20") == -333_334)
    }

    @Test("No way is no ratio, and a huge one stays at the end")
    func edges() throws {
        #expect(try ratio("5", "7", "7") == nil)
        let huge = "999999999999999999.999999"
        #expect(try ratio(huge, "0", "0.000001") == Int64.max)
        #expect(try ratio("-" + huge, "0", "0.000001") == -Int64.max)
        #expect(try ratio(huge, "-" + huge, huge) == 1_000_000)
    }

    @Test("Clamping keeps a ratio between nothing and the whole")
    func clamped() {
        #expect(PartsPerMillion(-1).clamped == .zero)
        #expect(PartsPerMillion(1_000_001).clamped == .one)
        #expect(PartsPerMillion(7).clamped.value == 7)
    }
}

@Suite("A day of the calendar")
struct CalendarDayTests {
    @Test("Every day from 1599 to 2401 follows the one before it")
    func consecutive() throws {
        var day = try #require(CalendarDay("1599-01-01"))
        var (year, month, number) = (1599, 1, 1)
        while year < 2402 {
            #expect(day.parts == (year, month, number))
            #expect(CalendarDay(year: year, month: month, day: number) == day)
            let leap = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
            number += 1
            if number > [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] {
                (month, number) = (month + 1, 1)
            }
            if month > 12 { (year, month) = (year + 1, 1) }
            day = day.adding(days: 1)
        }
    }

    @Test(
        "Known days have their numbers",
        arguments: [
            ("1970-01-01", 0), ("1969-12-31", -1), ("2000-02-29", 11_016), ("2021-06-30", 18_808),
            ("0001-01-01", -719_162), ("9999-12-31", 2_932_896),
        ]
    )
    func known(text: String, days: Int) throws {
        let day = try #require(CalendarDay(text))
        #expect(day.daysSince1970 == days)
        #expect(day.description == text)
        #expect(CalendarDay(daysSince1970: days) == day)
        #expect(try CalendarDay.decode(day.encoded) == day)
    }

    @Test(
        "What is no day, or not written as one, is refused",
        arguments: [
            "", "2021-6-30", "2021-06-31", "2021-02-29", "1900-02-29", "2021-00-01", "2021-13-01",
            "2021-01-00", "0000-01-01",
            "10000-01-01", "2021/06/30", "20210630", "2021-06-30 ", "-021-06-30", "2021-06-3０", "+021-06-30",
        ]
    )
    func refused(text: String) {
        #expect(CalendarDay(text) == nil)
        #expect(throws: CBORError.self) { try CalendarDay.decode(EncodedTree.text(text).encoded) }
    }

    @Test("Beyond the calendar's ends there is no day")
    func ends() {
        #expect(CalendarDay(daysSince1970: -719_163) == nil)
        #expect(CalendarDay(daysSince1970: 2_932_897) == nil)
        #expect(CalendarDay.last.adding(days: 1) == .last)
        #expect(CalendarDay.first.adding(days: -1) == .first)
        #expect(CalendarDay.first.adding(days: .min) == .first)
        #expect(CalendarDay.last.adding(days: .max) == .last)
        #expect(CalendarDay.last.adding(months: .max) == .last)
        #expect(CalendarDay.first.adding(months: .min) == .first)
    }

    @Test("The spans of the golden cases have their days")
    func spans() throws {
        let (start, end) = (try Domain.day("2020-04-26"), try Domain.day("2022-12-31"))
        #expect(end.days(since: start) == 979)
        #expect(try Domain.day("2021-06-30").days(since: start) == 430)
    }

    @Test(
        "A month more keeps the day where the month has it",
        arguments: [
            ("2020-01-31", 1, "2020-02-29"), ("2021-01-31", 1, "2021-02-28"),
            ("2020-02-29", 12, "2021-02-28"),
            ("2020-05-08", 12, "2021-05-08"), ("2022-12-31", -12, "2021-12-31"),
            ("2021-03-31", -1, "2021-02-28"),
            ("2021-01-15", -1, "2020-12-15"), ("9999-12-31", 1, "9999-12-31"),
            ("0001-01-05", -1, "0001-01-01"),
        ]
    )
    func months(text: String, months: Int, expected: String) throws {
        #expect(try Domain.day(text).adding(months: months).description == expected)
    }

    @Test(
        "A timestamp's day turns at local midnight",
        arguments: [
            (1_625_068_799_999, 0, "2021-06-30"), (1_625_097_600_000, 0, "2021-07-01"),
            (1_625_068_800_000, 480, "2021-07-01"), (1_625_068_799_999, 480, "2021-06-30"),
            (0, 0, "1970-01-01"),
            (0, -1, "1969-12-31"), (UInt64(Int64.max), 480, "9999-12-31"),
        ] as [(UInt64, Int, String)]
    )
    func timestamps(milliseconds: UInt64, offset: Int, expected: String) {
        #expect(
            CalendarDay(timestamp: Timestamp(milliseconds), utcOffsetMinutes: offset).description == expected
        )
    }

    @Test(
        "A coarse date is the last day of its span",
        arguments: [
            ("2022-12-31", DatePrecision.year, true), ("2022-12-30", .year, false),
            ("2022-06-30", .year, false),
            ("2022-06-30", .quarter, true), ("2022-05-31", .quarter, false), ("2022-06-29", .quarter, false),
            ("2020-02-29", .month, true), ("2020-02-28", .month, false), ("2020-02-28", .day, true),
        ]
    )
    func precision(text: String, precision: DatePrecision, isSound: Bool) throws {
        let date = CalendarDate(date: try Domain.day(text), precision: precision, basis: .explicit)
        #expect((date != nil) == isSound)
    }
}

@Suite("A text for people")
struct TextTests {
    @Test("Two forms of the same letter are two texts")
    func comparison() throws {
        let (composed, decomposed) = (try Text("\u{E9}"), try Text("e\u{301}"))
        #expect(composed.string == decomposed.string)
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
        #expect(decomposed < composed)
    }

    @Test(
        "Control and bidi-control scalars are refused",
        arguments: [
            0x00, 0x09, 0x0A, 0x1F, 0x7F, 0x80, 0x9F, 0x061C, 0x200E, 0x200F, 0x202A, 0x202E, 0x2066, 0x2069,
        ] as [UInt32]
    )
    func controls(scalar: UInt32) throws {
        let scalar = try #require(Unicode.Scalar(scalar))
        let string = "湖" + String(scalar) + "南"
        #expect(throws: TextError.forbiddenScalar(scalar)) { try Text(string) }
        #expect(throws: CBORError.self) { try Text.decode(EncodedTree.text(string).encoded) }
    }

    @Test(
        "Their neighbours are allowed",
        arguments: [
            0x20, 0x7E, 0xA0, 0x061B, 0x061D, 0x200D, 0x2010, 0x2029, 0x202F, 0x2065, 0x206A, 0x1F600,
        ] as [UInt32]
    )
    func neighbours(scalar: UInt32) throws {
        let string = "湖" + String(try #require(Unicode.Scalar(scalar)))
        #expect(try Text.decode(Text(string).encoded).string.unicodeScalars.last?.value == scalar)
    }

    @Test("Lengths are counted in bytes")
    func lengths() throws {
        #expect(throws: TextError.empty) { try Text("") }
        #expect(throws: CBORError.self) { try Text.decode([0x60]) }
        #expect(try Text(String(repeating: "湖", count: 200), limit: .title).byteCount == 600)
        #expect(throws: TextError.tooLong(byteCount: 603, limit: 600)) {
            try Text(String(repeating: "湖", count: 201), limit: .title)
        }
        let longest = String(repeating: "a", count: 4_000)
        #expect(try Text.decode(Text(longest).encoded).byteCount == 4_000)
        #expect(throws: TextError.tooLong(byteCount: 4_001, limit: 4_000)) { try Text(longest + "a") }
        #expect(throws: CBORError.self) { try Text.decode(EncodedTree.text(longest + "a").encoded) }
    }

    @Test("The original's language must be there, and Chinese is said by silence")
    func official() throws {
        #expect(throws: TextError.officialLanguageMissing(.en)) { try LocalizedText(zh: "计划", official: .en) }
        let chinese = try LocalizedText(zh: "计划", en: "Plan")
        let english = try LocalizedText(zh: "计划", en: "Plan", official: .en)
        #expect(EncodedTree(chinese.encoded).at("official") == .map([]))
        #expect(EncodedTree(english.encoded).at("official") == "en")
        #expect(try LocalizedText.decode(english.encoded) == english)
        #expect(chinese.text(in: .fr) == nil)
    }

    @Test(
        "A localized text refuses what its decoder refuses",
        arguments: [
            ("zh", nil), ("official", "zh"), ("official", "fr"), ("official", "de"), ("en", ""),
            ("de", "Plan"),
        ] as [(String, String?)]
    )
    func refused(key: String, value: String?) throws {
        let base = EncodedTree(try LocalizedText(zh: "计划", en: "Plan").encoded)
        #expect(throws: CBORError.self) {
            try LocalizedText.decode(base.setting(key, value.map(EncodedTree.text)).encoded)
        }
    }
}

@Suite("Codes and ids")
struct CodeTests {
    private func accepts<Code: Identifier>(_ type: Code.Type, _ text: String) -> Bool {
        Code(text)?.text == text
    }

    @Test(
        "An indicator's code",
        arguments: [
            ("ENT_ONCHAIN", true), ("A", true), ("A0_", true), (String(repeating: "A", count: 64), true),
            (String(repeating: "A", count: 65), false), ("", false), ("_A", false), ("0A", false),
            ("a", false),
            ("A-B", false), ("Ａ", false),
        ]
    )
    func indicator(text: String, isSound: Bool) { #expect(accepts(IndicatorCode.self, text) == isSound) }

    @Test(
        "A region's code",
        arguments: [
            ("CN", true), ("CN-HE", true), ("FR-75", true), ("GB-ENG", true), ("C", false), ("CN-", false),
            ("CN-HEBE", false), ("cn-he", false), ("CN-he", false), ("CNHE", false), ("CN_HE", false),
            ("C1-HE", false), ("", false),
        ]
    )
    func region(text: String, isSound: Bool) { #expect(accepts(RegionCode.self, text) == isSound) }

    @Test(
        "A unit's code",
        arguments: [
            ("enterprise", true), ("a-1", true), ("CNY", true), ("CN", false), ("CNYY", false),
            ("Cny", false), ("1a", false),
            ("-a", false), (String(repeating: "a", count: 33), false), ("a_b", false), ("", false),
        ]
    )
    func unit(text: String, isSound: Bool) { #expect(accepts(UnitCode.self, text) == isSound) }

    @Test(
        "A sector's and a theme's code",
        arguments: [
            ("finance", true), ("priority-2020", true), ("CNY", false), ("2020", false), ("", false),
            ("a b", false),
        ]
    )
    func sector(text: String, isSound: Bool) {
        #expect(accepts(SectorCode.self, text) == isSound)
        #expect(accepts(ThemeCode.self, text) == isSound)
    }

    @Test(
        "A reason's code",
        arguments: [
            ("typingError", true), ("a1", true), ("Typing", false), ("typing-error", false), ("", false),
            (String(repeating: "a", count: 33), false),
        ]
    )
    func reason(text: String, isSound: Bool) { #expect(accepts(ReasonCode.self, text) == isSound) }

    @Test(
        "A section of GB/T 4754",
        arguments: [("A", true), ("T", true), ("U", false), ("j", false), ("AB", false)]
    )
    func classification(text: String, isSound: Bool) {
        #expect(accepts(ClassificationLetter.self, text) == isSound)
    }

    @Test(
        "A plan's id is of its region",
        arguments: [
            ("CN-HN-2020-P1", true), ("CN-HN-2020-P9999", true), ("CN-HN-2020-P0", false),
            ("CN-HN-2020-P01", false),
            ("CN-HN-2020-P", false), ("CN-HN-2020-1", false), ("CN-HN-20-P1", false),
            ("CN-HB-2020-P1", false),
            ("CN-HN-2020-P12345", false), ("CN-HN-2020P1", false), ("CN-HN-2020-P1a", false),
        ]
    )
    func plan(text: String, isSound: Bool) throws {
        #expect(try #require(PlanID(text)).belongs(to: #require(RegionCode("CN-HN"))) == isSound)
    }

    @Test("A national plan's id is the country's")
    func nationalPlan() throws {
        #expect(try #require(PlanID("CN-2020-P1")).belongs(to: #require(RegionCode("CN"))))
        #expect(try !#require(PlanID("CN-HN-2020-P1")).belongs(to: #require(RegionCode("CN"))))
    }

    @Test(
        "A commitment's id is of its region",
        arguments: [
            ("CN-HN-2020-001", true), ("CN-HN-2020-123456", true), ("CN-HN-2020-01", false),
            ("CN-HN-2020-1234567", false),
            ("CN-HN-2020-P01", false), ("CN-HE-2020-001", false), ("CN-HN-202a-001", false),
            ("CN-HN-001", false),
        ]
    )
    func commitment(text: String, isSound: Bool) throws {
        #expect(try #require(CommitmentID(text)).belongs(to: #require(RegionCode("CN-HN"))) == isSound)
    }

    @Test(
        "A URI",
        arguments: [
            ("https://example.org/a?b=c#d", true), ("urn:isbn:1", true), ("https:", false),
            ("example.org", false),
            ("HTTPS://example.org", false), ("https://a b", false), ("https://例", false), ("1a://b", false),
            ("a<b:c", false),
            ("https://a/<b>", false), ("https://a/\"", false), ("", false),
        ]
    )
    func uri(text: String, isSound: Bool) { #expect(accepts(ResourceURI.self, text) == isSound) }

    @Test(
        "A media type",
        arguments: [
            ("application/pdf", true), ("image/svg+xml", true), ("text", false), ("text/", false),
            ("/pdf", false),
            ("a/b/c", false), ("text/plain; charset=utf-8", false), ("Text/plain", false), ("+a/b", false),
        ]
    )
    func mediaType(text: String, isSound: Bool) { #expect(accepts(MediaType.self, text) == isSound) }

    @Test(
        "A file's name",
        arguments: [
            ("季报.pdf", true), ("a b", true), (".", false), ("..", false), ("a/b", false), ("a\\b", false),
            ("", false),
            (String(repeating: "a", count: 255), true), (String(repeating: "a", count: 256), false),
            ("a\u{202E}b", false),
        ]
    )
    func fileName(text: String, isSound: Bool) { #expect((FileName(text) != nil) == isSound) }

    @Test(
        "A node's address",
        arguments: [
            ("127.0.0.1:7400", true), ("node-1.example.cn:1", true), ("[2001:db8::1]:65535", true),
            ("a:0", false),
            ("a:65536", false), ("a:01", false), ("a:", false), (":1", false), ("a", false), ("-a:1", false),
            ("a-:1", false),
            ("a..b:1", false), ("a_b:1", false), ("2001:db8::1:80", false), ("[::1:80", false),
            ("[]:80", false), ("[g::]:80", false),
            ("a:123456", false), (String(repeating: "a", count: 64) + ":1", false),
        ]
    )
    func address(text: String, isSound: Bool) { #expect(accepts(NodeAddress.self, text) == isSound) }

    @Test("An address gives its host and port")
    func addressParts() throws {
        let six = try #require(NodeAddress("[2001:db8::1]:7400"))
        #expect((six.host, six.port) == ("2001:db8::1", 7400))
        let name = try #require(NodeAddress("node.example.cn:1"))
        #expect((name.host, name.port) == ("node.example.cn", 1))
    }
}
