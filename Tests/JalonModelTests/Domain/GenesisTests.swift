import JalonCodec
import JalonCrypto
import JalonModel
import Testing

@Suite("A sound genesis")
struct GenesisTests {
    @Test("It reads back to the byte, and its hash is the chain and the first block")
    func roundTrip() throws {
        let genesis = try Domain.genesis()
        let decoded = try Genesis.decode(genesis.encoded)
        #expect(decoded == genesis)
        #expect(decoded.encoded == genesis.encoded)
        #expect(genesis.chain.digest == SHA256.hash(genesis.encoded))
        #expect(genesis.blockID.digest == genesis.chain.digest)
        #expect(Genesis.logRoot.hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }

    @Test("The order in which members and roles are given does not matter")
    func order() throws {
        var members = try Domain.members()
        members.reverse()
        members[0].roles.reverse()
        let genesis = try Domain.genesis(members: members)
        #expect(genesis.encoded == (try Domain.genesis().encoded))
        #expect(genesis.members.map(\.id.text) == ["audit", "cn-gz", "cn-hn", "watch"])
        #expect(genesis.member(try #require(MemberID("audit")))?.roles == [.auditor, .regulator])
        #expect(genesis.member(try #require(MemberID("nobody"))) == nil)
    }

    @Test("Its bytes are pinned")
    func pinned() throws {
        let found = try Domain.genesis().chain.hex
        #expect(found == Pinned.genesis, "Genesis is now \(found)")
    }

    @Test("A continuation counts with the signatures of a quorum")
    func continuation() throws {
        let genesis = try Domain.continued(signers: [10, 20, 40])
        #expect(try Genesis.decode(genesis.encoded).continues?.signatures.count == 3)
        let unsigned = try Domain.genesis()
        #expect(unsigned.continuationToBeSigned == nil)
        #expect(genesis.chain != unsigned.chain)
    }

    @Test("A continuation without a quorum, with a stranger's, a repeated or a false signature is refused")
    func refusedContinuation() throws {
        func refusal(_ genesis: Genesis) -> String {
            do { _ = try Genesis.decode(genesis.encoded) } catch { return error.description }
            return "accepted"
        }
        #expect(refusal(try Domain.continued(signers: [10, 20])).contains("2 members"))
        #expect(refusal(try Domain.continued(signers: [])).contains("0 members"))
        #expect(
            refusal(try Domain.continued(signers: [10, 20, 40, 30])).contains("authority keys of validators")
        )
        #expect(
            refusal(try Domain.continued(signers: [10, 20, 40, 11])).contains("authority keys of validators")
        )
        #expect(refusal(try Domain.continued(signers: [10, 20, 40, 40])).contains("ascending"))
        var continuation = try #require(try Domain.continued(signers: [10, 20, 40]).continues)
        continuation.height = Height(1_001)
        #expect(refusal(try Domain.genesis(continues: continuation)).contains("wrong signature"))
    }
}

@Suite("A genesis that breaks a rule is refused, and the error names it")
struct GenesisRefusalTests {
    private static let long = EncodedTree.text(String(repeating: "a", count: 601))

    private static func base() throws -> EncodedTree { EncodedTree(try Domain.genesis().encoded) }

    private static func doubled(_ path: String) throws -> EncodedTree {
        guard case .array(let items) = try base().at(path) else { return [] }
        return .array(items + items.prefix(1))
    }

