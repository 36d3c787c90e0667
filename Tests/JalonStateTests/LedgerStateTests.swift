import JalonCodec
import JalonCrypto
import JalonModel
import JalonState
import JalonTestKit
import Testing

@Suite("The ledger's state")
struct LedgerStateTests {
    /// A ledger with every kind of leaf and milestone in it.
    private func busyLedger() throws -> TestLedger {
        var parameters = Parameters()
        parameters.statusDate = try day("2021-07-01")
        var ledger = try TestLedger(parameters: parameters)
        try ledger.publishRealPlans()
        let first = try ledger.apply(
            TestLedger.report("CN-HN-2020-001", value: "1", at: "2021-03-31"),
            by: "cn-hn"
        )
        let second = try ledger.apply(
            TestLedger.report("CN-HN-2020-001", value: "2", at: "2021-06-30"),
            by: "cn-hn"
        )
        try ledger.apply(
            TestLedger.correction(
                "CN-HN-2020-001",
                of: first,
                TestLedger.content(.value(decimal("0")), at: "2021-03-30", evidence: 1)
            ),
            by: "cn-hn"
        )
        try ledger.apply(TestLedger.retraction("CN-HN-2020-001", of: second), by: "cn-hn")
        try ledger.apply(TestLedger.report("CN-HN-2020-001", value: "3", at: "2021-06-30"), by: "cn-hn")
        try ledger.apply(
            TestLedger.report("CN-HI-2020-001", TestLedger.content(.level(1), at: "2021-06-30")),
            by: "cn-hi"
        )
        try ledger.apply(
            TestLedger.report(
                "CN-BJ-2020-001",
                TestLedger.content(.doneItems([#require(ItemID("110108"))]), at: "2020-06-01", isFinal: true)
            ),
            by: "cn-bj"
        )
        try ledger.apply(
            TestLedger.report(
                "CN-HN-2020-004",
                TestLedger.content(.value(decimal("5")), at: "2021-06-30", from: "2021-01-01")
            ),
            by: "cn-hn"
        )
        return ledger
    }

    @Test("after the genesis it holds members, keys, parameters, units, sectors and validators")
    func genesis() throws {
        let ledger = try TestLedger()
        let state = ledger.state
        #expect(state.members.map(\.id.text) == TestLedger.memberIDs.sorted())
        #expect(state.validators == ledger.genesis.validators)
        #expect(state.parameters == Parameters())
        #expect(state.sectors.count == 9 && state.units.count == 1)
        for kind in [KeyKind.authority, .recovery, .validator, .node] {
            let key = try TestLedger.key("cn-hn", kind).publicKey
            let record = try #require(state.key(key.id))
            #expect(record.kind == kind && record.member.text == "cn-hn" && record.isActive)
        }
        #expect(state.keys(of: try #require(MemberID("cn-hn"))).count == 4)
        #expect(state.keys(of: try #require(MemberID("watch"))).count == 3)
        let leafCount = 10 + 7 * 4 + 3 * 3 + 15 + 1 + 9
        #expect(state.leaves.count == leafCount)
        #expect(NaiveTree.root(of: state) == state.root)
    }

    @Test("its encodings are the ones that were published: another root would be a format changed unnoticed")
    func goldenRoots() throws {
        let genesis = try TestLedger().state.root.hex
        #expect(genesis == "1c913bd45af9aaefc61631e16ca7d4869f086df9e8d6f14ee74157a09f0d678a")
        let busy = try busyLedger().state.root.hex
        #expect(busy == "56dc2d837e50d1ef4fbb52bb2241345261af9cc7d11b0ce2d512a92a518249f9")
    }

    @Test("its root is that of its leaves, after every block")
    func root() throws {
        let ledger = try busyLedger()
        #expect(NaiveTree.root(of: ledger.state) == ledger.state.root)
    }

    @Test("the changes of its blocks make up its leaves")
    func changes() throws {
        var ledger = try TestLedger()
        var rows: [String: [UInt8]] = [:]
        for leaf in ledger.state.leaves { rows[leaf.path] = leaf.value }
        try ledger.apply(.planPublish(TestLedger.plan("CN-HN")), by: "cn-hn")
        for change in ledger.changes { rows[change.path] = change.value }
        let real = try #require(RealPlans.commitments.first).body()
        try ledger.apply(.commitmentPropose(real), by: "cn-hn")
        let paths = ["commitment/CN-HN-2020-001", "version/CN-HN-2020-001/1"]
        #expect(ledger.changes.map(\.path) == paths.sorted { SHA256.hash($0.utf8) < SHA256.hash($1.utf8) })
        for change in ledger.changes { rows[change.path] = change.value }
        let id = try ledger.apply(
            TestLedger.report("CN-HN-2020-001", value: "1", at: "2021-06-30"),
            by: "cn-hn"
        )
        for change in ledger.changes { rows[change.path] = change.value }
        try ledger.apply(TestLedger.retraction("CN-HN-2020-001", of: id), by: "cn-hn")
        for change in ledger.changes { rows[change.path] = change.value }
        #expect(rows.sorted { $0.key < $1.key }.map(\.value) == ledger.state.leaves.map(\.value))
    }

    @Test("it holds exactly its leaves: each of them, and no other value or path")
    func holds() throws {
        let state = try busyLedger().state
        let leaves = state.leaves.map { LeafChange(path: $0.path, value: $0.value) }
        #expect(leaves.count == state.leafCount)
        for (index, leaf) in leaves.enumerated() {
            #expect(state.holds(leaf))
            var value = try #require(leaf.value)
            value[index % value.count] ^= 1
            #expect(!state.holds(LeafChange(path: leaf.path, value: value)))
            #expect(!state.holds(LeafChange(path: leaf.path + "0", value: leaf.value)))
            #expect(!state.holds(LeafChange(path: leaf.path, value: nil)))
        }
    }

    @Test("it holds leaves in batches, and notices one other value or path in any of them")
    func holdsBatches() throws {
        let state = try busyLedger().state
        let leaves = state.leaves
        func batches(changing changed: Int? = nil, path: String = "", value: UInt8 = 0) -> PlacedLeaves {
            var batches = [LeafBatch(), LeafBatch(), LeafBatch()]
            for (index, leaf) in leaves.enumerated() {
                let (suffix, last) = index == changed ? (path, value) : ("", 0)
                let bytes = leaf.value.dropLast() + leaf.value.suffix(1).map { $0 ^ last }
                batches[3 * index / leaves.count].append(path: (leaf.path + suffix).utf8, value: bytes)
            }
            return placed(batches)
        }
        func placed(_ batches: [LeafBatch]) -> PlacedLeaves {
            var placed = PlacedLeaves()
            for batch in batches { placed.append(batch) }
            return placed
        }
        #expect(state.holds(batches(), by: InTurn()))
        #expect(state.holds(PlacedLeaves(), by: InTurn()))
        #expect(batches().count == leaves.count)
        #expect(batches().isAscending)
        // Out of order within a batch, and from one to the next; and one path twice.
        for order in [[1, 0], [0, 2, 1], [0, 0]] {
            var (together, apart) = (LeafBatch(), [LeafBatch]())
            for index in order {
                together.append(path: leaves[index].path.utf8, value: leaves[index].value)
                var batch = LeafBatch()
                batch.append(path: leaves[index].path.utf8, value: leaves[index].value)
                apart.append(batch)
            }
            #expect(!placed([together]).isAscending)
            #expect(!placed(apart).isAscending)
        }
        for index in leaves.indices {
            #expect(!state.holds(batches(changing: index, value: 1), by: InTurn()))
            #expect(!state.holds(batches(changing: index, path: "0"), by: InTurn()))
        }
    }

    @Test("a milestone is found by its id in its own block, after it, after a change and once restored")
    func milestonesByID() throws {
        var ledger = try TestLedger()
        try ledger.publishRealPlans()
        let report = try ledger.sign(
            TestLedger.report("CN-HN-2020-001", value: "1", at: "2021-03-31"),
            by: "cn-hn"
        )
        var state = ledger.state
        try state.apply(report, context: ledger.context, position: 0)
        #expect(state.milestone(report.value.id)?.state == .effective)
        #expect(ledger.state.milestone(report.value.id) == nil, "the copy alone was changed")
        // Corrected in the block that holds it, and retracted in a later one.
        let content = try TestLedger.content(.value(decimal("2")), at: "2021-03-31")
        let correction = try ledger.sign(
            TestLedger.correction("CN-HN-2020-001", of: report.value.id, content),
            by: "cn-hn"
        )
        try ledger.apply([report, correction])
        #expect(ledger.state.milestone(report.value.id)?.state == .replaced)
        #expect(ledger.state.milestone(correction.value.id)?.state == .effective)
        try ledger.apply(TestLedger.retraction("CN-HN-2020-001", of: correction.value.id), by: "cn-hn")
        let restored = try LedgerState(restoring: ledger.state.leaves)
        for state in [ledger.state, restored] {
            #expect(state.milestone(report.value.id)?.changedBy == correction.value.id)
            #expect(state.milestone(correction.value.id)?.state == .retracted)
            #expect(
                state.milestones(of: correction.value.subjectID).map(\.id) == [
                    report.value.id, correction.value.id,
                ]
            )
            #expect(
                state.milestoneCount == 2
                    && state.effectiveMilestoneCount(of: correction.value.subjectID) == 0
            )
            #expect(!state.hasFictionalMilestones)
        }
    }

    @Test("restored from leaves that were decoded in parts, it is the same; a leaf in two parts is refused")
    func restoredInParts() throws {
        let ledger = try busyLedger()
        var random = SeededGenerator(seed: 5)
        let leaves = ledger.state.leaves.shuffled(using: &random)
        for count in [1, 2, 7, leaves.count] {
            let parts = try (0..<count).map { part in
                try DecodedLeaves(
                    stride(from: part, to: leaves.count, by: count).map { leaves[$0] }
                )
            }
            let restored = try LedgerState(restoring: parts)
            #expect(restored.root == ledger.state.root)
            #expect(restored.leaves.map(\.path) == ledger.state.leaves.map(\.path))
            #expect(restored.leaves.map(\.value) == ledger.state.leaves.map(\.value))
            #expect(restored.milestoneCount == ledger.state.milestoneCount)
        }
        for leaf in leaves {
            let parts = [try DecodedLeaves(leaves), try DecodedLeaves([leaf])]
            #expect(throws: StateError.badPath(leaf.path)) { try LedgerState(restoring: parts) }
        }
    }

    @Test("restored from leaves in one piece of memory, it is the same; a path in capitals is none")
    func restoredInOnePiece() throws {
        let ledger = try busyLedger()
        var batch = LeafBatch()
        for leaf in ledger.state.leaves { batch.append(path: leaf.path.utf8, value: leaf.value) }
        let restored = try LedgerState(restoring: [try DecodedLeaves(batch)])
        #expect(restored.root == ledger.state.root)
        #expect(restored.leaves.map(\.value) == ledger.state.leaves.map(\.value))
        let milestone = try #require(ledger.state.leaves.first { $0.path.hasPrefix("milestone/") })
        for path in [
            "milestone/" + milestone.path.dropFirst(10).uppercased(), milestone.path + "0", "milestone/",
        ] {
            var batch = LeafBatch()
            batch.append(path: path.utf8, value: milestone.value)
            #expect(throws: StateError.badPath(path)) { try DecodedLeaves(batch) }
        }
        var broken = LeafBatch()
        broken.append(path: [0xFF], value: milestone.value)
        #expect(throws: StateError.self) { try DecodedLeaves(broken) }
    }

    @Test("restored from its leaves, in any order, it is the same and goes on the same")
    func restored() throws {
        let ledger = try busyLedger()
        var random = SeededGenerator(seed: 3)
        let leaves = ledger.state.leaves.shuffled(using: &random)
        let restored = try LedgerState(restoring: leaves)
        #expect(restored.root == ledger.state.root)
        #expect(restored.members == ledger.state.members)
        #expect(restored.plans == ledger.state.plans)
        #expect(restored.commitments == ledger.state.commitments)
        #expect(restored.validators == ledger.state.validators)
        #expect(restored.parameters == ledger.state.parameters)
        #expect(restored.units == ledger.state.units && restored.sectors == ledger.state.sectors)
        for commitment in ledger.state.commitments {
            #expect(restored.milestones(of: commitment.id) == ledger.state.milestones(of: commitment.id))
            #expect(
                restored.effectiveMilestones(of: commitment.id)
                    == ledger.state.effectiveMilestones(of: commitment.id)
            )
        }
        // The indexes are there too: the same transaction leads to the same block, or refusal.
        var signer = ledger
        for (value, periodEnd) in [("4", "2021-07-01"), ("2", "2021-07-01"), ("1", "2021-06-30")] {
            let transaction = try signer.sign(
                TestLedger.report("CN-HN-2020-001", value: value, at: periodEnd),
                by: "cn-hn"
            )
            var outcomes: [Result<Digest, Refusal>] = []
            for state in [ledger.state, restored] {
                var execution = BlockExecution(on: state, context: ledger.context)
                do throws(Refusal) {
                    try execution.apply(transaction)
                    outcomes.append(.success(execution.finish().state.root))
                } catch {
                    outcomes.append(.failure(error))
                }
            }
            #expect(outcomes[0] == outcomes[1])
        }
    }

