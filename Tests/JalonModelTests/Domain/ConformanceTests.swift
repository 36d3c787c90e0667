import JalonCrypto
import JalonModel
import JalonTestKit
import Testing

/// SHA-256 over the encodings of 300 generated values a type: another value here is another format, which no running
/// network would understand.
enum Pinned {
    static let genesis = "1962d2bdc2eb4847d731f9bcf3f03efeaeeecfdff725ea093a5d6029db8fbd7e"
    static let hashes = [
        "Decimal": "54340e19852e34bb8b48f61b909209a39d8259e3ff37ceab65fcef1de42120b4",
        "CalendarDay": "63b6141fec700d8470ae4de74d089d9fd17c209bfce19b9c271b48e33ab889a7",
        "CalendarDate": "55636a8ca798a8e4b334bc4f23fb1253920ef677979fa5654c67ce3d749f49e3",
        "LocalizedText": "cb779e82a9f28eba7eeeb084c6eb17832e10a243803e373402aebe81cbfcd0b2",
        "Evidence": "fdcd89695b49864e70ce83c6c5e7e6de26bab34a4b8716b9587088d828960075",
        "Source": "3fbdfe40fe7ffdece86ce0484bfc59d9076484a7201fd6eaca5316319a53a336",
        "Indicator": "b836880bff90bbb7c5c6a91cce1e6515c7e96c4dc6a5713c1de97bb4d1119eb2",
        "Target": "f8afe9857e7751dfc875971f80c27878c3ba723fbf1350b7fa35b497da80f2e0",
        "TrajectoryPoint": "c2cb7ee4a9448ba10ff17fe04ee99d55a5b0325a3d316833a27687165b23bd3b",
        "Reporting": "c89869d238fe64b38aed11ba47c299ebabad1494365aa4883931253f65263458",
        "Responsible": "eb94bab619516b713ea556230ab91fa059b0cd83b62ecf5550c4b226aa7803e1",
        "Counterparties": "06c6ef60b95e19f20240677d528c37e21b516971c9f9e489ff9fa95c75e5eb2b",
        "PlanPublish": "c31ee85f53b6852e16fb3e11db32e27bb756ebd477a2d549fa42760e6a4cad51",
        "CommitmentPropose": "714c956408a28a24ffdfb43dbf5324b744c14bf2a65aafc278de85cb58ee759b",
        "MilestoneReport": "02a6ede3b9808789cf9ba3a1b9e23008c24eea7695244bd90b9663938a603152",
        "MilestoneCorrect": "ff8e289fb6518f3df6793008f2b01adf7dd8a5863da7960ceea49b35d337b8d0",
        "MilestoneRetract": "78ffd209e32baf92019cbd4f2ebc9be19749a746e08f013ea1b92aecf3a34df2",
        "AttestationIssue": "e05ed76f2504a38a681edc883d3d65e8f71ed176778c9e1df48230f846ae154b",
        "AttestationRevoke": "b4a1ef349df09663e955893ceea0f716f7abe493ff09ab61bf4986fd07b39ead",
        "DisputeOpen": "328fa685cebda009e433d7aeb46f29fcbe90ff35e17e753f96e321be345843a8",
        "DisputeAnswer": "9dcc43d9c9788f6a71c39274ba4b7499c589b23debe90a003e48f4ca0689b6d3",
        "DisputeResolve": "facde06804f02d5aace00c65467dcf3471071d700b6d15fdbdfbb5f0d533a2fb",
        "Cosign": "0d530d29675b3a62fa52eead85533fe15ffb2fab02735fad4f4ea4a54c06fcca",
        "DirectiveIssue": "08a74f3c3e54c0d2f120ccd09f21352c6892ffaf8d6f0afc8f7f8fa20e9d5150",
        "DirectiveAcknowledge": "b3396ffc4400e039c048c4f56280b7cbd1002ecfbb95ba540f80bd62e0d33515",
        "DirectiveReply": "d87d853cbba309d8d921791d5162723ef54e4a4ac2bbaa04c3d8e8d9f4ddabe2",
        "CommitmentTransition": "44a180477677b7e8b1fe5873089f1d736077f4d429835c392c14770231751cfc",
        "CommitmentAmend": "fe5c110cfca3b8265d2dc920b53355499aa971eb5bd1f58ac50504a88df3f479",
        "DelegationGrant": "e82a7cf385e761c76b92e26aea834f8f46cb0fcfad34a590b7c79ef0b5f23bce",
        "DelegationRevoke": "a0a9cc253c6fc7dc884a5b20b444bf550d6d65e81ef33f6f7c33c1e78ab9e29b",
        "Parameters": "bd6a2353c1200e5e0b70889d68cf66ac52bfd95248e3cb2fac7385ed4bdd86e3",
        "Member": "149146b9a8591f64386ecd190aec98923881f8d599cd7b8cb361efb38ed1a2b9",
        "Continuation": "f69e7c428f3ad43919ee0cc5b2c1123673e1fd7f5998877575aa34887aa513f1",
    ]
}

