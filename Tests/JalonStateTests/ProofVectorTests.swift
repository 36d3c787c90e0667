import Foundation
import JalonCodec
import JalonCrypto
import JalonModel
import JalonState
import JalonTestKit
import Testing

/// What `Tests/Vectors/proofs.json` holds: a genesis, and proof files that hold against it.
private struct ProofVectors: Codable, Equatable {
    let note: String
    let genesis: String
    let chain: String
    /// By what each proves.
    let proofs: [String: String]

    static func make() throws -> ProofVectors {
        var chain = try ProofChain()
        let plan = try chain.apply(.planPublish(TestLedger.plan("CN-GZ")), by: "cn-gz")
        let commitment = try #require(RealPlans.commitments.first { $0.region == "CN-GZ" }).body()
        try chain.apply(.commitmentPropose(commitment), by: "cn-gz")
        let content = try TestLedger.content(.value(decimal("3")), at: "2021-06-30", evidence: 1)
        let report = try chain.apply(TestLedger.report(commitment.id.text, content), by: "cn-gz")
        let transaction = try chain.proof(of: report, at: 2, claims: [.milestone(report.id)])
        try chain.ledger.enact(.admit(TestLedger.admission()))
        try chain.apply(chain.ledger.activation(), by: "watch")
        try chain.block()
        let absent = StatePath.commitment(try #require(CommitmentID("CN-GZ-2020-999")))
        let files = [
            "transaction": transaction, "state": try chain.proof(claims: [.commitment(commitment.id)]),
            "absence": try chain.proof(claims: [absent]),
            "next epoch": try chain.proof(of: plan, at: 0, claims: [.key(plan.keyID)]),
            "consistency": try chain.proof(from: 0, to: chain.seals.count - 1),
        ]
        return ProofVectors(
            note: "Proof files (jalon-proof/1), in hexadecimal, that hold against the genesis.",
            genesis: Hex.encode(chain.genesis.encoded),
            chain: chain.genesis.chain.hex,
            proofs: files.mapValues { Hex.encode($0.encoded) }
        )
    }

    static func load() throws -> ProofVectors {
        try JSONDecoder().decode(ProofVectors.self, from: VectorFile.read("proofs.json"))
    }

    func save() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try (encoder.encode(self) + Data("\n".utf8)).write(to: VectorFile.url("proofs.json"))
    }
}

@Suite("Proof files, pinned in a file", .serialized)
struct ProofVectorTests {
    @Test("are made as the file says, to the byte")
    func pinned() throws {
        let made = try ProofVectors.make()
        if ProcessInfo.processInfo.environment["JALON_WRITE_VECTORS"] == "1" { try made.save() }
        #expect(try ProofVectors.load() == made)
    }

    @Test("are read and hold from the file alone")
    func verified() throws {
        let vectors = try ProofVectors.load()
        let genesis = try Genesis.decode(bytes(vectors.genesis))
        #expect(genesis.chain.hex == vectors.chain)
        for (name, hex) in vectors.proofs.sorted(by: { $0.key < $1.key }) {
            let proof = try Proof.decode(bytes(hex))
            #expect(Hex.encode(proof.encoded) == hex, "\(name)")
            #expect(proof.verify(genesis: genesis).isValid, "\(name)")
        }
        #expect(vectors.proofs.count == 5)
    }
}
