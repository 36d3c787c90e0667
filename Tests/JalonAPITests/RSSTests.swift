import Foundation
import JalonAPITestKit
import JalonSchema
import Testing

@testable import JalonAPI

@Suite("The feed for feed readers")
struct RSSTests {
    private func feed(_ summary: API.LocalizedText, _ language: Language = .en, count: Int = 1) -> String {
        let entries = (0..<count).map { position in
            API.BlockEntry(
                id: Samples.digest(UInt64(position)),
                position: position,
                type: "milestone.report",
                issuer: "cn-hn",
                subject: "CN-HN-2020-001",
                summary: summary,
                isFictional: true
            )
        }
        let event = API.FeedEvent(
            height: 7,
            block: Samples.digest(7),
            stateRoot: Samples.digest(8),
            timestamp: 1_625_136_127_000,
            transactions: entries
        )
        let hunan = API.Member(
            id: "cn-hn",
            name: API.LocalizedText(zh: "湖南", en: "Hunan"),
            roles: ["province"],
            isValidator: true
        )
        let rss = RSS(
            status: status,
            events: [event],
            members: MemberNames(API.MemberList(height: 7, members: [hunan]), language: language),
            language: language,
            base: "http://node.example:8400"
        )
        return rss.text
    }

    private var status: API.NodeStatus {
        API.NodeStatus(
            network: "test-network",
            chain: FakeLedger.chain,
            isValidator: true,
            version: "test",
            head: Samples.head(7),
            view: 8,
            validators: API.Validators(total: 4, needed: 3, connected: 4, toleratedFaults: 1),
            bestSignedHeight: 7,
            isReady: true,
            asOf: "2021-07-01",
            isDemonstrationDate: true,
            hasDemoData: true
        )
    }

    @Test("says who did what, when, and that it is invented, with a way to more")
    func item() {
        let text = feed(API.LocalizedText(zh: "上报 9500", en: "reported 9500", fr: "a déclaré 9500"))
        #expect(text.contains("<title>DEMO DATA: Hunan reported 9500</title>"))
        #expect(text.contains("<pubDate>Thu, 01 Jul 2021 10:42:07 GMT</pubDate>"))
        #expect(text.contains("<link>http://node.example:8400/commitments/CN-HN-2020-001?lang=en</link>"))
        #expect(text.contains("urn:jalon:transaction:\(Samples.digest(0))"))
    }

    @Test(
        "is told in the language asked for",
        arguments: [(Language.zh, "湖南上报 9500"), (.en, "Hunan reported 9500"), (.fr, "a déclaré 9500")]
    )
    func languages(language: Language, words: String) {
        let text = feed(API.LocalizedText(zh: "上报 9500", en: "reported 9500", fr: "a déclaré 9500"), language)
        #expect(text.contains(words))
    }

    @Test("holds what anybody wrote as text, without what XML can't hold")
    func hostile() {
        let text = feed(API.LocalizedText(zh: "零", en: "</title><script>&\u{0}\u{1B}\u{FFFE}"))
        #expect(text.contains("&lt;/title&gt;&lt;script&gt;&amp;\u{FFFD}\u{FFFD}\u{FFFD}"))
    }

    @Test("tells fifty acts at the most, the newest first")
    func length() throws {
        let text = feed(API.LocalizedText(zh: "零"), count: 60)
        #expect(text.components(separatedBy: "<item>").count == RSS.itemCount + 1)
        let newest = try #require(text.range(of: "transaction:\(Samples.digest(59))"))
        let older = try #require(text.range(of: "transaction:\(Samples.digest(58))"))
        #expect(newest.lowerBound < older.lowerBound)
    }

    @Test("over HTTP follows Accept-Language, and refuses a language that there is not")
    func http() async throws {
        try await TestServer.run { server async throws in
            await server.ledger.makeBlock()
            let french = try await server.get("/feed.rss", headers: ["Accept-Language: fr"])
            #expect(french.headers["content-type"] == "application/rss+xml; charset=utf-8")
            #expect(french.headers["vary"] == "Accept-Language")
            #expect(french.body.contains("<language>fr</language>"))
            #expect(french.body.contains("<link>http://test/?lang=fr</link>"))
            #expect(try await server.get("/feed.rss?lang=de").status == 400)
            let evil = try await server.exchange(
                Array("GET /feed.rss HTTP/1.1\r\nHost: a\"><b\r\nConnection: close\r\n\r\n".utf8)
            )
            #expect(!evil.body.contains("a\"><b"))
        }
    }
}