    @Test(
        "the root of a block is the same where nobody asks for its leaves, and a leaf changed twice is told once"
    )
    func withoutLeaves() throws {
        var ledger = try TestLedger()
        try ledger.publishRealPlans()
        let report = try ledger.sign(
            TestLedger.report("CN-HN-2020-001", value: "1", at: "2021-03-31"),
            by: "cn-hn"
        )
        let content = try TestLedger.content(.value(decimal("2")), at: "2021-03-31")
        let correction = try ledger.sign(
            TestLedger.correction("CN-HN-2020-001", of: report.value.id, content),
            by: "cn-hn"
        )
        func executed() throws -> BlockExecution {
            var execution = BlockExecution(on: ledger.state, context: ledger.context)
            try execution.apply(report)
            try execution.apply(correction)
            return execution
        }
        let (state, changes) = try executed().finish()
        let (same, none) = try executed().finish(keepsLeaves: false)
        #expect(same.root == state.root)
        #expect(none.isEmpty)
        #expect(changes.count == 2)
        #expect(changes.allSatisfy { state.holds($0) })
    }

    @Test("every leaf is proved present, and what is not there absent")
    func proofs() throws {
        let state = try busyLedger().state
        for leaf in state.leaves {
            let proof = state.proof(path: leaf.path)
            #expect(proof.verify(root: state.root, path: leaf.path, value: leaf.value))
            #expect(state.leaf(at: leaf.path) == leaf.value)
        }
        let absent = "commitment/CN-HN-2020-099"
        #expect(state.leaf(at: absent) == nil)
        #expect(state.proof(path: absent).verify(root: state.root, path: absent, value: nil))
    }

