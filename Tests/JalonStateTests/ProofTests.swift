import JalonCrypto
import JalonModel
import JalonState
import JalonTestKit
import Testing

@Suite("A proof file is checked with the genesis alone")
struct ProofTests {
    private var chain: ProofChain
    private let plan: Transaction
    private let report: Transaction

    init() throws {
        var chain = try ProofChain()
        chain.fill(20)
        plan = try chain.apply(.planPublish(TestLedger.plan("CN-GZ")), by: "cn-gz")
        let commitment = try #require(RealPlans.commitments.first { $0.region == "CN-GZ" })
        try chain.apply(.commitmentPropose(commitment.body()), by: "cn-gz")
        let content = try TestLedger.content(.value(decimal("3")), at: "2021-06-30", evidence: 2)
        report = try chain.apply(TestLedger.report(commitment.body().id.text, content), by: "cn-gz")
        try chain.block()
        self.chain = chain
    }

    private func parts(_ report: ProofReport) -> [ProofReport.Part] { report.steps.map(\.part) }

    private func holds(_ proof: Proof, document: Digest? = nil) throws -> ProofReport {
        let read = try Proof.decode(proof.encoded)
        #expect(read == proof)
        let report = read.verify(genesis: chain.genesis, document: document)
        #expect(report.isValid && report.failure == nil, "\(report)")
        return report
    }

    // MARK: - What holds

    @Test("of a transaction, with every step named")
    func statement() throws {
        let proof = try chain.proof(of: report, at: 22, claims: [.milestone(report.id)])
        let report = try holds(proof, document: SHA256.hash([1]))
        #expect(parts(report) == [.document, .signature, .inclusion, .seal, .genesis, .state])
        #expect(report.steps.allSatisfy { $0.verdict == .holds && !$0.text.isEmpty })
        #expect(report.steps[0].text.contains("q1.pdf"))
        #expect(report.steps[3].text.hasPrefix("5 of 7 validators sealed block 4, 5 are needed: "))
        #expect(report.steps[5].text == "still current at block 4: milestone/\(self.report.id)")
    }

