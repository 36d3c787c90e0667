import JalonCrypto
import JalonModel
import JalonTestKit
import Testing

@testable import JalonState

@Suite("Attestations, disputes, co-signatures and directives in the state")
struct VoiceStateTests {
    /// A ledger with each of their records in each of its states.
    private struct Busy {
        var ledger: TestLedger
        let proposal: TransactionID
        /// Pending, attested, refuted.
        let milestones: [TransactionID]
        let attestations: [TransactionID]
        /// Open, answered, upheld.
        let disputes: [TransactionID]
        let directives: [TransactionID]

        init() throws {
            let (made, proposal) = try TestLedger.with {
                $0.joint = try ["cn-gz", "cn-js"].map(TestLedger.memberID)
                $0.counterparties = Counterparties(
                    members: try ["cn-bj", "cn-js"].map(TestLedger.memberID),
                    required: 1
                )
            }
            var ledger = made
            self.proposal = proposal
            for member in ["cn-gz", "cn-js"] { try ledger.apply(TestLedger.cosign(proposal), by: member) }
            milestones = try [("1", "2021-03-31"), ("2", "2021-05-31"), ("3", "2021-06-30")].map {
                try ledger.apply(TestLedger.report("CN-HN-2020-001", value: $0.0, at: $0.1), by: "cn-hn")
            }
            try ledger.apply(TestLedger.cosign(milestones[1]), by: "cn-bj")
            var attestations: [TransactionID] = []
            for (verdict, milestone, auditor) in [
                (Verdict.confirmed, 1, "audit"), (.refuted, 2, "audit"), (.refuted, 2, "audit-2"),
                (.reserved, 1, "audit-2"),
            ] {
                attestations.append(
                    try ledger.apply(
                        TestLedger.attestation(verdict, of: milestones[milestone], evidence: 1),
                        by: auditor
                    )
                )
            }
            try ledger.apply(TestLedger.revocation(of: attestations[2]), by: "audit-2")
            self.attestations = attestations
            let attested = milestones[1]
            disputes = try [
                ledger.apply(TestLedger.dispute(), by: "audit"),
                ledger.apply(TestLedger.dispute(milestone: attested), by: "cn-gz"),
                ledger.apply(TestLedger.dispute(ground: .duplicate), by: "watch"),
            ]
            for id in disputes.dropFirst() { try ledger.apply(TestLedger.answer(to: id), by: "cn-hn") }
            try ledger.apply(TestLedger.resolution(of: disputes[2], .upheld), by: "regulator")
            directives = try [
                ledger.apply(TestLedger.directive(about: "CN-HN-2020-001"), by: "regulator"),
                ledger.apply(TestLedger.directive(to: "cn-gz"), by: "regulator-2"),
            ]
            try ledger.apply(TestLedger.reply(to: directives[0]), by: "cn-hn")
            ledger.advance(days: 2)
            try ledger.apply(TestLedger.acknowledgement(of: directives[0]), by: "cn-hn")
            try ledger.apply(TestLedger.reply(to: directives[0]), by: "cn-hn")
            self.ledger = ledger
        }
    }

    private static let prefixes = ["attestation/", "dispute/", "cosign/", "directive/"]

    private func voices(of state: LedgerState) -> [(path: String, value: [UInt8])] {
        state.leaves.filter { leaf in Self.prefixes.contains { leaf.path.hasPrefix($0) } }
    }

    @Test("its encodings are the ones that were published: another root would be a format changed unnoticed")
    func golden() throws {
        let state = try Busy().ledger.state
        var hasher = SHA256()
        for leaf in voices(of: state) { hasher.update(leaf.value) }
        #expect(hasher.finalize().hex == "9f13f1d1807a48fa9cd3d23ff5b3c2f997cfe434c1a95afbd6df6978a3815bb0")
        #expect(state.root.hex == "67716f56f26d3aca5ac6753e4357c944930203b05939390121c3c8b9feac192a")
    }

    @Test("every record is a leaf, and the root is that of the leaves")
    func leaves() throws {
        let busy = try Busy()
        let state = busy.ledger.state
        #expect(voices(of: state).count == 4 + 3 + 3 + 2)
        #expect(state.leaves.count == state.leafCount)
        #expect(NaiveTree.root(of: state) == state.root)
        for leaf in voices(of: state) {
            #expect(state.holds(LeafChange(path: leaf.path, value: leaf.value)))
            #expect(state.proof(path: leaf.path).verify(root: state.root, path: leaf.path, value: leaf.value))
        }
    }