@Suite("Generated values of every encoded type")
struct ConformanceTests {
    private static let seed: UInt64 = 0x4A61_6C6F_6E

    /// Encodes 300 values, decodes each again, and gives the hash of all encodings.
    private func hash<Value: CBORValue>(
        _ make: (inout DomainGenerator) throws -> Value
    ) throws -> String {
        var generator = DomainGenerator(seed: Self.seed)
        var hasher = SHA256()
        for _ in 0..<300 {
            let value = try make(&generator)
            let encoded = value.encoded
            let decoded = try Value.decode(encoded)
            #expect(decoded == value)
            #expect(decoded.encoded == encoded)
            hasher.update(encoded)
        }
        return hasher.finalize().hex
    }

    private func check<Value: CBORValue>(
        _ type: Value.Type,
        _ make: (inout DomainGenerator) throws -> Value
    ) throws {
        let found = try hash(make)
        #expect(found == Pinned.hashes["\(type)"], "\(type) is now \(found)")
    }

    @Test("Each reads back as itself, and its format has not changed")
    func pinned() throws {
        try check(Decimal.self) { $0.decimal() }
        try check(CalendarDay.self) { $0.day() }
        try check(CalendarDate.self) { $0.date() }
        try check(LocalizedText.self) { try $0.localizedText() }
        try check(Evidence.self) { try $0.evidence() }
        try check(Source.self) { try $0.source() }
        try check(Indicator.self) { try $0.indicator() }
        try check(Target.self) { try $0.target() }
        try check(TrajectoryPoint.self) { TrajectoryPoint(date: $0.day(), value: $0.decimal()) }
        try check(Reporting.self) { $0.reporting() }
        try check(Responsible.self) { try $0.responsible() }
        try check(Counterparties.self) { try $0.counterparties() }
        try check(PlanPublish.self) { try $0.plan() }
        try check(CommitmentPropose.self) { try $0.commitment() }
        try check(MilestoneReport.self) { try $0.report() }
        try check(MilestoneCorrect.self) { try $0.correction() }
        try check(MilestoneRetract.self) { try $0.retraction() }
        try check(AttestationIssue.self) { try $0.attestation() }
        try check(AttestationRevoke.self) { try $0.revocation() }
        try check(DisputeOpen.self) { try $0.dispute() }
        try check(DisputeAnswer.self) { try $0.answer() }
        try check(DisputeResolve.self) { try $0.resolution() }
        try check(Cosign.self) { try $0.cosign() }
        try check(DirectiveIssue.self) { try $0.directive() }
        try check(DirectiveAcknowledge.self) { try $0.acknowledgement() }
        try check(DirectiveReply.self) { try $0.reply() }
        try check(CommitmentTransition.self) { try $0.transition() }
        try check(CommitmentAmend.self) { try $0.amendment() }
        try check(DelegationGrant.self) { try $0.grant() }
        try check(DelegationRevoke.self) { try $0.revocation() }
        try check(Parameters.self) { $0.parameters() }
        try check(Member.self) { try $0.member() }
        try check(Continuation.self) { $0.continuation() }
    }

    @Test("Damaged bodies never trap, and what is accepted is its own one encoding", arguments: 0..<8)
    func mutated(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let bases = try Domain.bodies().map(\.encoded)
        var accepted = 0
        for _ in 0..<1_500 {
            let damaged = Mutation.mutated(bases[random.below(bases.count)], using: &random)
            guard let body = try? TransactionBody.decode(damaged) else { continue }
            accepted += 1
            #expect(body.encoded == damaged)
        }
        #expect(accepted > 0)
    }

    @Test("Damaged geneses never trap, and what is accepted is its own one encoding", arguments: 0..<4)
    func mutatedGenesis(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let bases = try [Domain.genesis().encoded, Domain.continued(signers: [10, 20, 40]).encoded]
        for _ in 0..<400 {
            let damaged = Mutation.mutated(bases[random.below(bases.count)], using: &random)
            guard let genesis = try? Genesis.decode(damaged) else { continue }
            #expect(genesis.encoded == damaged)
        }
    }
}
