import JalonCodec
import JalonCrypto
import JalonModel
import JalonTestKit
import Testing

@testable import JalonState

@Suite("The state with lives, versions and delegations in it")
struct LifeStateTests {
    /// A ledger with a commitment of every life, amendments of both classes, and delegations in force and revoked.
    static func ledger(_ observe: (TestLedger) -> Void = { _ in }) throws -> TestLedger {
        var parameters = Parameters()
        parameters.activation = .regulator
        var ledger = try TestLedger(parameters: parameters)
        func apply(_ body: TransactionBody, by member: String) throws {
            try ledger.apply(body, by: member)
            observe(ledger)
        }
        try apply(.planPublish(TestLedger.plan("CN-HN")), by: "cn-hn")
        let bodies = try (0..<8).map { number in
            var body = try #require(RealPlans.commitments.first).body()
            body.id = try #require(CommitmentID("CN-HN-2020-00\(number)"))
            return body
        }
        for body in bodies { try apply(.commitmentPropose(body), by: "cn-hn") }
        func step(_ step: LifeStep, _ number: Int, successor: String? = nil) throws {
            let isRegulators = step == .activate || step == .return
            try apply(
                TestLedger.step(
                    step,
                    "CN-HN-2020-00\(number)",
                    reason: isRegulators && number.isMultiple(of: 2) ? nil : "规划调整",
                    successor: successor
                ),
                by: isRegulators ? "regulator" : "cn-hn"
            )
        }
        // 0 stays proposed, 1 is returned, 2 withdrawn after a return, 3 proposed again and active.
        for number in [1, 2, 3] { try step(.return, number) }
        try step(.withdraw, 2)
        try apply(.commitmentPropose(bodies[3]), by: "cn-hn")
        for number in 3...7 { try step(.activate, number) }
        try apply(
            TestLedger.amendment("CN-HN-2020-003") { $0.target = .bound(.ge, try decimal("1000")) },
            by: "cn-hn"
        )
        try apply(
            TestLedger.amendment("CN-HN-2020-003", of: 2, .editorial, removes: [.source]) {
                $0.title = try LocalizedText(zh: "上链")
            },
            by: "cn-hn"
        )
        try step(.suspend, 4)
        try step(.cancel, 5)
        try step(.supersede, 6, successor: "CN-HN-2020-003")
        let final = try TestLedger.content(.value(decimal("1")), at: "2021-06-30", isFinal: true)
        try apply(TestLedger.report("CN-HN-2020-007", final), by: "cn-hn")
        try step(.close, 7)
        try apply(ledger.grant([.milestoneReport, .cosign]), by: "cn-hn")
        let listed = try TestLedger.listed("CN-HN-2020-003", "CN-HN-2020-004")
        let second = try TestLedger.spareKey(200)
        try apply(ledger.grant([.commitmentAmend], on: listed, to: second), by: "cn-hn")
        try apply(TestLedger.revocation(of: second), by: "cn-hn")
        try apply(ledger.grant([.cosign], of: "audit"), by: "audit")
        return ledger
    }

    @Test("its encodings are the ones that were published: another root would be a format changed unnoticed")
    func goldenRoot() throws {
        let root = try Self.ledger().state.root.hex
        #expect(root == "668469be65e79cec5fd1740f9ad06b512735d17c5545a5e660aa3c484a59bfbe")
    }

    @Test("its root is that of its leaves, and the changes of its blocks make them up")
    func changes() throws {
        var rows: [String: [UInt8]] = [:]
        for leaf in try TestLedger(parameters: Self.ledger().state.parameters).state.leaves {
            rows[leaf.path] = leaf.value
        }
        let state = try Self.ledger { ledger in
            for change in ledger.changes { rows[change.path] = change.value }
        }.state
        #expect(rows.sorted { $0.key.precedesBytewise($1.key) }.map(\.value) == state.leaves.map(\.value))
        #expect(state.leaves.count == state.leafCount)
        #expect(NaiveTree.root(of: state) == state.root)
        let lives = Set(state.commitments.map(\.life))
        #expect(lives == Set(CommitmentLife.allCases))
    }

