import JalonAPI
import JalonCore
import JalonCrypto
import JalonModel
import JalonSchema
import JalonState
import Testing

@testable import JalonNode

@Suite("A ledger is read")
struct ReadingTests {
    private let folder: TemporaryFolder
    private let node: TestNode
    private var ledger: NodeLedger { node.ledger }

    init() async throws {
        folder = try TemporaryFolder()
        node = try TestNode(folder)
        try await node.fill()
    }

    private func id(_ text: String) throws -> CommitmentID { try #require(CommitmentID(text)) }

    private func problem(_ operation: () async throws -> Void) async -> API.Problem? {
        do { try await operation() } catch { return error as? API.Problem }
        return nil
    }

    // MARK: - Commitments

    @Test("A commitment says where it stands, and why")
    func commitment() async throws {
        let commitment = try await ledger.commitment(id("CN-HN-2020-001"), asOf: nil)
        #expect(commitment.region.name?.en == "Hunan" && commitment.indicator.unit.name?.en == "enterprises")
        #expect(commitment.planTitle?.en == "Three-year plan" && commitment.sectors.map(\.name?.zh) == ["工业"])
        #expect(commitment.target.op == .ge && commitment.target.value == "30000")
        #expect(commitment.deadline?.precision == "year" && commitment.life == "active")
        #expect(commitment.responsible.map(\.member) == ["cn-hn"])
        let status = commitment.status
        #expect(status.asOf == "2021-07-01" && status.current == .atRisk && status.original == .atRisk)
        #expect(status.value == "9500" && status.expected == "13176" && status.ratio == 721_007)
        #expect(status.measuredAt == "2021-06-30" && status.verificationLevel == "L1" && !status.isFictional)
        #expect(status.explanation.contains { $0.text.contains("9500 ÷ 13176 = 72.1 %") })
        #expect(status.explanation.last?.rule == "9 the ratio decides")
        let words = status.explanation.compactMap(\.words)
        #expect(words.count == status.explanation.count)
        #expect(words.allSatisfy { $0.en != nil && $0.fr != nil && !$0.zh.isEmpty })
        #expect(
            words.contains {
                $0.fr?.contains("9\u{202F}500 ÷ 13\u{202F}176 = 72.1 % (dans les temps dès 90 %") == true
            }
        )
        #expect(commitment.versions.map(\.number) == [1] && commitment.milestoneCount == 1)
        #expect(commitment.lastMilestone?.evidence.map(\.name) == ["q0.pdf"])
        #expect(commitment.lastMilestone?.note == "说明")
    }

    @Test("A commitment of the past is judged by what was known for that day")
    func asOf() async throws {
        let status = try await ledger.commitment(id("CN-HN-2020-001"), asOf: "2021-05-01").status
        #expect(status.asOf == "2021-05-01" && status.current == .notStarted && status.value == nil)
        let refused = await problem {
            _ = try await ledger.commitment(id("CN-HN-2020-001"), asOf: "2021-02-30")
        }
        #expect(refused?.status == 400)
    }

    @Test("A checklist shows what is done")
    func checklist() async throws {
        let commitment = try await ledger.commitment(id("CN-HN-2020-002"), asOf: nil)
        #expect(commitment.target.items?.map(\.isDone) == [true, false, true])
        #expect(commitment.status.value == "2" && commitment.status.isFictional)
    }

    @Test("An unknown commitment is answered with the nearest one")
    func unknown() async throws {
        let found = await problem { _ = try await ledger.commitment(id("CN-HN-2020-010"), asOf: nil) }
        #expect(found?.code == "E_UNKNOWN_COMMITMENT" && found?.status == 404)
        #expect(found?.detail.contains("nearest: CN-HN-2020-00") == true)
        let milestones = await problem { _ = try await ledger.milestones(of: id("XX-1"), page: Page()) }
        #expect(milestones?.code == "E_UNKNOWN_COMMITMENT")
        #expect(milestones?.detail.contains("nearest") == false)
    }

