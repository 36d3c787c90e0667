import JalonCodec
import JalonCrypto
import JalonModel
import JalonTestKit
import Testing

@Suite("The bodies of a commitment's life, of amendments and of delegations")
struct LifeBodyTests {
    // MARK: - Refusals

    private static func base(_ name: String) throws -> TransactionBody {
        switch name {
        case "amend": .commitmentAmend(try Domain.amendment())
        case "full": .commitmentAmend(try Domain.fullAmendment())
        case "editorial": .commitmentAmend(try Domain.editorialAmendment())
        case "grant": .delegationGrant(try Domain.grant())
        case "listed": .delegationGrant(try Domain.listedGrant())
        case "revoke": .delegationRevoke(try Domain.revocation())
        default:
            .commitmentTransition(
                try #require(Domain.transitions().first { $0.step.type.rawValue.hasSuffix(".\(name)") })
            )
        }
    }

    private static let transitions: [Damage] = [
        Damage("withdraw", "reason", nil, "reason is absent"),
        Damage("cancel", "reason", nil, "reason is absent"),
        Damage("supersede", "reason", nil, "reason is absent"),
        Damage("suspend", "reason", nil, "reason is absent"),
        Damage("resume", "reason", nil, "reason is absent"),
        Damage("close", "reason", nil, "reason is absent"),
        Damage("close", "reason", "", "empty"),
        Damage("close", "id", nil, "\"id\""),
        Damage("close", "id", "a b", "is not 1 to 64"),
        Damage("close", "type", "commitment.amend", "\"class\""),
        Damage("close", "reasonCode", "x", "\"reasonCode\""),
        Damage("supersede", "successor", nil, "successor is absent"),
        Damage("supersede", "successor", "CN-HN-2020-001", "successor is CN-HN-2020-001"),
        Damage("supersede", "successor", "", "is not 1 to 64"),
        Damage(
            "activate",
            "successor",
            "CN-HN-2020-005",
            "no such field, since the type is commitment.activate"
        ),
        Damage("cancel", "successor", "CN-HN-2020-005", "no such field, since the type is commitment.cancel"),
    ]

    private static let amendments: [Damage] = [
        Damage("amend", "id", nil, "\"id\""),
        Damage("amend", "class", nil, "\"class\""),
        Damage("amend", "class", "minor", "editorial or material"),
        Damage("amend", "class", "editorial", "since target changes"),
        Damage("amend", "reason", nil, "\"reason\""),
        Damage("amend", "reasonCode", nil, "\"reasonCode\""),
        Damage("amend", "reasonCode", "New plan", "a reason code"),
        Damage("amend", "expectedVersion", nil, "\"expectedVersion\""),
        Damage("amend", "expectedVersion", 0, "outside the allowed range"),
        Damage("amend", "changes", nil, "\"changes\""),
        Damage("amend", "changes.target", nil, "changes is empty"),
        Damage("amend", "changes.target.op", "eq", "ge, gt, le, lt"),
        Damage("amend", "changes.id", "CN-HN-2020-009", "\"id\" can't be changed"),
        Damage("amend", "changes.plan", "CN-HN-2020-P2", "\"plan\" can't be changed"),
        Damage("amend", "changes.region", "CN-HE", "\"region\" can't be changed"),
        Damage("amend", "changes.joint", ["cn-gz"], "\"joint\" can't be changed"),
        Damage("amend", "changes.remark", "x", "\"remark\""),
        Damage("amend", "changes.baseline", 5, "a text"),
        Damage("full", "changes.themes", .array((0..<65).map { .text("a\($0)") }), "at most 64"),
        Damage("full", "changes.trajectory", .array(Array(repeating: "x", count: 65)), "at most 64"),
        Damage("amend", "removes", nil, "\"removes\""),
        Damage("amend", "removes", ["title"], "removes is title"),
        Damage("amend", "removes", ["remark"], "is not curve, start"),
        Damage("amend", "removes", ["joint"], "is not curve, start"),
        Damage("amend", "removes", ["source", "source"], "removes is source twice"),
        Damage("editorial", "removes", ["description"], "not changed at the same time"),
        Damage("editorial", "removes", ["deadline"], "since deadline changes"),
        Damage("amend", "removes", .array(Array(repeating: "source", count: 19)), "at most 18"),
        Damage("full", "source.quote", nil, "source.quote is absent"),
        Damage("amend", "successor", "x", "\"successor\""),
    ]