    @Test("of what the state holds, and of what it does not hold")
    func states() throws {
        let absent = StatePath.commitment(try #require(CommitmentID("CN-GZ-2020-999")))
        let report = try holds(chain.proof(claims: [.plan(#require(PlanID("CN-GZ-2020-P1"))), absent]))
        #expect(parts(report) == [.seal, .genesis, .state, .state])
        #expect(report.steps[3].text == "at block 4 there is no commitment/CN-GZ-2020-999")
    }

    @Test("of the log, between any two blocks", arguments: [(0, 3), (1, 2), (2, 2)])
    func consistency(from: Int, to: Int) throws {
        let report = try holds(chain.proof(from: from, to: to))
        #expect(parts(report) == [.seal, .genesis, .consistency])
    }

    @Test("across changes of the validators")
    mutating func epochs() throws {
        try chain.ledger.enact(.admit(TestLedger.admission()))
        try chain.apply(chain.ledger.activation(), by: "watch")
        try chain.block()
        try chain.ledger.enact(
            .remove(#require(MemberID("cn-bj"))),
            by: TestLedger.sealing.filter { $0 != "cn-bj" }
        )
        try chain.apply(chain.ledger.activation(), by: "watch")
        #expect(chain.epochs.count == 2)
        // The closing block is of the epoch that it closes, the next one is sealed by those that come after.
        #expect(try holds(chain.proof(of: report, at: 22, claims: [])).steps[3].text.contains("one change"))
        try chain.block()
        let later = try holds(chain.proof(of: report, at: 22, claims: [.epoch(Epoch(2))]))
        #expect(later.steps[2].text.contains("of 7 validators"))
        #expect(later.steps[3].text.contains("2 changes of validators"))
        let contexts = try chain.proof(claims: [.epoch(Epoch(2))]).votingContexts(genesis: chain.genesis)
        #expect(contexts.map(\.epoch.value) == [0, 1, 2] && contexts.map(\.validators.count) == [7, 8, 7])
        #expect(parts(try holds(chain.proof(from: 0, to: chain.seals.count - 1))).contains(.consistency))
    }

    @Test("by way of the headers up to a block that has votes of its own")
    func links() throws {
        let last = chain.seals[3]
        let headers = chain.seals[1...].map(\.header)
        let seal = Seal(
            header: headers[0],
            links: Array(headers.dropFirst()),
            finalization: last.finalization
        )
        let path = chain.tree.inclusionProof(leaf: 20, size: headers[0].logSize)
        let statement = Proof.Statement(transaction: plan, inclusion: try #require(path))
        let whole = Proof(seal: seal, epochs: [], statement: statement)
        _ = try holds(whole)
        let gap = Seal(header: headers[0], links: [headers[2]], finalization: last.finalization)
        let broken = Proof(seal: gap, epochs: [], statement: statement)
        #expect(broken.verify(genesis: chain.genesis).failure == .brokenLink(Height(4)))
    }

    @Test("of a key that is not in the genesis, with its record")
    mutating func rotatedKey() throws {
        let new = try PrivateKey(seed: [UInt8](repeating: 230, count: 32))
        try chain.apply(chain.ledger.rotation(of: "cn-hn", .authority, to: new), by: "cn-hn")
        let plan = try chain.apply(.planPublish(TestLedger.plan("CN-HN")), by: "cn-hn", key: new)
        let claim = StatePath.key(plan.keyID)
        let report = try holds(
            chain.proof(of: plan, at: 24, claims: [.plan(#require(PlanID("CN-HN-2020-P1"))), claim])
        )
        #expect(parts(report) == [.signature, .inclusion, .seal, .genesis, .state])
        #expect(report.steps[0].text.contains("its authority key, registered in block 5"))
        let without = try chain.proof(of: plan, at: 24, claims: []).verify(genesis: chain.genesis)
        #expect(without.failure == .unknownKey(plan.keyID, plan.issuer))
    }

    @Test("and says so where something later stands in the value's place")
    mutating func outdated() throws {
        let content = try TestLedger.content(.value(decimal("4")), at: "2021-06-30")
        let id = try #require(RealPlans.commitments.first { $0.region == "CN-GZ" }).body().id.text
        let correction = try chain.apply(TestLedger.correction(id, of: report.id, content), by: "cn-gz")
        let old = try holds(chain.proof(of: report, at: 22, claims: [.milestone(report.id)]))
        #expect(old.steps.last?.verdict == .outdated)
        #expect(old.steps.last?.text.hasSuffix("replaced by transaction \(correction.id)") == true)
        let new = try holds(chain.proof(of: correction, at: 23, claims: [.milestone(correction.id)]))
        #expect(new.steps.last?.verdict == .holds)
        let retraction = try chain.apply(TestLedger.retraction(id, of: correction.id), by: "cn-gz")
        let gone = try holds(chain.proof(of: correction, at: 23, claims: [.milestone(correction.id)]))
        #expect(gone.steps.last?.verdict == .outdated)
        let change = try holds(chain.proof(of: retraction, at: 24, claims: [.milestone(correction.id)]))
        #expect(change.steps.last?.verdict == .holds)
    }

    @Test("and is no longer than 8 KiB at seven validators, in a log of 100,000 transactions")
    func size() throws {
        var long = try ProofChain()
        long.fill(100_000)
        try long.ledger.publishRealPlans()
        let commitment = try #require(RealPlans.commitments.first { $0.region == "CN-GZ" })
        let content = try TestLedger.content(.value(decimal("3")), at: "2021-06-30", evidence: 2)
        let report = try long.apply(TestLedger.report(commitment.body().id.text, content), by: "cn-gz")
        try long.block()
        let proof = try long.proof(
            of: report,
            at: 100_000,
            claims: [.milestone(report.id), .key(report.keyID), .commitment(commitment.body().id)]
        )
        #expect(proof.verify(genesis: long.genesis).isValid)
        #expect(proof.encoded.count <= 8 << 10, "\(proof.encoded.count) bytes")
        // Room for the longer paths of 300,000 milestones: at most ten more siblings for each claim.
        #expect(proof.encoded.count + 3 * 10 * 34 <= 8 << 10)
    }

    // MARK: - What is refused

    @Test("with any byte changed", arguments: 0..<3)
    func byteFlips(part: Int) throws {
        let whole = try chain.proof(of: report, at: 22, claims: [.milestone(report.id)])
        let proof = Proof(
            seal: whole.seal,
            epochs: [],
            statement: whole.statement,
            states: whole.states,
            earlier: try chain.proof(from: 0, to: 3).earlier
        )
        let bytes = proof.encoded
        for index in bytes.indices where index % 3 == part {
            var flipped = bytes
            flipped[index] ^= 1 << UInt8((index + part) % 8)
            guard let read = try? Proof.decode(flipped) else { continue }
            #expect(!read.verify(genesis: chain.genesis).isValid, "byte \(index)")
        }
    }

    @Test("of another network")
    func otherGenesis() throws {
        var parameters = Parameters()
        parameters.statusDate = CalendarDay("2021-07-01")
        let other = try TestLedger(parameters: parameters).genesis
        let proof = try chain.proof(of: report, at: 22, claims: [.milestone(report.id)])
        let report = proof.verify(genesis: other)
        #expect(
            report.failure == .otherChain(found: chain.genesis.chain, expected: other.chain)
                && !report.isValid
        )
        #expect(report.steps.count { $0.verdict == .unchecked } == 3)
    }

    @Test("sealed by fewer than a quorum, or by others than the epoch's validators")
    mutating func notSealed() throws {
        let few = try chain.block(signers: 4)
        #expect(
            try chain.proof(claims: [.plan(#require(PlanID("CN-GZ-2020-P1")))]).verify(genesis: chain.genesis)
                .failure == .notSealed(few.header.height, needed: 5, validators: 7)
        )
        try chain.ledger.enact(.admit(TestLedger.admission()))
        try chain.apply(chain.ledger.activation(), by: "watch")
        let seal = try chain.block()
        let states = [StateClaim(.epoch(Epoch(1)), in: chain.ledger.state)]
        func failure(_ epochs: [EpochChange]) -> ProofError? {
            Proof(seal: seal, epochs: epochs, states: states).verify(genesis: chain.genesis).failure
        }
        #expect(failure(chain.epochs) == nil)
        #expect(failure([]) == .wrongEpochCount(found: 0, expected: Epoch(1)))
        #expect(
            failure(chain.epochs + chain.epochs) == .wrongEpochCount(found: 2, expected: Epoch(1))
        )
        let change = try #require(chain.epochs.first)
        let own = EpochChange(
            header: change.header,
            finalization: change.finalization,
            validators: chain.genesis.validators
        )
        #expect(failure([own]) == .otherValidators(Epoch(1)))
        let open = EpochChange(
            header: chain.seals[0].header,
            finalization: chain.seals[0].finalization,
            validators: change.validators
        )
        #expect(failure([open]) == .notClosing(Height(1)))
        let crossed = EpochChange(
            header: change.header,
            finalization: chain.seals[0].finalization,
            validators: change.validators
        )
        #expect(failure([crossed]) == .otherBlock(change.header.height))
    }

    @Test("of another place, another log, or another value")
    func otherParts() throws {
        let proof = try chain.proof(of: report, at: 22, claims: [.milestone(report.id)])
        let seal = proof.seal
        func failure(
            _ statement: Proof.Statement? = nil,
            _ states: [StateClaim] = [],
            _ earlier: Proof.Earlier? = nil
        ) -> ProofError? {
            Proof(seal: seal, epochs: [], statement: statement, states: states, earlier: earlier)
                .verify(genesis: chain.genesis).failure
        }
        let other = try #require(chain.tree.inclusionProof(leaf: 21, size: 23))
        #expect(
            failure(.init(transaction: report, inclusion: other)) == .notInLog(index: 21, seal.header.height)
        )
        let shorter = try #require(chain.tree.inclusionProof(leaf: 20, size: 22))
        #expect(
            failure(.init(transaction: report, inclusion: shorter)) == .wrongLogSize(found: 22, expected: 23)
        )
        let claim = try #require(proof.states.first)
        let invented = StateClaim(path: claim.path, value: [1], proof: claim.proof)
        #expect(failure(nil, [invented]) == .notInState(claim.path.text))
        let denied = StateClaim(path: claim.path, value: nil, proof: claim.proof)
        #expect(failure(nil, [denied]) == .notAbsent(claim.path.text))
        let earlier = try #require(chain.proof(from: 0, to: 3).earlier)
        let later = try #require(chain.proof(from: 1, to: 3).earlier)
        #expect(
            failure(nil, [], .init(seal: earlier.seal, consistency: later.consistency))
                == .wrongLogSize(found: 22, expected: 21)
        )
        let wrong = ConsistencyProof(earlierSize: 21, size: 23, path: later.consistency.path)
        #expect(
            failure(nil, [], .init(seal: earlier.seal, consistency: wrong))
                == .notConsistent(earlier: Height(1), later: Height(4))
        )
    }

    @Test("of a transaction that its member's key did not sign")
    mutating func forged() throws {
        let forger = try PrivateKey(seed: [UInt8](repeating: 231, count: 32))
        let body = try TransactionBody.planPublish(TestLedger.plan("CN-HN"))
        let forged = try chain.ledger.sign(body, by: "cn-hn", .init(key: forger)).value
        let inclusion = try #require(chain.tree.inclusionProof(leaf: 22, size: 23))
        func failure(_ transaction: Transaction, _ states: [StateClaim] = []) -> ProofError? {
            let statement = Proof.Statement(transaction: transaction, inclusion: inclusion)
            let seal = chain.seals[3]
            return Proof(seal: seal, epochs: [], statement: statement, states: states)
                .verify(genesis: chain.genesis).failure
        }
        #expect(failure(forged) == .unknownKey(forger.publicKey.id, forged.issuer))
        let record = KeyRecord(
            key: forger.publicKey,
            member: forged.issuer,
            kind: .authority,
            isActive: true,
            height: Height(1)
        )
        let path = StatePath.key(forger.publicKey.id)
        let claim = StateClaim(
            path: path,
            value: record.encoded,
            proof: chain.ledger.state.proof(path: path.text)
        )
        // A record that the state does not hold says nothing.
        #expect(failure(forged, [claim]) == .unknownKey(forger.publicKey.id, forged.issuer))
        let stolen = try chain.ledger.sign(body, by: "cn-hn", .init(key: TestLedger.key("cn-gz"))).value
        let own = StateClaim(.key(stolen.keyID), in: chain.ledger.state)
        let issuer = try #require(MemberID("cn-gz"))
        #expect(
            failure(stolen, [own]) == .otherMember(stolen.keyID, found: issuer, expected: stolen.issuer)
        )
        var bytes = report.bytes
        bytes[bytes.count - 1] ^= 1
        #expect(failure(try Transaction(bytes: bytes)) == .invalidSignature(report.keyID))
    }

    @Test("of a document that the transaction does not name")
    func otherDocument() throws {
        let digest = SHA256.hash([9])
        let proof = try chain.proof(of: report, at: 22, claims: [])
        #expect(proof.verify(genesis: chain.genesis, document: digest).failure == .otherDocument(digest))
        let state = try chain.proof(claims: [.milestone(report.id)])
        #expect(state.verify(genesis: chain.genesis, document: digest).failure == .noStatement)
    }

    @Test("of another version, of nothing, cut short or with bytes left over")
    func malformed() throws {
        let proof = try chain.proof(claims: [.milestone(report.id)])
        let bytes = proof.encoded
        #expect(throws: (any Error).self) { try Proof.decode(bytes + [0]) }
        for count in stride(from: 0, to: bytes.count, by: 7) {
            #expect(throws: (any Error).self) { try Proof.decode(Array(bytes.prefix(count))) }
        }
        let nothing = Proof(seal: proof.seal, epochs: [])
        #expect(throws: (any Error).self) { try Proof.decode(nothing.encoded) }
        let version = Array(Proof.version.utf8)
        let start = try #require(bytes.indices.first { bytes[$0...].starts(with: version) })
        var later = bytes
        later[start + version.count - 1] = UInt8(ascii: "2")
        let error = #expect(throws: (any Error).self) { try Proof.decode(later) }
        #expect("\(error.map { "\($0)" } ?? "")".contains("jalon-proof/2"))
    }
}
