import FoundationEssentials
import Hummingbird
import JalonSchema
import NIOCore

/// The newest acts as RSS 2.0 (rssboard.org, version 2.0.11), for feed readers.
struct RSS {
    /// Acts that it tells at the most.
    static let itemCount = 50
    /// Blocks that it looks back at the most.
    static let blockCount = 64

    static let mediaType = "application/rss+xml; charset=utf-8"

    let status: API.NodeStatus
    /// Oldest first.
    let events: [API.FeedEvent]
    let members: MemberNames
    let language: Language
    /// `http://host:port`, as the client reached this node.
    let base: String

    var text: String {
        let title = "\(status.network) · \(language.ledgerName)"
        let about = language.pick(
            "各成员签名并写入区块的事项，最新在前。",
            "What members signed and blocks sealed, the newest first.",
            "Ce que les membres ont signé et que des blocs ont scellé, le plus récent d’abord."
        )
        let updated = RSS.date(status.head.timestamp)
        let channel: HTML = """
            <?xml version="1.0" encoding="UTF-8"?>
            <rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/">
            <channel>
            <title>\(RSS.printable(title))</title>
            <link>\(base)/?lang=\(language.rawValue)</link>
            <atom:link href="\(base)/feed.rss?lang=\(language.rawValue)" rel="self" type="application/rss+xml"/>
            <description>\(about)</description>
            <language>\(language == .zh ? "zh-cn" : language.rawValue)</language>
            <lastBuildDate>\(updated)</lastBuildDate>
            <ttl>1</ttl>
            \(HTML.join(items, separator: "\n"))
            </channel>
            </rss>

            """
        return channel.markup
    }

    private var items: [HTML] {
        let acts = events.reversed().flatMap { event in event.transactions.reversed().map { (event, $0) } }
        return acts.prefix(RSS.itemCount).map { event, entry in item(entry, event) }
    }

    private func item(_ entry: API.BlockEntry, _ event: API.FeedEvent) -> HTML {
        let words = entry.summary.map(language.text) ?? "\(entry.type) \(entry.subject)"
        let who = members.name(entry.issuer)
        let demo =
            entry.isFictional ? language.pick("【演示数据】", "DEMO DATA: ", "DONNÉES DE DÉMONSTRATION : ") : ""
        let sentence = RSS.printable(language == .zh ? "\(demo)\(who)\(words)" : "\(demo)\(who) \(words)")
        let place = language.pick(
            "第 \(event.height) 区块第 \(entry.position) 项，交易 \(entry.id)",
            "Block \(event.height), position \(entry.position), transaction \(entry.id)",
            "Bloc \(event.height), position \(entry.position), transaction \(entry.id)"
        )
        return """
            <item>
            <title>\(sentence)</title>
            <link>\(base)\(path(of: entry))</link>
            <guid isPermaLink="false">urn:jalon:transaction:\(entry.id)</guid>
            <pubDate>\(RSS.date(event.timestamp))</pubDate>
            <dc:creator>\(RSS.printable(who))</dc:creator>
            <category>\(entry.type)</category>
            <description>\(sentence) — \(place)</description>
            </item>
            """
    }

    /// Where more is told of it: its commitment's page, else the transaction.
    private func path(of entry: API.BlockEntry) -> String {
        let isOfCommitment = ["commitment.", "milestone."].contains { entry.type.hasPrefix($0) }
        let page = isOfCommitment ? "commitments/\(entry.subject)" : "transactions/\(entry.id)"
        return "/\(page)?lang=\(language.rawValue)"
    }

    // MARK: - Texts

    /// A moment as RFC 822 writes it: `Thu, 01 Jul 2021 10:42:07 GMT`.
    static func date(_ milliseconds: UInt64) -> String {
        let seconds = min(milliseconds / 1_000, 253_402_300_799)
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = calendar.dateComponents(
            [.weekday, .day, .month, .year, .hour, .minute, .second],
            from: Date(timeIntervalSince1970: Double(seconds))
        )
        func two(_ number: Int?) -> String { "\((number ?? 0) < 10 ? "0" : "")\(number ?? 0)" }
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let day = days[max(0, min(6, (parts.weekday ?? 1) - 1))]
        let month = months[max(0, min(11, (parts.month ?? 1) - 1))]
        return "\(day), \(two(parts.day)) \(month) \(parts.year ?? 1970) "
            + "\(two(parts.hour)):\(two(parts.minute)):\(two(parts.second)) GMT"
    }

    /// The text without the characters that XML 1.0 (§2.2) can't hold in any form.
    static func printable(_ text: String) -> String {
        var printable = ""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x9, 0xA, 0xD, 0x20...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF:
                printable.unicodeScalars.append(scalar)
            default: printable += "\u{FFFD}"
            }
        }
        return printable
    }
}

extension APIResponder {
    /// Answers with the newest acts in the language asked for.
    func rss(_ target: RequestTarget, _ request: Request) async throws -> Response {
        if let text = target.query["lang"], Language(rawValue: text) == nil {
            throw API.Problem.query("lang=\(text): expected zh, en or fr")
        }
        let language = Language(parameter: target.query["lang"], accept: request.headers[.acceptLanguage])
        let base = "\(scheme)://\(request.trustedAuthority)"
        var response = try await state(target, request, variant: "\(language.rawValue) \(base)") {
            let outcome = try await race(limit: limits.requestTimeout) {
                let status = try await ledger.nodeStatus()
                return RSS(
                    status: status,
                    events: try await ledger.recentEvents(RSS.blockCount, upTo: status.head.height),
                    members: MemberNames(try await ledger.members(), language: language),
                    language: language,
                    base: base
                )
            }
            guard case .value(let feed) = outcome else { throw API.Problem.timedOut }
            return .bytes(ByteBuffer(string: feed.text), type: RSS.mediaType)
        }
        response.headers[.vary] = "Accept-Language"
        return response
    }
}