    private static let delegations: [Damage] = [
        Damage("grant", "key", nil, "\"key\""),
        Damage("grant", "key.1", .bytes([UInt8](repeating: 0, count: 32)), "weak"),
        Damage("grant", "proof", nil, "\"proof\""),
        Damage("grant", "proof", .bytes([1]), "exactly 64"),
        Damage("grant", "types", [], "types is none"),
        Damage(
            "grant",
            "types",
            ["milestone.report", "milestone.report"],
            "types is milestone.report twice"
        ),
        Damage("grant", "types", ["plan.burn"], "is not plan.publish"),
        Damage("grant", "types", .array(Array(repeating: "cosign", count: 65)), "at most 64"),
        Damage("grant", "all", nil, "either all or commitments"),
        Damage("grant", "all", false, "may only be true"),
        Damage("grant", "commitments", ["CN-HN-2020-001"], "either all or commitments"),
        Damage("listed", "commitments", [], "commitments is none"),
        Damage(
            "listed",
            "commitments",
            ["CN-HN-2020-001", "CN-HN-2020-001"],
            "commitments is CN-HN-2020-001 twice"
        ),
        Damage("listed", "commitments", .array((0..<65).map { .text("a\($0)") }), "at most 64"),
        Damage("listed", "types", ["plan.publish"], "since a plan is none"),
        Damage("grant", "member", nil, "\"member\""),
        Damage("grant", "expires", nil, "\"expires\""),
        Damage("grant", "expires", -1, "outside the allowed range"),
        Damage("revoke", "key", .bytes([1]), "exactly 32"),
        Damage("revoke", "member", nil, "\"member\""),
        Damage("revoke", "reason", "", "empty"),
        Damage("revoke", "types", [], "\"types\""),
    ]

    @Test("One damage, one error", arguments: transitions + amendments + delegations)
    func refused(damage: Damage) throws {
        let base = EncodedTree(try Self.base(damage.base).encoded)
        _ = try TransactionBody.decode(base.encoded)
        let damaged = base.setting(damage.path, try damage.value())
        let error = #expect(throws: BodyError.self) { try TransactionBody.decode(damaged.encoded) }
        #expect(error?.description.contains(damage.names) == true, "\(error?.description ?? "")")
    }

    // MARK: - What they say