    @Test("the order of blocks' transactions that don't depend on each other does not change the records")
    func determinism() throws {
        let one = try busyLedger().state
        let two = try busyLedger().state
        #expect(one.root == two.root)
        #expect(one.leaves.map(\.path) == two.leaves.map(\.path))
    }

    @Test("an empty block changes nothing")
    func emptyBlock() throws {
        let ledger = try busyLedger()
        let (state, changes) = BlockExecution(on: ledger.state, context: ledger.context).finish()
        #expect(state.root == ledger.state.root && changes.isEmpty)
    }

    @Test("an older state stays what it was")
    func olderState() throws {
        var ledger = try TestLedger()
        let old = ledger.state
        let root = old.root
        try ledger.publishRealPlans()
        #expect(old.root == root && old.plans.isEmpty && old.commitments.isEmpty)
        #expect(ledger.state.root != root)
    }

    // MARK: - Leaves that are no state

    @Test("leaves that are missing, repeated, unknown or contradict each other are refused, naming the path")
    func refusedLeaves() throws {
        let ledger = try busyLedger()
        let leaves = ledger.state.leaves
        func leaf(_ prefix: String) throws -> (path: String, value: [UInt8]) {
            try #require(leaves.first { $0.path.hasPrefix(prefix) })
        }
        func error(_ change: (inout [(path: String, value: [UInt8])]) throws -> Void) throws -> StateError? {
            var changed = leaves
            try change(&changed)
            do throws(StateError) {
                _ = try LedgerState(restoring: changed)
                return nil
            } catch {
                return error
            }
        }
        #expect(try error { _ in } == nil)
        let plan = try leaf("plan/")
        #expect(try error { $0.append(plan) } == .badPath(plan.path))
        #expect(try error { $0.append((path: "cake/1", value: [0])) } == .badPath("cake/1"))
        #expect(
            try error { $0.removeAll { $0.path == "version/CN-HN-2020-001/1" } }
                == .missing(path: "version/CN-HN-2020-001/1", neededBy: "commitment/CN-HN-2020-001")
        )
        #expect(
            try error { $0.removeAll { $0.path == "commitment/CN-HN-2020-001" } } != nil
        )
        let member = try #require(MemberID("watch"))
        #expect(try error { $0.removeAll { $0.path == "member/\(member)" } } != nil)
        for name in ["delta", "utcOffset", "activation"] {
            guard
                case .badValue("parameter/\(name)", _) = try error({
                    $0.removeAll { $0.path == "parameter/\(name)" }
                })
            else {
                Issue.record("the parameter \(name) is required")
                continue
            }
        }
        #expect(
            try error { rows in
                let index = try #require(rows.firstIndex { $0.path == plan.path })
                rows[index].path = "plan/CN-HN-2020-P9"
            } == .contradiction(path: "plan/CN-HN-2020-P9", "it holds the plan CN-BJ-2020-P1")
        )
    }

    @Test(
        "a leaf with a damaged value is refused, or gives another root",
        arguments: 1...4 as ClosedRange<UInt64>
    )
    func damagedLeaves(seed: UInt64) throws {
        let state = try busyLedger().state
        let leaves = state.leaves
        var random = SeededGenerator(seed: seed)
        for _ in 0..<60 {
            var damaged = leaves
            let index = random.below(damaged.count)
            damaged[index].value = Mutation.mutated(damaged[index].value, using: &random)
            guard damaged[index].value != leaves[index].value else { continue }
            if let restored = try? LedgerState(restoring: damaged) {
                #expect(restored.root != state.root)
            }
        }
    }
}

