import JalonAPI
import JalonCrypto
import JalonModel
import JalonSchema
import JalonState
@testable import JalonStorage
import Testing

@testable import JalonNode

@Suite("What others say of commitments is read")
struct VoiceReadingTests {
    private let folder: TemporaryFolder
    private let node: TestNode
    private var ledger: NodeLedger { node.ledger }

    init() async throws {
        folder = try TemporaryFolder()
        node = try TestNode(folder, hasOffices: true)
        try await node.fill()
    }

    private func id(_ text: String) throws -> CommitmentID { try #require(CommitmentID(text)) }
    private func member(_ text: String) throws -> MemberID { try #require(MemberID(text)) }
    private func commitment(_ text: String) async throws -> API.Commitment {
        try await ledger.commitment(id(text), asOf: nil)
    }

    private func problem(_ operation: () async throws -> Void) async -> API.Problem? {
        do { try await operation() } catch { return error as? API.Problem }
        return nil
    }

    /// What the regulator asks of a member.
    private func issue(to text: String) throws -> DirectiveIssue {
        try DirectiveIssue(
            to: member(text),
            due: day("2021-07-31"),
            title: LocalizedText(zh: "请说明", en: "Explain"),
            text: LocalizedText(zh: "请说明为何滞后")
        )
    }

    /// The only milestone of CN-HN-2020-001.
    private func milestone() async throws -> TransactionID {
        let page = try await ledger.milestones(of: id("CN-HN-2020-001"), page: Page())
        return try #require(page.milestones.first.flatMap { TransactionID(hex: $0.id) })
    }

    // MARK: - Life

    @Test("A joint proposal says who has signed and who is missing, until it is active")
    func joint() async throws {
        var body = try TestNode.enterprises()
        body.id = try id("CN-HN-2020-004")
        body.joint = [try member("cn-he"), try member("cn-gz")]
        let proposal = try await node.apply(.commitmentPropose(body))
        var found = try await commitment("CN-HN-2020-004")
        #expect(found.life == "proposed" && found.lifeChange == nil)
        #expect(found.jointSignatures?.missing == ["cn-he", "cn-gz"] && found.jointSignatures?.required == 2)

        let cosign = Cosign(transaction: proposal, about: .commitment(body.id))
        try await node.apply(.cosign(cosign), by: "cn-gz")
        found = try await commitment("CN-HN-2020-004")
        #expect(found.jointSignatures?.signed == ["cn-gz"] && found.jointSignatures?.missing == ["cn-he"])

        try await node.apply(.cosign(cosign), by: "cn-he")
        found = try await commitment("CN-HN-2020-004")
        #expect(found.life == "active" && found.jointSignatures?.isComplete == true)
        #expect(found.lifeChange?.issuer == "cn-he")
        #expect(found.lifeSteps.map(\.type) == ["commitment.propose", "cosign", "cosign"])
        #expect(found.lifeSteps.map(\.issuer) == ["cn-hn", "cn-gz", "cn-he"])
        let list = try await ledger.commitments(CommitmentFilter(), page: Page(), asOf: nil).commitments
        #expect(list.allSatisfy { $0.lifeSteps.isEmpty })
    }

    @Test("Every step in a commitment's life is kept, with who took it, when and why")
    func life() async throws {
        let id = try id("CN-HN-2020-001")
        var expected: [TransactionID] = []
        for (step, reason) in [(LifeStep.suspend, "flood"), (.resume, "dry again"), (.cancel, "no money")] {
            let body = CommitmentTransition(step, id, reason: try Text(reason))
            expected.append(try await node.apply(.commitmentTransition(body)))
        }
        let found = try await commitment("CN-HN-2020-001")
        #expect(
            found.lifeSteps.map(\.type) == [
                "commitment.propose", "commitment.suspend", "commitment.resume", "commitment.cancel",
            ]
        )
        #expect(found.lifeSteps.map(\.reason) == [nil, "flood", "dry again", "no money"])
        #expect(found.lifeSteps.dropFirst().map(\.transaction) == expected.map(\.hex))
        #expect(found.lifeSteps.allSatisfy { $0.issuer == "cn-hn" && $0.key.count == 64 })
        #expect(found.lifeSteps.map(\.height) == found.lifeSteps.map(\.height).sorted())
        #expect(found.lifeSteps.last?.height == found.lifeChange?.height)
        // After a past block the later steps are not there yet, and another's are never.
        let height = found.lifeSteps[1].height
        let past = try await ledger.commitment(id, asOf: nil, after: height)
        #expect(past.lifeSteps.map(\.type) == ["commitment.propose", "commitment.suspend"])
        #expect(past.life == "suspended")
        #expect(try await commitment("CN-HN-2020-002").lifeSteps.map(\.type) == ["commitment.propose"])
        let before = try node.store.reader.lifeHeights(of: id)
        // Whoever verifies notices that a note is missing.
        #expect(try await LedgerVerifier(node.store.reader).verify().height.value > 3)
        try node.store.execute("DELETE FROM commitment_block WHERE height = \(height)")
        let failure = await #expect(throws: VerificationFailure.self) {
            try await LedgerVerifier(node.store.reader).verify()
        }
        #expect(failure?.place == .derived("the index of commitments"))
        // An index that is made anew gives the same as before.
        try node.store.rebuild(state: [], frontier: [])
        #expect(try node.store.reader.lifeHeights(of: id) == before && before.count == 4)
    }