    @Test("A regulator's step needs no reason", arguments: [LifeStep.activate, .return])
    func noReason(step: LifeStep) throws {
        let body = CommitmentTransition(step, try #require(CommitmentID("CN-HN-2020-001")))
        #expect(try TransactionBody.decode(body.encoded) == .commitmentTransition(body))
    }

    @Test("Each is about the commitment or the member that it names, and has its own type")
    func subjects() throws {
        let bodies = try Domain.lifeBodies()
        #expect(bodies.prefix(11).allSatisfy { $0.subject.text == "CN-HN-2020-001" })
        #expect(bodies.dropFirst(11).allSatisfy { $0.subject.text == "cn-hn" })
        #expect(Set(bodies.map(\.type)).count == 8 + 1 + 2)
        for step in LifeStep.allCases { #expect(step.type.rawValue == "commitment.\(step)") }
    }

    @Test("An amendment changes the fields that it names, and no other")
    func applied() throws {
        let before = try Domain.full()
        var expected = before
        expected.target = .bound(.ge, try Domain.decimal("1000"))
        #expect(try Domain.amendment().applied(to: before) == expected)

        let all = try Domain.fullAmendment()
        let after = all.applied(to: try Domain.bound())
        expected = before
        (expected.id, expected.plan, expected.joint) = (
            try Domain.bound().id, try Domain.bound().plan, try Domain.bound().joint
        )
        (expected.description, expected.baseline) = (nil, nil)
        (expected.deadline, expected.counterparties) = (nil, nil)
        #expect(after == expected)
        #expect(all.changes.fields.count + all.removes.count == CommitmentField.allCases.count)
        #expect(CommitmentChanges().fields.isEmpty)
    }

    @Test("What is editorial leaves alone what the promise is judged by", arguments: CommitmentField.allCases)
    func editorial(field: CommitmentField) {
        let words: [CommitmentField] = [.title, .description, .sectors, .themes, .related, .source]
        #expect(field.isEditorial == words.contains(field))
    }

    @Test("A key's proof holds for one member, one chain and one purpose")
    func possession() throws {
        let grant = try Domain.grant()
        func statement(
            purpose: String = DelegationGrant.purpose,
            key: PublicKey? = nil,
            member: MemberID? = nil,
            chain: ChainID = Domain.chain
        ) -> [UInt8] {
            Possession.statement(
                purpose: purpose,
                key: key ?? grant.key,
                member: member ?? grant.member,
                chain: chain
            )
        }
        #expect(grant.key.isValid(signature: grant.proof, for: statement()))
        #expect(statement() != statement(chain: ChainID(SHA256.hash([8]))))
        #expect(statement() != statement(member: MemberID("cn-gz")))
        #expect(statement() != statement(key: try Domain.key(71).publicKey))
        #expect(statement() != statement(purpose: "authority"))
    }

    // MARK: - Golden vectors

    /// Made by an encoder of its own, in the order of the bodies but for the amendment of everything.
    private static let vectors: [(type: String, hex: String)] = [
        (
            "commitment.activate",
            """
            a36269646e434e2d484e2d323032302d303031647479706573636f6d6d69746d656e742e616374697661746566726561
            736f6e6ce8a784e58892e8b083e695b4
            """
        ),
        (
            "commitment.return",
            """
            a36269646e434e2d484e2d323032302d303031647479706571636f6d6d69746d656e742e72657475726e66726561736f
            6e6ce8a784e58892e8b083e695b4
            """
        ),
        (
            "commitment.withdraw",
            """
            a36269646e434e2d484e2d323032302d303031647479706573636f6d6d69746d656e742e776974686472617766726561
            736f6e6ce8a784e58892e8b083e695b4
            """
        ),
        (
            "commitment.cancel",
            """
            a36269646e434e2d484e2d323032302d303031647479706571636f6d6d69746d656e742e63616e63656c66726561736f
            6e6ce8a784e58892e8b083e695b4
            """
        ),
        (
            "commitment.supersede",
            """
            a46269646e434e2d484e2d323032302d303031647479706574636f6d6d69746d656e742e737570657273656465667265
            61736f6e6ce8a784e58892e8b083e695b469737563636573736f726e434e2d484e2d323032302d303035
            """
        ),
        (
            "commitment.suspend",
            """
            a36269646e434e2d484e2d323032302d303031647479706572636f6d6d69746d656e742e73757370656e646672656173
            6f6e6ce8a784e58892e8b083e695b4
            """
        ),
        (
            "commitment.resume",
            """
            a36269646e434e2d484e2d323032302d303031647479706571636f6d6d69746d656e742e726573756d6566726561736f
            6e6ce8a784e58892e8b083e695b4
            """
        ),
        (
            "commitment.close",
            """
            a36269646e434e2d484e2d323032302d303031647479706570636f6d6d69746d656e742e636c6f736566726561736f6e
            6ce8a784e58892e8b083e695b4
            """
        ),
        (
            "commitment.amend",
            """
            a86269646e434e2d484e2d323032302d303031647479706570636f6d6d69746d656e742e616d656e6465636c61737368
            6d6174657269616c66726561736f6e6ce8a784e58892e8b083e695b4676368616e676573a166746172676574a2626f70
            6267656576616c756564313030306772656d6f766573806a726561736f6e436f6465676e6577506c616e6f6578706563
            74656456657273696f6e01
            """
        ),
        (
            "commitment.amend",
            """
            a86269646e434e2d484e2d323032302d303031647479706570636f6d6d69746d656e742e616d656e6465636c61737369
            656469746f7269616c66726561736f6e6ce8a784e58892e8b083e695b4676368616e676573a2657469746c65a262656e
            781b33302030303020656e746572707269736573206f6e20636861696e627a6875e4b889e4b887e5aeb6e4bc81e4b89a
            e4b88ae993be6b6465736372697074696f6ea1627a6866e8afb4e6988e6772656d6f7665738166736f757263656a7265
            61736f6e436f6465676e6577506c616e6f657870656374656456657273696f6e01
            """
        ),
        (
            "delegation.grant",
            """
            a763616c6cf5636b657982275820ee93a4f66f8d16b819bb9beb9ffccdfcdc1412e87fee6a324c2a99a1e0e671486474
            7970657064656c65676174696f6e2e6772616e746570726f6f66584054922e3f3907c66304ff71d81d8a3d2b9fd55c0c
            6a452088b8b046a09bd7042fd9d841dec4613f8fae70ec80b7c949075fd3b8101a2f66c4690d54f14ac20c0d65747970
            657382706d696c6573746f6e652e7265706f7274716d696c6573746f6e652e636f7272656374666d656d62657265636e
            2d686e67657870697265731b000001802ba9f400
            """
        ),
        (
            "delegation.grant",
            """
            a7636b657982275820ee93a4f66f8d16b819bb9beb9ffccdfcdc1412e87fee6a324c2a99a1e0e6714864747970657064
            656c65676174696f6e2e6772616e746570726f6f66584054922e3f3907c66304ff71d81d8a3d2b9fd55c0c6a452088b8
            b046a09bd7042fd9d841dec4613f8fae70ec80b7c949075fd3b8101a2f66c4690d54f14ac20c0d65747970657382706d
            696c6573746f6e652e7265706f7274716d696c6573746f6e652e636f7272656374666d656d62657265636e2d686e6765
            7870697265731b000001802ba9f4006b636f6d6d69746d656e7473826e434e2d484e2d323032302d3030316e434e2d48
            4e2d323032302d303032
            """
        ),
        (
            "delegation.revoke",
            """
            a4636b65795820e7b0d810e72079f73b3a037f17c125e3a1be603f4c934a5ccbcc0704b6c3446864747970657164656c
            65676174696f6e2e7265766f6b65666d656d62657265636e2d686e66726561736f6e6ce4babae59198e8b083e58aa8
            """
        ),
    ]

    @Test("Each is reproduced to the byte")
    func golden() throws {
        let full = TransactionBody.commitmentAmend(try Domain.fullAmendment())
        let bodies = try Domain.lifeBodies().filter { $0 != full }
        try #require(bodies.count == Self.vectors.count)
        for (body, vector) in zip(bodies, Self.vectors) {
            #expect(body.type.rawValue == vector.type)
            #expect(body.encoded == bytes(vector.hex))
            #expect(try TransactionBody.decode(bytes(vector.hex)) == body)
        }
    }
}