    @Test("restored from the leaves, in any order, it is the same and goes on the same")
    func restored() throws {
        let busy = try Busy()
        let state = busy.ledger.state
        var random = SeededGenerator(seed: 7)
        let restored = try LedgerState(restoring: state.leaves.shuffled(using: &random))
        #expect(restored.root == state.root)
        #expect(restored.commitments == state.commitments)
        let id = try TestLedger.commitmentID("CN-HN-2020-001")
        #expect(restored.milestones(of: id) == state.milestones(of: id))
        #expect(restored.disputes(of: id) == state.disputes(of: id) && restored.disputes.count == 3)
        for milestone in busy.milestones {
            #expect(restored.attestations(of: milestone) == state.attestations(of: milestone))
            #expect(restored.cosigners(ofMilestone: milestone) == state.cosigners(ofMilestone: milestone))
            #expect(restored.cosigns(of: milestone) == state.cosigns(of: milestone))
        }
        #expect(restored.cosigners(ofProposal: id) == state.cosigners(ofProposal: id))
        for directive in busy.directives {
            #expect(restored.directive(directive) == state.directive(directive))
        }
        let date = try day("2021-07-05")
        #expect(restored.status(of: id, on: date) == state.status(of: id, on: date))
        var signer = busy.ledger
        for (body, member) in [
            (try TestLedger.revocation(of: busy.attestations[1]), "audit"),
            (try TestLedger.attestation(.confirmed, of: busy.milestones[1]), "audit"),
            (try TestLedger.cosign(busy.milestones[1]), "cn-js"),
            (try TestLedger.cosign(busy.milestones[1]), "cn-bj"),
            (try TestLedger.resolution(of: busy.disputes[0], .rejected), "regulator"),
            (try TestLedger.resolution(of: busy.disputes[2], .rejected), "regulator"),
            (try TestLedger.acknowledgement(of: busy.directives[1], to: "cn-gz"), "cn-gz"),
        ] {
            let transaction = try signer.sign(body, by: member)
            let outcomes = [state, restored].map { state -> Result<Digest, Refusal> in
                var execution = BlockExecution(on: state, context: busy.ledger.context)
                do throws(Refusal) {
                    try execution.apply(transaction)
                    return .success(execution.finish().state.root)
                } catch {
                    return .failure(error)
                }
            }
            #expect(outcomes[0] == outcomes[1])
        }
    }

    @Test("milestones, flags and levels follow from them")
    func derived() throws {
        let busy = try Busy()
        let records = try busy.milestones.map { try #require(busy.ledger.state.milestone($0)) }
        #expect(records.map(\.isPending) == [true, false, false])
        #expect(records.map(\.state) == [.effective, .effective, .excluded])
        #expect(records.map(\.verificationLevel) == [.declared, .attested, .declared])
        let status = try busy.ledger.status()
        #expect(status.current.latest == busy.milestones[1])
        #expect(status.flags.contains(.disputed) && status.flags.contains(.refuted))
        #expect(
            try busy.ledger.state.commitment(TestLedger.commitmentID("CN-HN-2020-001"))?.openDisputeCount == 2
        )
    }

    // MARK: - Leaves that are no state

    private func error(
        _ leaves: [(path: String, value: [UInt8])],
        _ change: (inout [(path: String, value: [UInt8])]) throws -> Void
    ) throws -> StateError? {
        var changed = leaves
        try change(&changed)
        do throws(StateError) {
            _ = try LedgerState(restoring: changed)
            return nil
        } catch {
            return error
        }
    }