    @Test("A milestone that waits for counterparties says so, and counts once they have signed")
    func counterparties() async throws {
        var body = try TestNode.enterprises()
        body.id = try id("CN-HN-2020-005")
        body.counterparties = Counterparties(
            members: [try member("cn-gz"), try member("cn-he")],
            required: 1
        )
        try await node.apply(.commitmentPropose(body))
        let report = try await node.apply(
            TestNode.report("CN-HN-2020-005", .value(decimal("9500")), at: "2021-06-30")
        )
        var found = try await commitment("CN-HN-2020-005")
        #expect(found.pendingMilestoneCount == 1 && found.status.value == nil)
        #expect(found.lastMilestone?.isPending == true)
        #expect(found.lastMilestone?.cosignatures?.missing == ["cn-gz", "cn-he"])

        try await node.apply(.cosign(Cosign(transaction: report, about: .commitment(body.id))), by: "cn-he")
        found = try await commitment("CN-HN-2020-005")
        #expect(found.pendingMilestoneCount == 0 && found.status.value == "9500")
        #expect(found.lastMilestone?.isPending == false)
        #expect(found.lastMilestone?.verificationLevel == "L2")
        #expect(found.lastMilestone?.cosignatures?.signed == ["cn-he"])
        #expect(found.lastMilestone?.steps.map(\.type) == ["cosign"])
        #expect(found.lastMilestone?.steps.map(\.issuer) == ["cn-he"])
    }

