import JalonAPI
import JalonAPITestKit
import JalonSchema
import Testing

@Suite("A page that can't show everything shows the newest")
struct NewestFirstTests {
    private static let id = "CN-HN-2020-001"

    /// 512 reports, one a day from 2 February 2020 on, of 1, 2, 3 and so on.
    private func ledger() async throws -> FakeLedger {
        let ledger = FakeLedger()
        let last = try #require(Samples.commitments.first { $0.id == Self.id }?.lastMilestone)
        await ledger.setMilestones(
            (1...512).map { number in
                var milestone = last
                milestone.id = Samples.digest(UInt64(number))
                let (year, month) = (2000 + number / 12, number % 12 + 1)
                milestone.periodEnd = "\(year)-\(month < 10 ? "0" : "")\(month)-20"
                milestone.value = "\(number)"
                return milestone
            },
            of: Self.id
        )
        return ledger
    }

    @Test("of a commitment with 512 milestones the last 500, and says what was measured last")
    func milestones() async throws {
        try await TestServer.run(ledger: ledger()) { server async throws in
            let page = try await server.get("/commitments/\(Self.id)?lang=en").body
            #expect(
                page.contains("The newest 500 of 512 milestones. Last measured: 512 on 20 September 2042.")
            )
            #expect(page.contains("; 500 of 512 here</caption>"))
            #expect(page.contains("Of the milestones, only those in the table above."))
            #expect(page.contains(Samples.digest(512)) && page.contains(Samples.digest(13)))
            #expect(!page.contains("href=\"/transactions/\(Samples.digest(12))"))
            let link = "/commitments/\(Self.id)?lang=en&amp;before=\(Samples.digest(13))#milestones"
            #expect(page.contains("href=\"\(link)\">12 older</a>"))
        }
    }

    @Test("and lists the earlier ones where they are asked for, below the same chart")
    func earlier() async throws {
        try await TestServer.run(ledger: ledger()) { server async throws in
            let target = "/commitments/\(Self.id)?lang=en&before=\(Samples.digest(13))"
            let page = try await server.get(target).body
            #expect(page.contains("Last measured: 512 on 20 September 2042."))
            #expect(page.contains("; 12 of 512 here</caption>"))
            #expect(page.contains("href=\"/transactions/\(Samples.digest(12))"))
            #expect(!page.contains("href=\"/transactions/\(Samples.digest(13))"))
            #expect(page.contains("#milestones\">The newest</a>") && !page.contains(" older</a>"))
        }
    }

    @Test("nothing of this where all are shown")
    func whole() async throws {
        try await TestServer.run { server async throws in
            let page = try await server.get("/commitments/\(Self.id)?lang=en").body
            #expect(
                page.contains("Par période") == false
                    && page.contains("corrected and retracted ones stay</caption>")
            )
            #expect(
                !page.contains("The newest") && !page.contains(" older") && !page.contains(" here</caption>")
            )
        }
    }

    @Test("of a region's directives the last ten, the newest first")
    func directives() async throws {
        let ledger = FakeLedger()
        var directive = try #require(Samples.directives.first)
        directive.to = "cn-hn"
        await ledger.setDirectives(
            (1...120).map { number in
                directive.id = Samples.digest(UInt64(number))
                directive.height = UInt64(number)
                directive.title = API.LocalizedText(zh: "督办第\(number)号", en: "Directive \(number).")
                return directive
            }
        )
        try await TestServer.run(ledger: ledger) { server async throws in
            let page = try await server.get("/regions/CN-HN?lang=en").body
            let shown = (1...120).filter { page.contains("Directive \($0).") }
            #expect(shown == Array(111...120))
            let newest = try #require(page.firstRange(of: "Directive 120."))
            let older = try #require(page.firstRange(of: "Directive 119."))
            #expect(newest.lowerBound < older.lowerBound)
        }
    }
}
