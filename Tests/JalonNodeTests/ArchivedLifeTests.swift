import JalonAPI
import JalonModel
import JalonSchema
import JalonState
import Testing

@testable import JalonNode
@testable import JalonStorage

@Suite("A commitment's life goes on after the blocks of its beginning were archived")
struct ArchivedLifeTests {
    private let temporary: TemporaryFolder
    private let node: Node

    private static let hour: UInt64 = 3_600_000

    /// Proposed and suspended long ago, resumed lately, when another one was proposed.
    init() async throws {
        temporary = try TemporaryFolder()
        let before = try TestNode(temporary)
        try await before.fill()
        let id = try #require(CommitmentID("CN-HN-2020-001"))
        try await before.apply(
            .commitmentTransition(CommitmentTransition(.suspend, id, reason: try Text("flood")))
        )
        before.advance(milliseconds: 3 * ArchivedLifeTests.hour)
        var younger = try TestNode.enterprises()
        younger.id = try #require(CommitmentID("CN-HN-2020-009"))
        for body in [
            TransactionBody.commitmentTransition(
                CommitmentTransition(.resume, id, reason: try Text("dry again"))
            ),
            .commitmentPropose(younger),
        ] {
            let expires = TestNode.start.advanced(byMilliseconds: 3 * ArchivedLifeTests.hour + 600_000)
            let answer = try await before.ledger.submit([before.sign(body, expires: expires)])
            #expect(answer.first?.problem == nil)
        }
        // The node that starts on it is no validator's.
        for table in ["vote", "proposal"] { try before.store.execute("DELETE FROM \(table)") }
        try before.store.close()
        let data = try temporary.copyLedger(in: before.store.folder.path, to: "archived")
        let report = try await ArchiveSetup.run(in: data, keeping: .blocks(2), bodies: .discarded)
        #expect(report.dropped != nil)
        node = try temporary.node(of: before.genesis, data: data)
    }

    private func commitment(_ id: String) async throws -> API.Commitment {
        try await node.ledger.commitment(#require(CommitmentID(id)), asOf: nil, after: nil)
    }

    @Test("and says from which block on its steps are told")
    func told() async throws {
        let first = try #require(node.ledger.base?.firstBlock.value)
        let old = try await commitment("CN-HN-2020-001")
        #expect(old.firstBlock == first && old.height < first)
        #expect(old.lifeSteps.map(\.type) == ["commitment.resume"] && old.life == "active")
        #expect(old.lifeChange?.text == "dry again")
        // What the state keeps of the steps before is told as ever.
        #expect(old.versions.map(\.number) == [1] && old.versions[0].height == old.height)
        let untouched = try await commitment("CN-HN-2020-002")
        #expect(untouched.firstBlock == first && untouched.lifeSteps.isEmpty)
    }

    @Test("which is not said of one that is younger, nor in a list")
    func younger() async throws {
        let younger = try await commitment("CN-HN-2020-009")
        #expect(younger.firstBlock == nil && younger.lifeSteps.map(\.type) == ["commitment.propose"])
        let list = try await node.ledger.commitments(CommitmentFilter(), page: Page(), asOf: nil).commitments
        #expect(list.count == 4 && list.allSatisfy { $0.firstBlock == nil })
    }
}
