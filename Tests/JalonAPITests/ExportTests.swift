import Foundation
import JalonAPITestKit
import JalonSchema
import Testing

@testable import JalonAPI

@Suite("A cell of a table")
struct CSVCellTests {
    @Test(
        "is no formula in any spreadsheet program, whoever wrote it",
        arguments: [
            ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@SUM(A1)", "'@SUM(A1)"), ("\t=1", "'\t=1"),
            ("\r=1", "\"'\r=1\""), ("＝1", "'＝1"), ("＠a", "'＠a"), ("a=1", "a=1"), ("", ""),
        ]
    )
    func formulas(text: String, written: String) {
        #expect(CSV.line([.text(text)]) == written + "\r\n")
    }

    @Test("keeps a negative number a number, which the ledger checked")
    func numbers() {
        #expect(CSV.line([.value("-0.25"), .number(-3), .flag(true), .empty]) == "-0.25,-3,true,\r\n")
    }

    @Test(
        "stands in quotes where RFC 4180 wants it",
        arguments: [
            ("a,b", "\"a,b\""), ("say \"no\"", "\"say \"\"no\"\"\""), ("two\nlines", "\"two\nlines\""),
            ("=HYPERLINK(\"x\",1)", "\"'=HYPERLINK(\"\"x\"\",1)\""), ("plain words", "plain words"),
        ]
    )
    func quotes(text: String, written: String) {
        #expect(CSV.line([.text(text), .empty]) == written + ",\r\n")
    }
}

@Suite("An export")
struct ExportTests {
    @Test("of commitments is a table with a heading, its name the height")
    func commitments() async throws {
        try await TestServer.run { server async throws in
            await server.ledger.makeBlock()
            let answer = try await server.get("/v1/export/commitments.csv")
            let lines = try body(answer).components(separatedBy: "\r\n")
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == "text/csv; charset=utf-8; header=present")
            #expect(
                answer.headers["content-disposition"]
                    == "attachment; filename=\"jalon-test-network-commitments-1.csv\""
            )
            #expect(answer.headers["jalon-height"] == "1")
            #expect(lines.first?.hasPrefix("id,region,region_zh,region_en,plan,title_zh,") == true)
            #expect(lines.count == Samples.commitments.count + 2)
            #expect(lines.last?.isEmpty == true)
        }
    }

    @Test("of milestones as JSON Lines holds what the API's lists hold")
    func lines() async throws {
        try await TestServer.run { server async throws in
            let text = try body(try await server.get("/v1/export/milestones.jsonl"))
            let milestones = try text.split(separator: "\n").map {
                try JSONDecoder().decode(API.Milestone.self, from: Data($0.utf8))
            }
            #expect(milestones == Samples.commitments.compactMap(\.lastMilestone))
        }
    }

    @Test("longer than a page of the ledger is whole, in order, each line once")
    func long() async throws {
        let many = (1...450).map { number in
            Samples.commitment(
                "CN-HN-2021-\(number + 1_000)",
                API.Name(code: "CN-HN"),
                title: API.LocalizedText(zh: "第\(number)项"),
                status: .noData
            )
        }
        try await TestServer.run(ledger: FakeLedger(commitments: many)) { server async throws in
            let text = try body(try await server.get("/v1/export/commitments.jsonl"))
            let ids = try text.split(separator: "\n").map {
                try JSONDecoder().decode(API.Commitment.self, from: Data($0.utf8)).id
            }
            #expect(ids == many.map(\.id))
        }
    }

    @Test("is filtered by region and commitment, and begins with a mark where asked")
    func filters() async throws {
        try await TestServer.run { server async throws in
            let region = try body(try await server.get("/v1/export/commitments.jsonl?region=CN-HE"))
            #expect(region.split(separator: "\n").count == 1)
            let one = try body(
                try await server.get("/v1/export/commitments.csv?commitment=CN-HN-2020-001&bom=true")
            )
            #expect(one.hasPrefix("\u{FEFF}id,"))
            #expect(one.components(separatedBy: "\r\n").count == 3)
        }
    }

    @Test(
        "that can't be made is a problem before anything is sent",
        arguments: [
            ("/v1/export/commitments.csv?height=99", 404),
            ("/v1/export/commitments.csv?commitment=CN-XX-1", 404),
            ("/v1/export/commitments.csv?bom=yes", 400), ("/v1/export/commitments.jsonl?bom=true", 400),
            ("/v1/export/milestones.csv?asOf=2021-01-01", 400), ("/v1/export/plans.csv", 404),
        ]
    )
    func refuses(path: String, status: Int) async throws {
        try await TestServer.run { server async throws in
            let answer = try await server.get(path)
            #expect(answer.status == status)
            #expect(answer.headers["content-type"] == "application/problem+json")
        }
    }

    /// The body, put together from its chunks (RFC 9112 §7.1).
    private func body(_ answer: RawAnswer) throws -> String {
        guard answer.headers["transfer-encoding"] == "chunked" else { return answer.body }
        var (rest, text) = (Data(answer.body.utf8), Data())
        while let end = rest.firstRange(of: Data("\r\n".utf8)) {
            let size = try #require(Int(String(decoding: rest[..<end.lowerBound], as: UTF8.self), radix: 16))
            if size == 0 { return String(decoding: text, as: UTF8.self) }
            text += rest[end.upperBound..<(end.upperBound + size)]
            rest = rest[(end.upperBound + size + 2)...]
        }
        Issue.record("the last chunk is missing")
        return ""
    }
}
