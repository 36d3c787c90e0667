import JalonCodec
import JalonCrypto
import JalonModel
import JalonSchema
import JalonState
import Testing

@testable import JalonNode

@Suite("The government of a network is read")
struct GovernanceReadingTests {
    private let folder: TemporaryFolder
    private let node: TestNode

    init() throws {
        folder = try TemporaryFolder()
        node = try TestNode(folder)
    }

    private func propose(_ action: GovernanceAction) async throws -> TransactionID {
        try await node.apply(
            .governancePropose(
                GovernancePropose(
                    network: node.genesis.network,
                    action: action,
                    reason: Text("理由")
                )
            ),
            by: validator()
        )
    }

    /// The one validator of the network.
    private func validator() throws -> String {
        try #require(node.genesis.validators.validators.first?.member.text)
    }

    @Test("A parameter that a vote set is in force, and its proposal says how it passed")
    func parameter() async throws {
        #expect(try await node.ledger.governance().parameters["onTrack"] == "900000")
        var encoder = CBOREncoder(capacity: 8)
        encoder.encode(UInt64(850_000))
        let id = try await propose(.setParameter(.onTrack, encoder.bytes))
        let governance = try await node.ledger.governance()
        let proposal = try #require(governance.proposals.first)
        #expect(proposal.id == id.hex && proposal.action == "parameter.set" && proposal.reason == "理由")
        #expect(proposal.yes == 1 && proposal.no == 0 && proposal.voters == 1 && proposal.needed == 1)
        let own = try validator()
        #expect(proposal.votes == [API.ProposalVote(member: own, ballot: "yes")])
        // Its effect is work by itself: nobody has to send anything.
        #expect(proposal.outcome == "effective" && governance.parameters["onTrack"] == "850000")
        #expect(proposal.summary.en == "set the parameter onTrack")
    }

    @Test("A member with a validator key waits for a quorum that is ready, and who is ready stands there")
    func admission() async throws {
        func key(_ number: UInt8) throws -> PrivateKey {
            try PrivateKey(seed: [UInt8](repeating: number, count: 32))
        }
        let file = MemberFile(
            member: Member(
                id: try #require(MemberID("cn-xz")),
                roles: [.province],
                name: try LocalizedText(zh: "西藏自治区"),
                region: RegionCode("CN-XZ"),
                authorityKeys: []
            ),
            addresses: [],
            authority: try key(201),
            node: try key(202),
            validator: try key(203)
        )
        _ = try await propose(.admit(file.admission))
        let governance = try await node.ledger.governance()
        let own = try validator()
        #expect(governance.epoch == 0 && governance.validators == [own])
        #expect(governance.pending.map(\.member) == ["cn-xz"] && governance.pending.map(\.change) == ["seat"])
        let next = try #require(governance.next.first)
        #expect(next.members.sorted() == [own, "cn-xz"].sorted() && next.quorum == 2)
        #expect(next.ready == [own])
        let member = try await node.ledger.members().members.first { $0.id == "cn-xz" }
        #expect(member?.isValidator == false && member?.isSuspended == false)
    }
}
