import JalonCodec
import JalonCrypto
import JalonModel
import JalonTestKit
import Testing

@Suite("A certificate")
struct CertificateTests {
    let network: TestNetwork
    let verifier = KeySignatureVerifier()
    let ballot = Ballot.finalize(View(9), .of("b"), logRoot: .of("root"))

    init() throws {
        network = try TestNetwork(validatorCount: 7, epoch: 1)
    }

    private func accepts(_ certificate: Certificate) -> Bool {
        certificate.verified(in: network.context, by: verifier) != nil
    }

    @Test("of any quorum or more, and of every kind, is accepted", arguments: VoteTests.ballots)
    func accepted(_ ballot: Ballot) throws {
        for signers in [[0, 1, 2, 3, 4], [2, 3, 4, 5, 6], [6, 4, 2, 0, 1], [0, 1, 2, 3, 4, 5, 6]] {
            let votes = network.votes(ballot, by: signers)
            let certificate = try #require(Certificate.assembled(from: votes, in: network.context)).value
            #expect(accepts(certificate))
            #expect(certificate.signers(in: network.context)?.map(\.value) == signers.sorted())
            #expect(
                certificate.votes(in: network.context) == votes.map(\.value).sorted { $0.signer < $1.signer }
            )
            #expect(try WireSample.decode(certificate.encoded, Certificate.init(from:)) == certificate)
            #expect(certificate.kind == ballot.kind)
            #expect(certificate.view == ballot.view)
            #expect(certificate.block == ballot.block)
        }
    }

    @Test("of all sizes of networks fits into its frame", arguments: [1, 2, 3, 4, 7, 8, 9, 16, 17, 33, 34])
    func sizes(n: Int) throws {
        let network = try TestNetwork(validatorCount: n)
        let votes = network.votes(ballot, by: 0..<n)
        let certificate = try #require(Certificate.assembled(from: votes, in: network.context)).value
        #expect(certificate.bitmap.count == (n + 7) / 8)
        #expect(certificate.verified(in: network.context, by: verifier) != nil)
        #expect(certificate.encoded.count <= Certificate.maximumByteCount)
        #expect(try WireSample.decode(certificate.encoded, Certificate.init(from:)) == certificate)
        #expect(
            Certificate.assembled(
                from: votes.dropLast(n - network.context.validators.quorum + 1),
                in: network.context
            ) == nil
        )
    }

    @Test("is not made of too few, repeated or differing votes")
    func notAssembled() throws {
        let context = network.context
        #expect(Certificate.assembled(from: [], in: context) == nil)
        #expect(Certificate.assembled(from: network.votes(ballot, by: 0..<4), in: context) == nil)
        #expect(Certificate.assembled(from: network.votes(ballot, by: [0, 1, 2, 3, 3]), in: context) == nil)
        let others: [Ballot] = [
            .notarize(View(9), .of("b")), .finalize(View(9), .of("b"), logRoot: .of("another")),
            .finalize(View(8), .of("b"), logRoot: .of("root")),
            .finalize(View(9), .of("c"), logRoot: .of("root")),
        ]
        for other in others {
            let votes = network.votes(ballot, by: 0..<4) + network.votes(other, by: [4])
            #expect(Certificate.assembled(from: votes, in: context) == nil)
        }
        let earlier = try TestNetwork(validatorCount: 7, epoch: 0)
        #expect(Certificate.assembled(from: earlier.votes(ballot, by: 0..<5), in: context) == nil)
    }

    @Test("with anything changed is refused")
    func refused() throws {
        let valid = network.certificate(ballot)
        #expect(valid.bitmap == [0b1111_1000])
        func variant(
            epoch: UInt64 = 1,
            ballot: Ballot? = nil,
            bitmap: [UInt8]? = nil,
            signatures: [UInt8]? = nil
        ) -> Certificate {
            Certificate(
                epoch: Epoch(epoch),
                ballot: ballot ?? valid.ballot,
                bitmap: bitmap ?? valid.bitmap,
                signatures: signatures ?? valid.signatures
            )
        }
        let signatures = valid.signatures
        let swapped = Array(signatures[64..<128] + signatures[..<64] + signatures[128...])
        var flipped = signatures
        flipped[300] ^= 1
        let first = Array(signatures[..<64])
        let wrong: [(String, Certificate)] = [
            ("q − 1 signers", variant(bitmap: [0b1111_0000], signatures: Array(signatures.dropLast(64)))),
            ("no signer", variant(bitmap: [0], signatures: [])),
            ("a bit without a signature", variant(bitmap: [0b1111_1100])),
            ("a signature without a bit", variant(signatures: signatures + first)),
            ("a bit less", variant(bitmap: [0b1111_0000])),
            ("the padding bit", variant(bitmap: [0b1111_1001])),
            (
                "the padding bit with a signature",
                variant(bitmap: [0b1111_1001], signatures: signatures + first)
            ),
            ("another signer's bit", variant(bitmap: [0b1111_0100])),
            ("a bitmap of no bytes", variant(bitmap: [])),
            ("a bitmap of two bytes", variant(bitmap: [0b1111_1000, 0])),
            ("one signature for all", variant(signatures: Array((0..<5).map { _ in first }.joined()))),
            ("two signatures swapped", variant(signatures: swapped)),
            ("a flipped bit", variant(signatures: flipped)),
            ("one byte more", variant(signatures: signatures + [0])),
            ("one byte less", variant(signatures: signatures.dropLast())),
            ("no signatures", variant(signatures: [])),
            ("an earlier epoch", variant(epoch: 0)),
            ("a later epoch", variant(epoch: 2)),
            ("another view", variant(ballot: .finalize(View(10), .of("b"), logRoot: .of("root")))),
            ("another block", variant(ballot: .finalize(View(9), .of("c"), logRoot: .of("root")))),
            ("another root", variant(ballot: .finalize(View(9), .of("b"), logRoot: .of("another")))),
            ("another kind", variant(ballot: .notarize(View(9), .of("b")))),
        ]
        #expect(accepts(valid))
        for (name, certificate) in wrong { #expect(!accepts(certificate), "\(name)") }
    }

    @Test("of one set of validators is refused under another")
    func otherValidators() throws {
        let valid = network.certificate(ballot)
        for other in [
            try TestNetwork(validatorCount: 7, firstSeed: 50, epoch: 1),
            try TestNetwork(validatorCount: 6, epoch: 1),
            try TestNetwork(validatorCount: 8, epoch: 1), try TestNetwork(validatorCount: 9, epoch: 1),
            try TestNetwork(validatorCount: 7, epoch: 1, network: "another"),
        ] {
            #expect(valid.verified(in: other.context, by: verifier) == nil)
        }
    }

    static let patches: [Patch] = [
        Patch("kind 4", [0], .replace("04"), "unknown kind"),
        Patch("a notarization with a root", [0], .replace("01"), "log root"),
        Patch("view 0", [2], .replace("00"), "view 0"),
        Patch("a finalization without a block", [3], .replace(Hexes.zeros), "no block"),
        Patch("a root of 31 bytes", [4], .replace(Hexes.shortDigest), "32"),
        Patch("without a root", [4], .remove, "exactly 32"),
        Patch("a bitmap of 6 bytes", [5], .replace("46000000000000"), "at most 5"),
        Patch(
            "signatures of 35 validators",
            [6],
            .replace("5908c0" + String(repeating: "00", count: 2_240)),
            "2176"
        ),
        Patch("one item more", [7], .insert("00"), "length"),
        Patch("two items fewer", [5], .remove, "byte"),
    ]

    @Test("in another form is refused", arguments: patches)
    func decoding(_ patch: Patch) throws {
        try patch.expectRefusal(of: network.certificate(ballot).encoded, Certificate.init(from:))
    }
}