@Suite("A path of the state")
struct StatePathTests {
    @Test("has one text, and every text that is not exactly it is no path")
    func forms() throws {
        let texts = [
            "member/cn-hn", "parameter/maxLifetime", "plan/CN-HN-2020-P1", "commitment/CN-HN-2020-001",
            "version/CN-HN-2020-001/1", "unit/park", "sector/finance",
            "delegation/\(String(repeating: "0a", count: 32))",
            "key/\(String(repeating: "0a", count: 32))", "milestone/\(String(repeating: "0a", count: 32))",
            "attestation/\(String(repeating: "0a", count: 32))",
            "dispute/\(String(repeating: "0a", count: 32))",
            "directive/\(String(repeating: "0a", count: 32))",
            "cosign/\(String(repeating: "0a", count: 32))/cn-hn",
        ]
        for text in texts {
            #expect(StatePath(text)?.text == text)
            #expect(StatePath(text + "/") == nil)
            #expect(StatePath("/" + text) == nil)
            #expect(StatePath(text + "/1") == nil)
        }
        for text in [
            "", "member", "member/", "member/a b", "cake/x", "version/CN-HN-2020-001",
            "version/CN-HN-2020-001/0",
            "version/CN-HN-2020-001/01", "version/CN-HN-2020-001/-1", "parameter/unknown",
            "key/\(String(repeating: "0A", count: 32))", "milestone/00", "attestation/00", "dispute/",
            "cosign/\(String(repeating: "0a", count: 32))", "cosign/00/cn-hn",
            "cosign/\(String(repeating: "0A", count: 32))/cn-hn",
            "cosign/\(String(repeating: "0a", count: 32))/a b",
            "directive/\(String(repeating: "0a", count: 32))/cn-hn",
        ] {
            #expect(StatePath(text) == nil, "\(text)")
        }
    }
}

extension NaiveTree {
    /// The root of a state's leaves, by the definition.
    static func root(of state: LedgerState) -> Digest {
        var entries: [String: [UInt8]] = [:]
        for leaf in state.leaves { entries[leaf.path] = leaf.value }
        return root(of: entries)
    }
}

extension Transaction {
    /// The commitment that a milestone is about.
    fileprivate var subjectID: CommitmentID { CommitmentID(checked: subject.text) }
}