    // members: 0 audit, 1 cn-gz, 2 cn-hn, 3 watch
    private static let damages: [Damage] = [
        Damage("genesis", "version", "jalon-genesis/2", "version 'jalon-genesis/2'"),
        Damage("genesis", "version", nil, "\"version\""),
        Damage("genesis", "network", "", "is not 1 to 64"),
        Damage("genesis", "time", 253_402_300_800_000, "time is 253402300800000"),
        Damage("genesis", "remark", 1, "\"remark\""),
        Damage("genesis", "units", try doubled("units"), "units is park twice"),
        Damage("genesis", "units.0.name.zh", long, "units.park.name.zh is 601 bytes"),
        Damage("genesis", "sectors", try doubled("sectors"), "sectors is finance twice"),
        Damage("genesis", "sectors.0.name.zh", long, "sectors.finance.name.zh is 601 bytes"),
        Damage("genesis", "sectors.0.gbt4754", "Z", "section of GB/T 4754"),
        Damage("genesis", "members", try doubled("members"), "members is audit twice"),
        Damage("genesis", "members.0.name.zh", long, "members.audit.name.zh is 601 bytes"),
        Damage("genesis", "members.0.roles", [], "members.audit.roles is none"),
        Damage("genesis", "members.0.roles", ["auditor", "auditor"], "members.audit.roles is auditor twice"),
        Damage("genesis", "members.0.roles", ["regulator", "auditor"], "another order"),
        Damage("genesis", "members.0.roles", ["king"], "province, regulator, auditor or observer"),
        Damage("genesis", "members.0.id", "zz", "validators is audit"),
        Damage("genesis", "members.1.region", nil, "members.cn-gz.region is absent"),
        Damage("genesis", "members.1.region", "CN", "members.cn-gz.region is CN"),
        Damage("genesis", "members.1.region", "CN-HN", "members.region is CN-HN twice"),
        Damage("genesis", "members.0.authorityKeys", [], "members.audit.authorityKeys is 0"),
        Damage("genesis", "members.0.nodes", [], "members.audit.nodes is none"),
        Damage("genesis", "members.0.roles", ["observer"], "audit, an observer"),
        Damage("genesis", "members.0.nodes.0.addresses", ["a:1", "a:1"], "a:1 twice"),
        Damage("genesis", "members.0.nodes.0.addresses", ["a"], "an address such as"),
        Damage(
            "genesis",
            "members.0.nodes.0.addresses",
            .array((1..<10).map { .text("a:\($0)") }),
            "at most 8"
        ),
        Damage("genesis", "members.0.nodes.0.key", .bytes([UInt8](repeating: 0, count: 32)), "weak"),
        Damage("genesis", "members.0.nodes.0.key", .bytes([1]), "exactly 32"),
        Damage("genesis", "members.0.recoveryKey", [-7, .bytes([1])], "unknown signature algorithm"),
        Damage("genesis", "parameters.minimumValidators", 4, "at most 3, the validators there are"),
        Damage("genesis", "parameters.delta", 9, "outside the allowed range"),
        Damage("genesis", "parameters.delta", nil, "\"delta\""),
        Damage("genesis", "parameters.atRisk", 900_001, "is above onTrack"),
        Damage("genesis", "parameters.activation", "nobody", "automatic or regulator"),
        Damage("genesis", "parameters.utcOffset", 841, "outside the allowed range"),
        Damage("genesis", "parameters.utcOffset", -721, "outside the allowed range"),
        Damage("genesis", "parameters.statusDate", "2021-7-1", "is not a day"),
        Damage("genesis", "parameters.speed", 1, "\"speed\""),
        Damage("genesis", "validators", [], "one validator at least"),
        Damage("genesis", "validators.0.2", "watch", "watch, an observer"),
        Damage("genesis", "validators.0.2", "nobody", "validators is nobody"),
    ]

    @Test("One damage, one error", arguments: damages)
    func refused(damage: Damage) throws {
        let damaged = try Self.base().setting(damage.path, try damage.value())
        let error = #expect(throws: GenesisError.self) { try Genesis.decode(damaged.encoded) }
        #expect(error?.description.contains(damage.names) == true, "\(error?.description ?? "")")
    }

    @Test("Members in another order are another encoding")
    func memberOrder() throws {
        let base = try Self.base()
        guard case .array(let members) = base.at("members") else { return }
        let damaged = base.setting("members", .array(members.reversed()))
        let error = #expect(throws: GenesisError.self) { try Genesis.decode(damaged.encoded) }
        #expect(error?.description.contains("another order") == true)
    }

    @Test(
        "A key serves one purpose of one member",
        arguments: [
            ("authorityKeys.0", 1, KeyPurpose.authority), ("authorityKeys.0", 2, .authority),
            ("recoveryKey", 1, .recovery),
        ]
    )
    func sharedKeys(path: String, member: Int, purpose: KeyPurpose) throws {
        // 40 is audit's authority key, 41 its recovery key, 42 its node's, 62 its validator's.
        for seed: UInt8 in [40, 41, 42, 62] {
            let key = try Domain.key(seed).publicKey
            let damaged = try Self.base().setting("members.\(member).\(path)", [-8, .bytes(key.raw)])
            let error = #expect(throws: GenesisError.self) { try Genesis.decode(damaged.encoded) }
            guard case .repeatedKey(let found, let first, let second) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(found == key.id)
            #expect([first.purpose, second.purpose].contains(purpose))
        }
    }

    @Test("A member's own keys are never shared either")
    func ownKeys() throws {
        for (path, seed) in [
            ("recoveryKey", 40), ("recoveryKey", 42), ("authorityKeys.0", 62), ("authorityKeys.1", 40),
        ] {
            let key = try Domain.key(UInt8(seed)).publicKey
            let damaged = try Self.base().setting("members.0.\(path)", [-8, .bytes(key.raw)])
            let error = #expect(throws: GenesisError.self) { try Genesis.decode(damaged.encoded) }
            #expect(error?.description.contains("each key serves one purpose") == true)
        }
    }