@Suite("The validators of an epoch")
struct ValidatorSetTests {
    private func validator(_ seed: UInt8, _ member: String) throws -> Validator {
        Validator(
            key: try PrivateKey(seed: [UInt8](repeating: seed, count: 32)).publicKey,
            member: MemberID(checked: member)
        )
    }

    @Test("stand in the order of their raw keys, whatever order they came in")
    func order() throws {
        let validators = try (1...9).map { try validator($0, "m\($0)") }
        let set = try ValidatorSet(validators)
        #expect(try ValidatorSet(validators.reversed()) == set)
        for (left, right) in zip(set.validators, set.validators.dropFirst()) {
            #expect(left.key.raw.lexicographicallyPrecedes(right.key.raw))
        }
        for index in set.indices {
            let validator = try #require(set[index])
            #expect(set.index(of: validator.key.id) == index)
            #expect(set.index(of: validator.member) == index)
        }
        #expect(set[ValidatorIndex(9)] == nil)
        #expect(set[ValidatorIndex(-1)] == nil)
        #expect(set.index(of: KeyID(.zero)) == nil)
        #expect(try WireSample.decode(set.encoded, ValidatorSet.init(from:)) == set)
        #expect(set.hash == SHA256.hash(set.encoded))
    }

    @Test("are 1 to 34, with one key and one member each")
    func refused() throws {
        #expect(throws: ValidatorSetError.empty) { try ValidatorSet([]) }
        let many = try (1...35).map { try validator($0, "m\($0)") }
        #expect(throws: ValidatorSetError.tooMany(35)) { try ValidatorSet(many) }
        #expect(try ValidatorSet(Array(many.dropLast())).count == 34)
        let (first, second) = (try validator(1, "a"), try validator(2, "a"))
        #expect(throws: ValidatorSetError.repeatedMember(MemberID(checked: "a"))) {
            try ValidatorSet([first, second])
        }
        let again = try validator(1, "b")
        #expect(throws: ValidatorSetError.repeatedKey(first.key.id)) { try ValidatorSet([first, again]) }
    }

    static let patches: [Patch] = [
        Patch(
            "another order",
            [1],
            .insert(
                "8327" + "5820" + "8139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b394" + "6161"
            ),
            "sort"
        ),
        Patch("an unknown algorithm", [0, 0], .replace("26"), "algorithm"),
        Patch("a weak key", [0, 1], .replace(Hexes.zeros), "weak"),
        Patch("a key of 31 bytes", [0, 1], .replace(Hexes.shortDigest), "32"),
        Patch("a member id with a space", [0, 2], .replace("63612062"), "A-Z"),
        Patch("an empty member id", [0, 2], .replace("60"), "A-Z"),
        Patch("one item more", [0, 3], .insert("00"), "length"),
    ]

    @Test("in another form are refused", arguments: patches)
    func decoding(_ patch: Patch) throws {
        let set = try ValidatorSet([validator(1, "m1")])
        try patch.expectRefusal(of: set.encoded, ValidatorSet.init(from:))
    }

    @Test("none or too many are refused")
    func counts() {
        #expect(throws: CBORError.self) { try WireSample.decode([0x80], ValidatorSet.init(from:)) }
        #expect(throws: CBORError.tooLong(count: 35, limit: 34, offset: 0)) {
            try WireSample.decode([0x98, 0x23] + [UInt8](repeating: 0, count: 35), ValidatorSet.init(from:))
        }
    }
}