    @Test("leaves that contradict each other are refused, naming the path")
    func contradictions() throws {
        let busy = try Busy()
        let leaves = busy.ledger.state.leaves
        let other = TransactionID(SHA256.hash([9]))
        func without(_ path: String) throws -> StateError? {
            try error(leaves) { $0.removeAll { $0.path == path } }
        }
        func copied(_ from: String, to path: String) throws -> StateError? {
            try error(leaves) { rows in
                rows.append((path: path, value: try #require(rows.first { $0.path == from }).value))
            }
        }
        // A milestone is excluded exactly where a refutation stands.
        let (attested, excluded) = (busy.milestones[1], busy.milestones[2])
        guard
            case .contradiction("milestone/\(excluded)", _) = try without(
                "attestation/\(busy.attestations[1])"
            )
        else { throw Unexpected() }
        guard
            case .missing("milestone/\(attested)", _) = try error(
                leaves,
                { rows in
                    rows.removeAll { $0.path == "milestone/\(attested)" }
                }
            )
        else { throw Unexpected() }
        guard
            case .contradiction(_, let second) = try copied(
                "attestation/\(busy.attestations[0])",
                to: "attestation/\(other)"
            )
        else { throw Unexpected() }
        #expect(second.contains("audit"))
        guard
            case .contradiction = try copied(
                "attestation/\(busy.attestations[2])",
                to: "attestation/\(other)"
            )
        else { throw Unexpected() }
        // A commitment is active with all its signatures.
        #expect(
            try without("cosign/\(busy.proposal)/cn-js")
                == .contradiction(
                    path: "commitment/CN-HN-2020-001",
                    "it is active without the signature of cn-js"
                )
        )
        guard
            case .badValue = try copied("cosign/\(busy.proposal)/cn-js", to: "cosign/\(busy.proposal)/cn-bj"),
            case .missing("milestone/\(other)", _) = try copied(
                "cosign/\(busy.proposal)/cn-js",
                to: "cosign/\(other)/cn-js"
            )
        else { throw Unexpected() }
        guard case .contradiction = try copied("dispute/\(busy.disputes[1])", to: "dispute/\(other)"),
            case .contradiction = try copied("directive/\(busy.directives[0])", to: "directive/\(other)")
        else { throw Unexpected() }
        let repeated = "dispute/\(busy.disputes[0])"
        #expect(
            try error(leaves) { rows in
                rows.append((path: repeated, value: try #require(rows.first { $0.path == repeated }).value))
            } == .badPath(repeated)
        )
    }

    @Test("a record that names a member, commitment or milestone that is not there is refused")
    func missing() throws {
        let busy = try Busy()
        let leaves = busy.ledger.state.leaves
        func changed(_ path: String, _ from: [UInt8], _ to: [UInt8], path new: String? = nil) throws
            -> StateError?
        {
            try error(leaves) { rows in
                let index = try #require(rows.firstIndex { $0.path == path })
                let range = try #require(rows[index].value.firstRange(of: from))
                rows[index].value.replaceSubrange(range, with: to)
                rows[index].path = new ?? path
            }
        }
        let (known, unknown) = (text("CN-HN-2020-001"), text("CN-HN-2020-009"))
        let attestation = "attestation/\(busy.attestations[3])"
        let dispute = "dispute/\(busy.disputes[2])"
        let directive = "directive/\(busy.directives[0])"
        let cosign = "cosign/\(busy.milestones[1])/cn-b"
        #expect(
            try changed(attestation, text("audit-2"), text("audit-3"))
                == .missing(path: "member/audit-3", neededBy: attestation)
        )
        #expect(
            try changed(dispute, text("watch"), text("match"))
                == .missing(path: "member/match", neededBy: dispute)
        )
        #expect(
            try changed(directive, text("cn-hn"), text("cn-hx"))
                == .missing(path: "member/cn-hx", neededBy: directive)
        )
        #expect(
            try changed(directive, text("regulator"), text("regulated"))
                == .missing(path: "member/regulated", neededBy: directive)
        )
        #expect(
            try changed("\(cosign)j", text("cn-bj"), text("cn-bx"), path: "\(cosign)x")
                == .missing(path: "member/cn-bx", neededBy: "\(cosign)x")
        )
        #expect(
            try changed(dispute, known, unknown)
                == .missing(path: "commitment/CN-HN-2020-009", neededBy: dispute)
        )
        #expect(
            try changed(directive, known, unknown)
                == .missing(path: "commitment/CN-HN-2020-009", neededBy: directive)
        )
        #expect(
            try changed("\(cosign)j", known, unknown)
                == .missing(path: "commitment/CN-HN-2020-009", neededBy: "\(cosign)j")
        )
        #expect(
            try changed(attestation, known, unknown)
                == .contradiction(path: attestation, "its milestone is of CN-HN-2020-001")
        )
        let excluded = "milestone/\(busy.milestones[2])"
        guard case .contradiction(excluded, _) = try changed(excluded, text("excluded"), text("effective"))
        else { throw Unexpected() }
        // A co-signature of a key.recover stands when the recovery is over; what it needs is the member.
        let recovery = Cosign(
            transaction: TransactionID(SHA256.hash([9])),
            about: .member(try TestLedger.memberID("cn-hn"))
        )
        var signer = busy.ledger
        let transaction = try signer.sign(.cosign(recovery), by: "regulator").value
        let record = CosignRecord(
            recovery,
            by: transaction.id,
            provenance: Provenance(
                transaction,
                at: BlockPlace(height: Height(1), time: TestLedger.start, position: 0)
            )
        )
        let path = "cosign/\(recovery.transaction)/regulator"
        #expect(try error(leaves) { $0.append((path: path, value: record.encoded)) } == nil)
        #expect(
            try error(leaves) { rows in
                let range = try #require(record.encoded.firstRange(of: text("cn-hn")))
                var value = record.encoded
                value.replaceSubrange(range, with: text("cn-hx"))
                rows.append((path: path, value: value))
            } == .missing(path: "member/cn-hx", neededBy: path)
        )
    }

    @Test("a co-signature of an earlier proposal, which was returned, stays; a later one of nothing does not")
    func earlierProposal() throws {
        let busy = try Busy()
        let body = Cosign(
            transaction: TransactionID(SHA256.hash([9])),
            about: .commitment(try TestLedger.commitmentID("CN-HN-2020-001"))
        )
        let path = "cosign/\(body.transaction)/cn-js"
        var signer = busy.ledger
        let transaction = try signer.sign(.cosign(body), by: "cn-js").value
        for (height, isSound) in [(2, true), (3, false)] as [(UInt64, Bool)] {
            let place = BlockPlace(height: Height(height), time: TestLedger.start, position: 0)
            let record = CosignRecord(
                body,
                by: transaction.id,
                provenance: Provenance(transaction, at: place)
            )
            let found = try error(busy.ledger.state.leaves) { $0.append((path: path, value: record.encoded)) }
            #expect(
                found == (isSound ? nil : .missing(path: "milestone/\(body.transaction)", neededBy: path))
            )
        }
    }

    private struct Unexpected: Error {}

    @Test(
        "a value that is not the one encoding of its record is refused",
        arguments: [
            ("dispute/", text("open"), text("answered")), ("dispute/", text("open"), text("oper")),
            ("dispute/", text("answered"), text("open")), ("dispute/", text("upheld"), text("answered")),
            ("dispute/", text("duplicate"), text("duplicatf")), ("dispute/", text("ground"), text("grounds")),
            ("attestation/", text("confirmed"), text("confirmes")),
            ("attestation/", text("revoked"), text("revokes")),
            ("attestation/", text("verdict"), text("verdicu")),
            ("cosign/", text("commitment"), text("commitmenu")),
            ("cosign/", text("position"), text("positiom")),
            ("directive/", text("late") + [0xF5], text("late") + [0xF4]),
            ("directive/", text("2021-07-02"), text("2021-06-31")),
            ("directive/", text("replies"), text("repliet")),
            ("milestone/", text("required") + [1], text("required") + [0]),
            ("milestone/", text("required") + [1], text("required") + [0x18, 65]),
        ]
    )
    func decodeRefusals(prefix: String, from: [UInt8], to: [UInt8]) throws {
        let leaves = try Busy().ledger.state.leaves
        let found = try error(leaves) { rows in
            let index = try #require(
                rows.firstIndex { $0.path.hasPrefix(prefix) && $0.value.firstRange(of: from) != nil }
            )
            let range = try #require(rows[index].value.firstRange(of: from))
            rows[index].value.replaceSubrange(range, with: to)
        }
        guard case .badValue = found else {
            Issue.record("\(prefix): \(found.map { "\($0)" } ?? "accepted")")
            return
        }
    }

    @Test("a cut or lengthened value is refused")
    func cut() throws {
        let leaves = try Busy().ledger.state.leaves
        for (index, leaf) in leaves.enumerated() where Self.prefixes.contains(where: leaf.path.hasPrefix) {
            for count in stride(from: 0, to: leaf.value.count, by: 7) {
                let found = try error(leaves) { $0[index].value = Array(leaf.value.prefix(count)) }
                guard case .badValue = found else { throw Unexpected() }
            }
            guard case .badValue = try error(leaves, { $0[index].value.append(0) }) else {
                throw Unexpected()
            }
        }
    }

    @Test("a damaged one is refused, or gives another root", arguments: 1...4 as ClosedRange<UInt64>)
    func damaged(seed: UInt64) throws {
        let state = try Busy().ledger.state
        let leaves = state.leaves
        let indices = leaves.indices.filter { index in
            Self.prefixes.contains { leaves[index].path.hasPrefix($0) }
        }
        var random = SeededGenerator(seed: seed)
        for _ in 0..<80 {
            var damaged = leaves
            let index = indices[random.below(indices.count)]
            damaged[index].value = Mutation.mutated(damaged[index].value, using: &random)
            guard damaged[index].value != leaves[index].value else { continue }
            if let restored = try? LedgerState(restoring: damaged) { #expect(restored.root != state.root) }
        }
    }
}

/// The encoding of a text of less than 24 bytes.
private func text(_ string: String) -> [UInt8] { [0x60 | UInt8(string.utf8.count)] + Array(string.utf8) }
