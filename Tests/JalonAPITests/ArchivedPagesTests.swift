import JalonAPITestKit
import JalonSchema
import Testing

@testable import JalonAPI

@Suite("The pages of a node that does not hold the first blocks")
struct ArchivedPagesTests {
    private static let id = Samples.digest(7)

    private func layout(_ language: Language, firstBlock: UInt64? = 9) async throws -> Layout {
        var status = try await FakeLedger().nodeStatus()
        status.firstBlock = firstBlock
        return Layout(status: status, language: language, now: 0, asOf: "2021-07-01")
    }

    private func archived(code: String = "E_ARCHIVED") -> API.Transaction {
        API.Transaction(
            id: Self.id,
            state: .final,
            height: 3,
            position: 0,
            logIndex: 5,
            leaf: Samples.digest(8),
            problem: API.Problem(
                code: code,
                title: "Archived",
                status: 410,
                detail: "its body is archived",
                hint: "ask another node"
            )
        )
    }

    @Test(
        "say of an archived transaction how it is proven, and offer nothing that ends in 410",
        arguments: Language.allCases
    )
    func transaction(language: Language) async throws {
        let page = TransactionPage(layout: try await layout(language), id: Self.id, transaction: archived())
        let shown = page.html.markup
        let title = language.pick(
            "已归档：证明仍在",
            "Archived: the proof still exists",
            "Archivée : la preuve existe toujours"
        )
        #expect(shown.contains("<h2>\(title)</h2>"))
        #expect(shown.contains("jalon proof get --tx \(Self.id) --statement"))
        #expect(shown.contains("jalon proof get --tx \(Self.id) --archive"))
        #expect(shown.contains("Content-Type: application/cose"))
        for download in ["proof", "receipt", "bytes"] {
            #expect(!shown.contains("href=\"/v1/transactions/\(Self.id)/\(download)"))
        }
        #expect(!shown.contains("transaction=\(Self.id)") && !shown.contains("/blocks/3"))
        #expect(shown.contains(Samples.digest(8)), "the hash in the log")
        // Said once, in the reader's language.
        #expect(!shown.contains("E_ARCHIVED") && !shown.contains("ask another node"))
    }

    @Test("offer everything of one that is held")
    func held() async throws {
        var transaction = archived()
        (transaction.problem, transaction.leaf, transaction.height) = (nil, nil, 9)
        let shown = TransactionPage(layout: try await layout(.en), id: Self.id, transaction: transaction)
            .html.markup
        for download in ["proof", "receipt", "bytes"] {
            #expect(shown.contains("href=\"/v1/transactions/\(Self.id)/\(download)\""))
        }
        #expect(shown.contains("transaction=\(Self.id)") && shown.contains("href=\"/blocks/9?lang=en\""))
        #expect(!shown.contains("Archived") && !shown.contains("Hash in the log"))
    }

    @Test("say of one that may stand in an earlier block where to look, in the reader's language")
    func earlier() async throws {
        var transaction = archived(code: "E_BEFORE_FIRST_BLOCK")
        (transaction.state, transaction.height, transaction.leaf) = (.unknown, nil, nil)
        let shown = TransactionPage(layout: try await layout(.fr), id: Self.id, transaction: transaction)
            .html.markup
        #expect(
            shown.contains("Voyez la même page sur un autre nœud") && shown.contains("E_BEFORE_FIRST_BLOCK")
        )
    }

    @Test("tell of a commitment's life what the state knows, and from which block on they know more")
    func life() async throws {
        var commitment = Samples.eventful
        commitment.lifeSteps = []
        commitment.firstBlock = 9
        func shown(_ language: Language = .en) async throws -> String {
            let layout = try await layout(language)
            return CommitmentPage(layout: layout, commitment: commitment, latest: MilestoneTail([])).html
                .markup
        }
        let words = try await shown()
        #expect(words.contains("Of the steps before block 9 this node keeps"))
        #expect(words.contains("proposed it") && words.contains("amended it to version 2"))
        let change = try #require(commitment.lifeChange)
        #expect(words.contains("→") && words.contains(change.transaction))
        for language in [Language.zh, .fr] {
            let note = language.pick("区块 9 之前的步骤", "", "Des étapes avant le bloc 9")
            #expect(try await shown(language).contains(note))
        }
        // A step that is held is not told twice.
        commitment.lifeSteps = [
            API.LifeStep(
                type: "commitment.suspend",
                transaction: change.transaction,
                issuer: change.issuer,
                key: Samples.digest(3),
                height: 12,
                timestamp: 1
            )
        ]
        let held = try await shown()
        #expect(held.contains("suspended it") && held.contains("proposed it"))
        let ranges = held.ranges(of: "/transactions/\(change.transaction)")
        #expect(ranges.count == 1)
        commitment.firstBlock = nil
        #expect(try await !shown().contains("this node keeps"))
    }

    @Test("link no block that is not held")
    func links() async throws {
        let (joined, whole) = (try await layout(.en), try await layout(.en, firstBlock: nil))
        #expect(joined.blockLink(8).markup == "8" && joined.blockLink(0).markup == "0")
        #expect(joined.blockLink(9).markup == "<a href=\"/blocks/9?lang=en\">9</a>")
        #expect(whole.blockLink(8).markup.contains("/blocks/8") && whole.blockLink(0).markup == "0")
    }
}