    @Test("restored from its leaves, in any order, it is the same and goes on the same")
    func restored() throws {
        let ledger = try Self.ledger()
        var random = SeededGenerator(seed: 5)
        let restored = try LedgerState(restoring: ledger.state.leaves.shuffled(using: &random))
        #expect(restored.root == ledger.state.root)
        #expect(restored.commitments == ledger.state.commitments)
        #expect(restored.keys == ledger.state.keys)
        for member in ledger.state.members {
            #expect(restored.delegations(of: member.id) == ledger.state.delegations(of: member.id))
        }
        #expect(restored.delegations(of: try #require(MemberID("cn-hn"))).count == 2)
        // What rules ask of it is there too: the same transaction leads to the same block, or refusal.
        var signer = ledger
        let key = try TestLedger.key("cn-hn", .delegate)
        let report = try TestLedger.report("CN-HN-2020-003", value: "5", at: "2021-06-30")
        for transaction in [
            try signer.sign(report, by: "cn-hn", .init(key: key)),
            try signer.sign(TestLedger.step(.resume, "CN-HN-2020-004"), by: "cn-hn"),
            try signer.sign(TestLedger.step(.close, "CN-HN-2020-003"), by: "cn-hn"),
            try signer.sign(
                TestLedger.amendment("CN-HN-2020-003", of: 3) { $0.start = try day("2020-05-01") },
                by: "cn-hn"
            ),
        ] {
            let outcomes = [ledger.state, restored].map { state in
                var execution = BlockExecution(on: state, context: ledger.context)
                do throws(Refusal) {
                    try execution.apply(transaction)
                    return Result<Digest, Refusal>.success(execution.finish().state.root)
                } catch {
                    return .failure(error)
                }
            }
            #expect(outcomes[0] == outcomes[1])
        }
    }

    @Test("every leaf is proved present")
    func proofs() throws {
        let state = try Self.ledger().state
        for leaf in state.leaves {
            let proof = state.proof(path: leaf.path)
            #expect(proof.verify(root: state.root, path: leaf.path, value: leaf.value))
            #expect(state.leaf(at: leaf.path) == leaf.value)
            #expect(state.holds(LeafChange(path: leaf.path, value: leaf.value)))
        }
    }

    // MARK: - Leaves that are no state

    @Test("leaves that contradict each other are refused, naming the path")
    func refusedLeaves() throws {
        let state = try Self.ledger().state
        func error(_ change: (inout [(path: String, value: [UInt8])]) throws -> Void) throws -> StateError? {
            var changed = state.leaves
            try change(&changed)
            do throws(StateError) {
                _ = try LedgerState(restoring: changed)
                return nil
            } catch {
                return error
            }
        }
        #expect(try error { _ in } == nil)
        let key = try TestLedger.key("cn-hn", .delegate).publicKey.id.hex
        let authority = try TestLedger.key("cn-hn").publicKey.id
        let third = "version/CN-HN-2020-003/3"
        #expect(
            try error { $0.removeAll { $0.path == third } }
                == .missing(path: third, neededBy: "commitment/CN-HN-2020-003")
        )
        #expect(
            try error { $0.removeAll { $0.path == "key/\(key)" } }
                == .missing(path: "key/\(key)", neededBy: "delegation/\(key)")
        )
        let keyID = try #require(KeyID(hex: key))
        let delegation = try #require(state.delegation(keyID))
        #expect(
            try error { $0.append((path: "delegation/\(authority)", value: delegation.encoded)) }
                == .contradiction(
                    path: "delegation/\(authority)",
                    "it holds the delegation of the key \(key)"
                )
        )
        let stolen = DelegationRecord(
            key: authority,
            types: delegation.types,
            scope: .all,
            expires: delegation.expires,
            origin: delegation.origin
        )
        #expect(
            try error { $0.append((path: "delegation/\(authority)", value: stolen.encoded)) }
                == .contradiction(
                    path: "delegation/\(authority)",
                    "the key is of the kind authority, of cn-hn"
                )
        )
        // A version without its amendment, and a proposal with one.
        let commitment = try #require(
            state.commitments.first { $0.id.text == "CN-HN-2020-003" }
        )
        func replacing(_ version: CommitmentVersion, _ amendment: Amendment?) throws -> StateError? {
            let changed = CommitmentVersion(
                body: version.body,
                number: version.number,
                origin: version.origin,
                amendment: amendment
            )
            return try error { rows in
                let path = "version/CN-HN-2020-003/\(version.number)"
                let index = try #require(rows.firstIndex { $0.path == path })
                rows[index].value = changed.encoded
            }
        }
        let why = "version 1 is the proposal, and every later one an amendment's"
        #expect(
            try replacing(commitment.current, nil) == .contradiction(path: third, why)
        )
        #expect(
            try replacing(commitment.original, commitment.current.amendment)
                == .contradiction(path: "version/CN-HN-2020-003/1", why)
        )
    }

    @Test(
        "a leaf with a damaged value is refused, or gives another root",
        arguments: 1...4 as ClosedRange<UInt64>
    )
    func damagedLeaves(seed: UInt64) throws {
        let state = try Self.ledger().state
        let leaves = state.leaves
        let own = leaves.indices.filter {
            ["commitment/", "version/", "delegation/", "key/"].contains(where: leaves[$0].path.hasPrefix)
        }
        var random = SeededGenerator(seed: seed)
        for _ in 0..<60 {
            var damaged = leaves
            let index = own[random.below(own.count)]
            damaged[index].value = Mutation.mutated(damaged[index].value, using: &random)
            guard damaged[index].value != leaves[index].value else { continue }
            if let restored = try? LedgerState(restoring: damaged) {
                #expect(restored.root != state.root)
                #expect(NaiveTree.root(of: restored) == restored.root)
            }
        }
    }
}