    @Test(
        "A list holds what passes its filter",
        arguments: [
            (CommitmentFilter(), ["001", "002", "003"]),
            (CommitmentFilter(sector: "finance"), ["002", "003"]),
            (CommitmentFilter(status: .atRisk), ["001"]), (CommitmentFilter(region: "CN-GZ"), []),
            (CommitmentFilter(region: "CN-HN", sector: "industry"), ["001"]),
            (CommitmentFilter(plan: PlanID("CN-HN-2020-P1")), ["001", "002", "003"]),
            (CommitmentFilter(plan: PlanID("CN-HN-2020-P2")), []),
            (CommitmentFilter(dueBy: "2022-12-31"), ["001", "002"]),
            (CommitmentFilter(dueBy: "2022-12-30"), []),
            (CommitmentFilter(isAttested: true), []),
            (CommitmentFilter(text: TextFilter("HUNAN 3万")), ["001"]),
            (CommitmentFilter(text: TextFilter("guizhou")), []),
            (CommitmentFilter(text: TextFilter("-002")), ["002"]),
        ]
    )
    func filter(_ filter: CommitmentFilter, numbers: [String]) async throws {
        let page = try await ledger.commitments(filter, page: Page(), asOf: nil)
        #expect(page.commitments.map(\.id) == numbers.map { "CN-HN-2020-\($0)" })
        #expect(page.total == numbers.count && page.next == nil)
        #expect(page.isDemonstrationDate && page.asOf == "2021-07-01" && page.height == 6)
    }

    @Test("A list is read page by page")
    func pages() async throws {
        let first = try await ledger.commitments(CommitmentFilter(), page: Page(limit: 2), asOf: nil)
        #expect(first.commitments.count == 2 && first.total == 3 && first.next == "CN-HN-2020-002")
        let second = try await ledger.commitments(
            CommitmentFilter(),
            page: Page(limit: 2, cursor: first.next),
            asOf: "2021-07-02"
        )
        #expect(second.commitments.map(\.id) == ["CN-HN-2020-003"] && second.total == 3 && second.next == nil)
        #expect(!second.isDemonstrationDate)
    }

    @Test("The report counts each region by status, those without a commitment too")
    func report() async throws {
        let report = try await ledger.statusReport(page: Page(limit: 2), asOf: nil)
        #expect(report.regions.map(\.region.code) == ["CN-GZ", "CN-HE", "CN-HN", "CN-JS"])
        #expect(report.regions.map(\.commitments) == [0, 0, 3, 0])
        #expect(report.regions[0].region.name?.zh == "贵州省" && report.regions[0].counts.isEmpty)
        let hunan = Dictionary(uniqueKeysWithValues: report.regions[2].counts.map { ($0.status, $0.count) })
        #expect(hunan == [.atRisk: 1, .inProgress: 1, .onTrack: 1])
        #expect(report.regions[2].sectors.map(\.sector.code) == ["finance", "industry"])
        #expect(report.regions[2].sectors.map(\.count) == [2, 1] && report.regions[0].sectors.isEmpty)
        #expect(report.regions[2].sectors.last?.sector.name?.zh == "工业")
        #expect(report.commitments.count == 2 && report.next == "CN-HN-2020-002" && report.hasDemoData)
        #expect(report.head.height == 6 && report.head.stateRoot == node.view.snapshot.state.root.hex)
        let rest = try await ledger.statusReport(page: Page(limit: 2, cursor: report.next), asOf: nil)
        #expect(rest.commitments.map(\.id) == ["CN-HN-2020-003"] && rest.next == nil)
        let earlier = try await ledger.statusReport(page: Page(), asOf: "2020-05-01")
        #expect(earlier.regions[2].counts.map(\.status).contains(.notStarted))
    }

    /// What the report on CN-HN-2020-001 says, by names and with ids beside them.
    private var sentence: String {
        "reported 9\u{202F}500 enterprises for “Title of CN-HN-2020-001” (CN-HN-2020-001), 30 June 2021"
    }