    @Test("Lists in memory obey the lengths of the encoding")
    func memory() throws {
        var members = try Domain.members()
        members[0].nodes = Array(repeating: members[0].nodes[0], count: 9)
        #expect(throws: GenesisError.invalid(field: "members.cn-hn.nodes", found: "9", expected: "at most 8"))
        {
            try Domain.genesis(members: members)
        }
        members = try Domain.members()
        members[0].authorityKeys = Array(repeating: members[0].authorityKeys[0], count: 9)
        #expect(
            throws: GenesisError.invalid(field: "members.cn-hn.authorityKeys", found: "9", expected: "1 to 8")
        ) {
            try Domain.genesis(members: members)
        }
        members = try Domain.members()
        members[0].nodes[0].addresses = try (1..<10).map { try #require(NodeAddress("a:\($0)")) }
        #expect(
            throws: GenesisError.invalid(
                field: "members.cn-hn.nodes.addresses",
                found: "9",
                expected: "at most 8"
            )
        ) {
            try Domain.genesis(members: members)
        }
        members = try (0..<257).map { index in
            var member = try Domain.members()[0]
            member.id = try #require(MemberID("m\(index)"))
            return member
        }
        #expect(throws: GenesisError.invalid(field: "members", found: "257", expected: "at most 256")) {
            try Domain.genesis(members: members)
        }
        var parameters = Parameters(validatorCount: 3)
        parameters.maxSkewMilliseconds = 0
        #expect(throws: GenesisError.self) { try Domain.genesis(parameters: parameters) }
    }

    @Test("A genesis longer than its limit is refused unread")
    func tooLong() {
        #expect(throws: GenesisError.malformed(.tooLong(count: 1_048_577, limit: 1_048_576, offset: 0))) {
            try Genesis.decode([UInt8](repeating: 0, count: 1_048_577))
        }
    }
}

@Suite("The parameters")
struct ParametersTests {
    @Test(
        "Leaves read back as the parameters they were made of, with and without a status date",
        arguments: [
            nil, "2021-07-01",
        ]
    )
    func leaves(statusDate: String?) throws {
        var parameters = Parameters()
        parameters.statusDate = try statusDate.map(Domain.day)
        parameters.utcOffsetMinutes = -300
        parameters.activation = .regulator
        parameters.onTrack = PartsPerMillion(950_000)
        let leaves = parameters.leaves
        #expect(leaves.count == (statusDate == nil ? 15 : 16))
        let back = try Parameters { parameter in leaves.first { $0.parameter == parameter }?.value }
        #expect(back == parameters)
        #expect(try Parameters.decode(parameters.encoded) == parameters)
    }

    @Test("A leaf that is missing, of another kind, out of range or not alone is refused")
    func refusedLeaves() throws {
        var parameters = Parameters()
        #expect(throws: CBORError.self) { try parameters.set(.delta, encodedValue: nil) }
        #expect(throws: CBORError.self) {
            try parameters.set(.delta, encodedValue: EncodedTree.text("500").encoded)
        }
        #expect(throws: CBORError.self) {
            try parameters.set(.delta, encodedValue: EncodedTree.integer(9).encoded)
        }
        #expect(throws: CBORError.self) {
            try parameters.set(.delta, encodedValue: [0x19, 0x01, 0xF4, 0x00])
        }
        #expect(throws: CBORError.self) { try parameters.set(.statusDate, encodedValue: [0xF6]) }
        #expect(parameters == Parameters())
        try parameters.set(.delta, encodedValue: [0x19, 0x01, 0xF5])
        #expect(parameters.deltaMilliseconds == 501)
        try parameters.set(.statusDate, encodedValue: nil)
        #expect(parameters.statusDate == nil)
    }

    @Test("Every number may be at the ends of its range, and no further", arguments: Parameter.allCases)
    func ranges(parameter: Parameter) throws {
        guard let range = Parameters.range(of: parameter) else { return }
        for value in [range.lowerBound, range.upperBound] {
            var parameters = Parameters()
            let encoded = EncodedTree.integer(Int64(value)).encoded
            try parameters.set(parameter, encodedValue: encoded)
            #expect(parameters.encodedValue(of: parameter) == encoded)
        }
        var parameters = Parameters()
        for value in [Int64(range.lowerBound) - 1, Int64(range.upperBound) + 1] {
            #expect(throws: CBORError.self) {
                try parameters.set(parameter, encodedValue: EncodedTree.integer(value).encoded)
            }
        }
    }

    @Test(
        "A small network may not be asked for more validators than it has",
        arguments: [(1, 1), (3, 3), (4, 4), (34, 4)]
    )
    func minimumValidators(count: Int, expected: UInt64) {
        #expect(Parameters(validatorCount: count).minimumValidatorCount == expected)
    }

    @Test("The names stand in the order of the genesis' map")
    func order() {
        let encoded = Parameter.allCases.map { EncodedTree.text($0.rawValue).encoded }
        #expect(encoded == encoded.sorted { $0.lexicographicallyPrecedes($1) })
    }
}