    @Test("An amendment makes a version with its reason and signer, and the original stays judged")
    func amendment() async throws {
        var changes = CommitmentChanges()
        changes.target = .bound(.ge, try decimal("1000"))
        let amendment = try await node.apply(
            .commitmentAmend(
                CommitmentAmend(
                    id: id("CN-HN-2020-001"),
                    expectedVersion: 1,
                    amendmentClass: .material,
                    changes: changes,
                    reasonCode: #require(ReasonCode("budget")),
                    reason: Text("less money")
                )
            )
        )
        let found = try await commitment("CN-HN-2020-001")
        #expect(
            found.versions.map(\.number) == [1, 2] && found.versions.map(\.issuer) == ["cn-hn", "cn-hn"]
        )
        let (first, second) = (found.versions[0], found.versions[1])
        #expect(first.change == nil && first.reason == nil && first.changed.isEmpty)
        #expect(second.change == "material" && second.changed == ["target"])
        #expect(second.reasonCode == "budget" && second.reason == "less money")
        #expect(second.transaction == amendment.hex && second.target.value == "1000")
        #expect(found.status.original == .atRisk && found.status.current == .achieved)
    }

    @Test("A superseded commitment names its successor, the signer and the reason")
    func superseded() async throws {
        try await node.apply(
            .commitmentTransition(
                CommitmentTransition(
                    .supersede,
                    id("CN-HN-2020-001"),
                    reason: Text("twice"),
                    successor: id("CN-HN-2020-003")
                )
            )
        )
        let found = try await commitment("CN-HN-2020-001")
        #expect(found.life == "superseded" && found.successor == "CN-HN-2020-003")
        #expect(found.lifeChange?.text == "twice" && found.lifeChange?.issuer == "cn-hn")
        #expect(found.status.current == .superseded)
        let page = try await ledger.commitments(
            CommitmentFilter(status: .superseded),
            page: Page(),
            asOf: nil
        )
        #expect(page.commitments.map(\.successor) == ["CN-HN-2020-003"])
    }

    // MARK: - Attestations

    @Test("A refuted milestone is excluded, and counts again when the auditor takes that back")
    func attestation() async throws {
        let milestone = try await milestone()
        let issued = try await node.apply(
            .attestationIssue(
                AttestationIssue(
                    commitment: id("CN-HN-2020-001"),
                    milestone: milestone,
                    verdict: .refuted,
                    method: Text("site visit"),
                    sample: Text("one in ten"),
                    reason: Text("they do not run")
                )
            ),
            by: "auditor"
        )
        var found = try await ledger.milestones(of: id("CN-HN-2020-001"), page: Page()).milestones[0]
        #expect(found.life == .excluded && found.attestations.map(\.id) == [issued.hex])
        let one = try await ledger.attestation(issued)
        #expect(one.verdict == "refuted" && one.auditor == "auditor" && one.method == "site visit")
        #expect(one.sample == "one in ten" && one.reason == "they do not run" && one.revoked == nil)

        try await node.apply(
            .attestationRevoke(
                AttestationRevoke(
                    commitment: id("CN-HN-2020-001"),
                    attestation: issued,
                    reason: Text("another site")
                )
            ),
            by: "auditor"
        )
        found = try await ledger.milestones(of: id("CN-HN-2020-001"), page: Page()).milestones[0]
        #expect(found.life == .effective && found.attestations[0].revoked?.text == "another site")
        let page = try await ledger.attestations(of: milestone, page: Page())
        #expect(page.attestations == found.attestations && page.next == nil)
    }

    // MARK: - Disputes

    @Test("A dispute is listed with its answer and its resolution")
    func dispute() async throws {
        let opened = try await node.apply(
            .disputeOpen(
                DisputeOpen(commitment: id("CN-HN-2020-001"), ground: .wrongRegion, text: Text("not Hunan's"))
            ),
            by: "auditor"
        )
        var found = try await commitment("CN-HN-2020-001")
        #expect(found.openDisputeCount == 1 && found.disputes.map(\.state) == [.open])
        #expect(found.status.flags.contains("disputed"))
        #expect(found.disputes[0].respondent == "cn-hn" && found.disputes[0].text == "not Hunan's")
        let list = try await ledger.commitments(CommitmentFilter(), page: Page(), asOf: nil).commitments
        #expect(list.map(\.openDisputeCount) == [1, 0, 0] && list.allSatisfy(\.disputes.isEmpty))

        let answer = DisputeAnswer(
            commitment: try id("CN-HN-2020-001"),
            dispute: opened,
            text: try Text("it is")
        )
        try await node.apply(.disputeAnswer(answer))
        let resolution = DisputeResolve(
            commitment: try id("CN-HN-2020-001"),
            dispute: opened,
            outcome: .rejected,
            reason: try Text("page 3")
        )
        #expect(try await ledger.disputes(DisputeFilter(isOpen: true), page: Page()).disputes.count == 1)
        try await node.apply(.disputeResolve(resolution), by: "regulator")
        found = try await commitment("CN-HN-2020-001")
        let dispute = try await ledger.dispute(opened)
        #expect(found.openDisputeCount == 0 && found.disputes == [dispute] && dispute.state == .rejected)
        #expect(dispute.answer?.text == "it is" && dispute.answer?.issuer == "cn-hn")
        #expect(dispute.resolution?.text == "page 3" && dispute.resolution?.issuer == "regulator")
        #expect(try await ledger.disputes(DisputeFilter(isOpen: true), page: Page()).disputes.isEmpty)
        let about = DisputeFilter(commitment: try id("CN-HN-2020-002"))
        #expect(try await ledger.disputes(about, page: Page()).disputes.isEmpty)
    }

    @Test("Disputes are read page by page")
    func pages() async throws {
        for number in 0..<3 {
            try await node.apply(
                .disputeOpen(
                    DisputeOpen(
                        commitment: id("CN-HN-2020-002"),
                        ground: .other,
                        text: Text("objection \(number)")
                    )
                ),
                by: "auditor"
            )
        }
        let first = try await ledger.disputes(DisputeFilter(), page: Page(limit: 2))
        #expect(first.disputes.map(\.text) == ["objection 0", "objection 1"])
        let second = try await ledger.disputes(DisputeFilter(), page: Page(limit: 2, cursor: first.next))
        #expect(second.disputes.map(\.text) == ["objection 2"] && second.next == nil)
        let refused = await problem {
            _ = try await ledger.disputes(DisputeFilter(), page: Page(limit: 2, cursor: "nonsense"))
        }
        #expect(refused?.code == "E_QUERY")
    }

    // MARK: - Regions

    @Test(
        "What concerns a region is every act about its commitments and members, and every one that they signed"
    )
    func acts() async throws {
        let region = try #require(RegionCode("CN-HN"))
        let before = try await ledger.acts(of: region, page: Page()).acts.count
        let (own, other) = (try id("CN-HN-2020-001"), try member("cn-he"))
        let dispute = try await node.apply(
            .disputeOpen(DisputeOpen(commitment: own, ground: .other, text: Text("why"))),
            by: "auditor"
        )
        let attested = try await node.apply(
            .attestationIssue(
                AttestationIssue(
                    commitment: own,
                    milestone: milestone(),
                    verdict: .confirmed,
                    method: Text("visit"),
                    reason: Text("seen")
                )
            ),
            by: "auditor"
        )
        let asked = try await node.apply(.directiveIssue(issue(to: "cn-hn")), by: "regulator")
        let elsewhere = try await node.apply(.directiveIssue(issue(to: "cn-he")), by: "regulator")
        let proposed = try await node.apply(
            .governancePropose(
                GovernancePropose(
                    network: node.genesis.network,
                    action: .suspend(other),
                    reason: Text("lost")
                )
            ),
            by: "cn-hn"
        )
        let page = try await ledger.acts(of: region, page: Page())
        #expect(page.acts.count == before + 4 && page.next == nil && page.lookedBackTo == 1)
        #expect(page.acts.prefix(4).map(\.transaction.id) == [proposed, asked, attested, dispute].map(\.hex))
        let hebei = try await ledger.acts(of: #require(RegionCode("CN-HE")), page: Page()).acts
        #expect(hebei.map(\.transaction.id) == [proposed, elsewhere].map(\.hex))
        // By pages, none twice and none left out.
        var found: [String] = []
        var cursor: String?
        repeat {
            let part = try await ledger.acts(of: region, page: Page(limit: 3, cursor: cursor))
            found += part.acts.map(\.transaction.id)
            cursor = part.next
        } while cursor != nil
        #expect(found == page.acts.map(\.transaction.id) && Set(found).count == found.count)
        // A request that may look at little goes less far back, and says how far: none is left out so either.
        let fresh = NodeLedger(
            genesis: node.genesis,
            reader: node.store.reader,
            view: node.view,
            node: ledger.node
        ) { _ in }
        (found, cursor) = ([], nil)
        var requests = 0
        repeat {
            let part = try await fresh.acts(of: region, page: Page(cursor: cursor), decoding: 18)
            found += part.acts.map(\.transaction.id)
            #expect(part.next == nil || part.lookedBackTo > 1)
            (cursor, requests) = (part.next, requests + 1)
        } while cursor != nil
        #expect(found == page.acts.map(\.transaction.id) && requests > 2)
        for (code, cursor) in [("CN-XX", nil), ("CN-HN", "nonsense"), ("CN-HN", "1.-1"), ("CN-HN", "1")] {
            let refused = await problem {
                _ = try await ledger.acts(of: #require(RegionCode(code)), page: Page(cursor: cursor))
            }
            #expect(refused?.status == (cursor == nil ? 404 : 400))
        }
    }

    @Test("Sentences name members and commitments, with their ids beside")
    func names() async throws {
        let issued = try await node.apply(
            .directiveIssue(issue(to: "cn-he")),
            by: "regulator"
        )
        let directed = try await ledger.transaction(issued).summary
        #expect(directed?.en == "directed Hebei 河北省 (cn-he), due 31 July 2021: Explain")
        #expect(directed?.zh == "向河北省（cn-he）下达督办（限2021年7月31日）：请说明")
        #expect(directed?.fr == "a adressé une directive à Hebei 河北省 (cn-he), pour le 31 juillet 2021 : 请说明")
        let receipt = try await node.apply(
            .directiveAcknowledge(DirectiveAcknowledge(to: member("cn-he"), directive: issued)),
            by: "cn-he"
        )
        #expect(try await ledger.transaction(receipt).summary?.zh == "签收regulator（regulator）的督办")
        #expect(
            try await ledger.transaction(receipt).summary?.en
                == "acknowledged a directive of regulator (regulator)"
        )
        let proposal = try await node.apply(
            .governancePropose(
                GovernancePropose(
                    network: node.genesis.network,
                    action: .suspend(member("cn-gz")),
                    reason: Text("lost")
                )
            )
        )
        let words = try await ledger.transaction(proposal).summary
        #expect(try await ledger.governance().proposals.first?.summary.zh == "暂停贵州省（cn-gz）")
        #expect(words?.en == "proposed to suspend Guizhou 贵州省 (cn-gz): lost")
        #expect(words?.fr == "a proposé de suspendre Guizhou 贵州省 (cn-gz) : lost")
        let cancelled = try await node.apply(
            .commitmentTransition(
                CommitmentTransition(.cancel, id("CN-HN-2020-001"), reason: Text("no money"))
            )
        )
        #expect(
            try await ledger.transaction(cancelled).summary?.zh
                == "取消“推动3万家企业上链”（CN-HN-2020-001）：no money"
        )
    }

    // MARK: - Directives and delegations

    @Test("A directive shows its acknowledgement and its replies")
    func directive() async throws {
        let issued = try await node.apply(
            .directiveIssue(issue(to: "cn-he")),
            by: "regulator"
        )
        var directive = try await ledger.directive(issued)
        #expect(directive.from == "regulator" && directive.to == "cn-he" && directive.due == "2021-07-31")
        #expect(directive.title.en == "Explain" && directive.acknowledgement == nil && !directive.isOverdue)
        let to = try member("cn-he")
        try await node.apply(
            .directiveAcknowledge(DirectiveAcknowledge(to: to, directive: issued)),
            by: "cn-he"
        )
        try await node.apply(
            .directiveReply(DirectiveReply(to: to, directive: issued, text: Text("in August"))),
            by: "cn-he"
        )
        directive = try await ledger.directive(issued)
        #expect(directive.acknowledgement?.issuer == "cn-he" && directive.acknowledgement?.isLate == false)
        #expect(directive.replies.map(\.text) == ["in August"])
        for (filter, count) in [
            (DirectiveFilter(), 1), (DirectiveFilter(to: to), 1),
            (DirectiveFilter(to: try member("cn-gz")), 0),
            (DirectiveFilter(from: try member("regulator")), 1),
            (DirectiveFilter(to: to, from: try member("cn-gz")), 0),
        ] {
            #expect(try await ledger.directives(filter, page: Page()).directives.count == count)
        }
    }

    @Test("What a member lent a key is listed, in force or not")
    func delegation() async throws {
        let key = try PrivateKey(seed: [UInt8](repeating: 9, count: 32))
        let file = DelegateFile(member: try member("cn-hn"), chain: node.genesis.chain, key: key)
        try await node.apply(
            .delegationGrant(
                DelegationGrant(
                    member: file.member,
                    key: file.key,
                    proof: file.proof,
                    types: [.milestoneReport],
                    scope: .commitments([id("CN-HN-2020-001")]),
                    expires: TestNode.start.advanced(byMilliseconds: 86_400_000)
                )
            )
        )
        var found = try await ledger.delegations(of: member("cn-hn"), page: Page()).delegations
        #expect(found.map(\.key) == [key.publicKey.id.hex] && found[0].isInForce && !found[0].isForAll)
        #expect(found[0].types == ["milestone.report"] && found[0].commitments == ["CN-HN-2020-001"])
        try await node.apply(
            .delegationRevoke(DelegationRevoke(member: member("cn-hn"), key: key.publicKey.id))
        )
        found = try await ledger.delegations(of: member("cn-hn"), page: Page()).delegations
        #expect(found.map(\.isInForce) == [false] && found[0].revokedBy != nil)
        #expect(try await ledger.delegations(of: member("cn-gz"), page: Page()).delegations.isEmpty)
    }

    // MARK: - What is not there

    @Test("What is not there is answered with a stable code")
    func unknown() async throws {
        let none = TransactionID(Digest.zero)
        let codes = [
            await problem { _ = try await ledger.attestation(none) },
            await problem { _ = try await ledger.attestations(of: none, page: Page()) },
            await problem { _ = try await ledger.dispute(none) },
            await problem {
                _ = try await ledger.disputes(
                    DisputeFilter(commitment: id("CN-HN-2020-009")),
                    page: Page()
                )
            },
            await problem { _ = try await ledger.directive(none) },
            await problem {
                _ = try await ledger.directives(DirectiveFilter(to: member("cn-xx")), page: Page())
            },
            await problem { _ = try await ledger.delegations(of: member("cn-xx"), page: Page()) },
        ]
        #expect(
            codes.map(\.?.code) == [
                "E_UNKNOWN_ATTESTATION", "E_UNKNOWN_MILESTONE", "E_UNKNOWN_DISPUTE", "E_UNKNOWN_COMMITMENT",
                "E_UNKNOWN_DIRECTIVE", "E_UNKNOWN_MEMBER", "E_UNKNOWN_MEMBER",
            ]
        )
        #expect(codes.allSatisfy { $0?.status == 404 && $0?.hint != nil })
    }

    @Test("Every refusal has an HTTP status of its own choosing", arguments: Refusal.Code.allCases)
    func httpStatus(code: Refusal.Code) throws {
        let status = try #require(API.Problem.knownHTTPStatus(ofRefusal: code.rawValue), "\(code)")
        #expect([400, 403, 409, 422, 429, 503].contains(status))
        #expect(API.Problem.refusal(code: code.rawValue, detail: "").status == status)
    }
}