    @Test("A transaction says in words what it did, once it is final")
    func words() async throws {
        let last = try await ledger.commitment(id("CN-HN-2020-001"), asOf: nil).lastMilestone
        let report = try #require(last.flatMap { TransactionID(hex: $0.id) })
        let found = try await ledger.transaction(report)
        #expect(found.summary?.en == sentence)
        #expect(try await ledger.transaction(TransactionID(Digest.zero)).summary == nil)
    }

    @Test(
        "The nodes are this one, which leads and agrees with itself; one whose node is not heard is unknown"
    )
    func nodes() async throws {
        let list = try await ledger.nodes()
        #expect(list.height == 6 && list.agreeing == 1 && list.validators == 1)
        #expect(list.leader == list.nextLeader && list.leader != nil)
        let own = try #require(list.nodes.first { $0.isSelf })
        #expect(own.isConnected && own.isValidator && own.agreement == .same && own.height == 6)
        #expect(
            own.block == node.view.snapshot.block.hex && list.stateRoot == node.view.snapshot.state.root.hex
        )
        let others = list.nodes.filter { !$0.isSelf }
        #expect(others.count == 3 && others.allSatisfy { !$0.isConnected && $0.agreement == .unknown })
        #expect(list.nodes.first?.isSelf == true, "validators come first")
    }

    @Test(
        "A node that told another block is not taken for one that agrees, nor a late one for one that keeps up",
        arguments: [
            (6, true, .same), (6, false, .differs), (5, true, .behind), (5, false, .differs),
            (4, true, .behind),
            (7, false, .ahead),
        ] as [(UInt64, Bool, API.NodeAgreement)]
    )
    func agreement(height: UInt64, isOurs: Bool, expected: API.NodeAgreement) async throws {
        var snapshot = node.view.snapshot
        let peer = try #require(snapshot.state.members.last?.nodes.first?.key.id)
        let block = isOurs ? try await ledger.header(at: height)?.id : nil
        let tip = Tip(
            epoch: snapshot.context.epoch,
            finalView: snapshot.finalView,
            finalHeight: Height(height),
            finalBlock: try #require(BlockID(hex: block ?? String(repeating: "ab", count: 32))),
            view: snapshot.view,
            hears: [0xC0],
            clock: NodeDriver.clock().wall
        )
        snapshot.connectedPeers = [peer]
        snapshot.tips = [PeerTip(peer: peer, tip: tip, heardAt: NodeDriver.clock().monotonic)]
        node.view.publish(snapshot, telling: [])
        let found = try #require(try await ledger.nodes().nodes.first { $0.key == peer.hex })
        #expect(
            found.agreement == expected && found.isConnected && found.height == height && found.hears == 2
        )
        // The test's blocks are years old: whoever lacks one of them is late.
        #expect(found.blocksBehind == (expected == .behind ? 6 - height : 0))
        #expect(try #require(found.skew).magnitude < 5_000)
    }

    @Test("A table that follows the chain is the one that is made anew")
    func table() async throws {
        let day = try day("2021-07-01")
        let before = node.view.snapshot
        var table = StatusTable(before.state, height: before.height, day: day)
        try await node.apply(
            TestNode.report("CN-HN-2020-001", .value(decimal("14000")), at: "2021-07-01", evidence: 1)
        )
        try await node.apply(TestNode.report("CN-HN-2020-003", .value(decimal("2000")), at: "2021-06-30"))
        let after = node.view.snapshot
        let subjects = try #require(node.view.subjects(after: before.height, through: after.height))
        #expect(subjects.map(\.text) == ["CN-HN-2020-001", "CN-HN-2020-003"])
        let hasAdvanced = table.advance(to: after.state, height: after.height, subjects: subjects)
        #expect(hasAdvanced && table.height == after.height)
        let anew = StatusTable(after.state, height: after.height, day: day)
        #expect(table.rows.map(\.value.status) == anew.rows.map(\.value.status))
        #expect(anew.rows.map(\.value.status) == [.onTrack, .onTrack, .claimed])
        let onAll = StatusTable(after.state, height: after.height, day: day, by: ProcessorMapper())
        #expect(onAll.rows.map(\.key) == anew.rows.map(\.key))
        #expect(onAll.rows.map(\.value.status) == anew.rows.map(\.value.status))
        #expect(ProcessorMapper().map(Array(0..<1_000)) { -$0 } == (0..<1_000).map { -$0 })
        let (followed, made) = (try #require(table.counts.first), try #require(anew.counts.first))
        #expect(followed.value.filter { $0.value > 0 } == made.value)
        #expect(table.plans == anew.plans && table.fictionalCount == anew.fictionalCount)
        #expect(node.view.subjects(after: before.height, through: after.height.next) == nil)
    }

    @Test(
        "A report follows the chain, at the network's own day and at another",
        arguments: [nil, "2021-07-05"]
    )
    func follows(_ asOf: String?) async throws {
        #expect(
            try await ledger.statusReport(page: Page(), asOf: asOf).regions[2].counts.map(\.status)
                == [.inProgress, .onTrack, .atRisk]
        )
        try await node.apply(
            TestNode.report("CN-HN-2020-003", .value(decimal("2000")), at: "2021-06-30", evidence: 1)
        )
        let report = try await ledger.statusReport(page: Page(), asOf: asOf)
        #expect(report.regions[2].counts.map(\.status) == [.achieved, .onTrack, .atRisk])
        #expect(report.head.height == 7 && report.isDemonstrationDate == (asOf == nil))
    }

    // MARK: - Milestones

    @Test("Milestones keep what was corrected and retracted, with the reason")
    func milestones() async throws {
        let commitment = try id("CN-HN-2020-001")
        let first = try #require(try await ledger.milestones(of: commitment, page: Page()).milestones.first)
        let correction = try await node.apply(
            .milestoneCorrect(
                MilestoneCorrect(
                    commitment: commitment,
                    milestone: #require(TransactionID(hex: first.id)),
                    content: TestNode.content(.value(decimal("9800")), at: "2021-06-30"),
                    reasonCode: #require(ReasonCode("typingError")),
                    reason: Text("录入错误")
                )
            )
        )
        let later = try await node.apply(
            TestNode.report("CN-HN-2020-001", .value(decimal("9900")), at: "2021-07-01")
        )
        try await node.apply(
            .milestoneRetract(
                MilestoneRetract(
                    commitment: commitment,
                    milestone: later,
                    reasonCode: #require(ReasonCode("wrongPeriod")),
                    reason: Text("误报")
                )
            )
        )
        let page = try await ledger.milestones(of: commitment, page: Page())
        #expect(page.milestones.map(\.life) == [.replaced, .effective, .retracted])
        #expect(page.milestones.map { $0.steps.map(\.type) } == [[], [], ["milestone.retract"]])
        #expect(page.milestones.map(\.value) == ["9500", "9800", "9900"])
        #expect(page.milestones[0].replacedBy == correction.hex && page.milestones[1].replaces == first.id)
        #expect(page.milestones.map(\.reason) == [nil, "录入错误", "误报"])
        #expect(page.milestones[0].evidence.map(\.byteCount) == [7] && page.milestones[2].replacedBy == nil)
        let part = try await ledger.milestones(of: commitment, page: Page(limit: 2))
        #expect(part.milestones.count == 2 && part.next == correction.hex)
        let rest = try await ledger.milestones(of: commitment, page: Page(limit: 2, cursor: part.next))
        #expect(rest.milestones.map(\.id) == [later.hex] && rest.next == nil)
        let wrong = await problem {
            _ = try await ledger.milestones(of: commitment, page: Page(cursor: "CN-HN-2020-001"))
        }
        #expect(wrong?.code == "E_QUERY")
    }

    // MARK: - Blocks and the feed

    @Test("A block is found by height, by id and as the head, with who signed it")
    func blocks() async throws {
        let head = try #require(try await ledger.block(.head))
        #expect(head.header.height == 6 && head.header.leaderMember == "cn-hn" && head.signers == ["cn-hn"])
        #expect(head.header.chain == node.genesis.chain.hex)
        let byID = try await ledger.block(.id(#require(BlockID(hex: head.header.id))))
        let byHeight = try await ledger.block(.height(6))
        #expect(byID == head && byHeight == head)
        #expect(try await ledger.header(at: 6) == head.header)
        let entry = try #require(try await ledger.block(.height(5))?.transactions.first)
        #expect(entry.type == "milestone.report" && entry.subject == "CN-HN-2020-001" && !entry.isFictional)
        #expect(entry.summary?.en == sentence)
        #expect(entry.summary?.zh == "就“推动3万家企业上链”（CN-HN-2020-001）上报 9\u{202F}500 家企业（截至2021年6月30日）")
        #expect(head.transactions.first?.isFictional == true)
    }

    @Test(
        "What is no final block is not there",
        arguments: [BlockReference.height(0), .height(7), .height(.max)]
    )
    func noBlock(_ reference: BlockReference) async throws {
        #expect(try await ledger.block(reference) == nil)
    }

    @Test("A header above the head, or of a strange id, is not there")
    func noHeader() async throws {
        #expect(try await ledger.header(at: 7) == nil)
        #expect(try await ledger.header(at: .max) == nil)
        #expect(try await ledger.block(.id(node.genesis.blockID)) == nil)
    }

    @Test("The feed tells each block once, and the next when it comes")
    func feed() async throws {
        var heights: [UInt64] = []
        while heights.last != 6 {
            heights.append(try await ledger.feedEvent(after: heights.last ?? 0).height)
        }
        #expect(heights == [1, 2, 3, 4, 5, 6])
        async let next = ledger.feedEvent(after: 6)
        try await node.apply(TestNode.report("CN-HN-2020-003", .value(decimal("5")), at: "2021-06-30"))
        let event = try await next
        #expect(event.height == 7 && event.transactions.map(\.subject) == ["CN-HN-2020-003"])
        #expect(event.stateRoot == node.view.snapshot.state.root.hex)
        let waiting = Task { try await ledger.feedEvent(after: 7) }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
    }

    // MARK: - The node

    @Test("The node says who it is, and that it is ready")
    func nodeStatus() async throws {
        let status = try await ledger.nodeStatus()
        #expect(status.network == "test" && status.member == "cn-hn" && status.isValidator)
        #expect(status.isReady && status.notReady.isEmpty && status.bestSignedHeight == 6)
        #expect(status.asOf == "2021-07-01" && status.isDemonstrationDate && status.hasDemoData)
        #expect(status.head.logSize == 6 && status.head.block == node.view.snapshot.block.hex)
        #expect(status.validators == API.Validators(total: 1, needed: 1, connected: 1, toleratedFaults: 0))
    }

    @Test("A node without a quorum is not ready and says why")
    func notReady() async throws {
        let other = try TemporaryFolder()
        let status = try await TestNode(other, validatorCount: 4, statusDate: nil).ledger.nodeStatus()
        #expect(!status.isReady && status.notReady == ["1 of 4 validators are connected, 3 are needed"])
        #expect(!status.isDemonstrationDate && !status.hasDemoData && status.head.height == 0)
        #expect(status.asOf == "2021-07-01", "the head's own day at UTC+8")
    }

    @Test("A node whose disk is full says so, knows how far behind it is and takes no transactions")
    func diskFull() async throws {
        let place = try TemporaryFolder()
        defer { withExtendedLifetime(place) {} }
        let other = try TestNode(place, validatorCount: 4, statusDate: nil)
        other.handle(.diskSpaceChanged(.exhausted))
        for number in 1...3 as ClosedRange<UInt8> {
            let peer = KeyID(SHA256.hash([number]))
            other.handle(.connected(peer))
            other.handle(.received(.tip(tip(height: 9)), from: peer))
        }
        let status = try await other.ledger.nodeStatus()
        #expect(status.diskShortage == .exhausted && status.blocksBehind == 9 && !status.isReady)
        #expect(status.notReady.first?.hasPrefix("less than 16 MiB of the disk are free") == true)
        #expect(status.notReady.last == "this node is 9 blocks behind its peers")
        let transaction = try other.sign(.planPublish(TestNode.plan()))
        let problem = await #expect(throws: API.Problem.self) {
            _ = try await other.ledger.submit([transaction])
        }
        #expect(problem?.code == "E_DISK_FULL" && problem?.status == 503 && other.submissionCount == 0)
        other.handle(.diskSpaceChanged(.ample))
        #expect(try await other.ledger.nodeStatus().diskShortage == nil)
        #expect(try await other.ledger.submit([transaction]).map(\.state) == [.pending])
    }

    @Test(
        "A node that is short of disk space is ready all the same, takes transactions and says that it does not vote"
    )
    func diskLow() async throws {
        let place = try TemporaryFolder()
        defer { withExtendedLifetime(place) {} }
        let alone = try TestNode(place)
        alone.handle(.diskSpaceChanged(.low))
        let status = try await alone.ledger.nodeStatus()
        #expect(status.isReady && status.notReady.isEmpty && status.diskShortage == .low)
        #expect(status.voting?.state == .diskFull)
        #expect(status.warnings?.count == 1)
        #expect(status.warnings?.first?.contains("casts no votes until there is room") == true)
        let transaction = try alone.sign(.planPublish(TestNode.plan()))
        #expect(try await alone.ledger.submit([transaction]).map(\.state) == [.pending])
    }

    private func tip(height: UInt64) -> Tip {
        Tip(
            epoch: Epoch(0),
            finalView: View(0),
            finalHeight: Height(height),
            finalBlock: BlockID(SHA256.hash([1])),
            view: View(1),
            hears: [0],
            clock: TestNode.start
        )
    }

    @Test("The newest milestones come with the number and the sum of those before them")
    func latestMilestones() async throws {
        let place = try TemporaryFolder()
        defer { withExtendedLifetime(place) {} }
        let other = try TestNode(place)
        try await other.apply(.planPublish(TestNode.plan()))
        var flow = try TestNode.enterprises()
        flow.indicator.accumulation = .flow
        try await other.apply(.commitmentPropose(flow))
        for month in 1...5 {
            var content = try TestNode.content(.value(decimal("\(month)0")), at: "2021-0\(month)-28")
            content.periodStart = try day("2021-0\(month)-01")
            try await other.apply(.milestoneReport(MilestoneReport(commitment: flow.id, content: content)))
        }
        func tail(_ limit: Int, before: String? = nil) async throws -> MilestoneTail {
            try await other.ledger.latestMilestones(of: flow.id, limit: limit, before: before)
        }
        let newest = try await tail(2)
        #expect(newest.milestones.map(\.periodEnd) == ["2021-04-28", "2021-05-28"])
        #expect(newest.earlierCount == 3 && newest.earlierSum == 60)
        let before = try await tail(2, before: newest.milestones.first?.id)
        #expect(before.milestones.map(\.value) == ["20", "30"])
        #expect(before.earlierCount == 1 && before.earlierSum == 10)
        let all = try await tail(5)
        #expect(all.milestones.count == 5 && all.earlierCount == 0 && all.earlierSum == 0)
        let problem = await #expect(throws: API.Problem.self) { _ = try await tail(2, before: "abc") }
        #expect(problem?.code == "E_QUERY" && problem?.status == 400)
    }

    @Test("Members and plans are listed with their names, keys and counts")
    func membersAndPlans() async throws {
        let members = try await ledger.members()
        #expect(members.members.map(\.id) == ["cn-gz", "cn-he", "cn-hn", "cn-js"] && members.height == 6)
        let hunan = members.members[2]
        #expect(hunan.region?.name?.en == "Hunan" && hunan.roles == ["province"] && hunan.isValidator)
        #expect(hunan.keys.map(\.kind).sorted() == ["authority", "node", "validator"])
        #expect(members.members.map(\.isConnected) == [false, false, true, false])
        let plans = try await ledger.plans()
        #expect(plans.plans.map(\.id) == ["CN-HN-2020-P1"] && plans.plans[0].commitmentCount == 3)
        #expect(plans.plans[0].source.kind == "press" && plans.plans[0].height == 1)
    }
}
