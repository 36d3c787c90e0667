import JalonCodec
import JalonCrypto
import JalonModel
import JalonTestKit
import Testing

@Suite("A vote of one validator")
struct VoteTests {
    let network: TestNetwork
    let verifier = KeySignatureVerifier()
    static let ballots: [Ballot] = [
        .notarize(View(3), .of("b")), .nullify(View(3)), .finalize(View(3), .of("b"), logRoot: .of("root")),
    ]

    init() throws {
        network = try TestNetwork(validatorCount: 4, epoch: 2)
    }

    private func vote(_ ballot: Ballot, by signer: Int = 1) -> Vote {
        network.votes(ballot, by: [signer])[0].value
    }

    @Test("is accepted under its own key and survives the way through bytes", arguments: ballots)
    func accepted(_ ballot: Ballot) throws {
        let vote = vote(ballot)
        #expect(vote.verified(in: network.context, by: verifier)?.value == vote)
        #expect(try WireSample.decode(vote.encoded, Vote.init(from:)) == vote)
        #expect(vote.encoded.count <= Vote.maximumByteCount)
        #expect(ballot.view == View(3))
        #expect(ballot.block == (ballot.kind == .nullify ? .none : .of("b")))
    }

    @Test(
        "is refused as another validator's, in another epoch, chain or network, and with another signature",
        arguments: ballots
    )
    func refused(_ ballot: Ballot) throws {
        let vote = vote(ballot)
        func variant(
            epoch: UInt64 = 2,
            ballot: Ballot? = nil,
            signer: Int = 1,
            signature: [UInt8]? = nil
        ) -> Vote {
            Vote(
                epoch: Epoch(epoch),
                ballot: ballot ?? vote.ballot,
                signer: ValidatorIndex(signer),
                signature: signature ?? vote.signature
            )
        }
        var flipped = vote.signature
        flipped[40] ^= 1
        let wrong =
            [
                variant(epoch: 1), variant(epoch: 3), variant(signer: 0), variant(signer: 2),
                variant(signer: 4),
                variant(signer: 33), variant(signer: -1), variant(signature: flipped), variant(signature: []),
                variant(signature: vote.signature + [0]), variant(signature: vote.signature.dropLast()),
                variant(ballot: .notarize(View(3), .of("other"))), variant(ballot: .nullify(View(4))),
                variant(ballot: .finalize(View(3), .of("b"), logRoot: .of("another root"))),
            ] + VoteTests.ballots.filter { $0 != ballot }.map { variant(ballot: $0) }
        for vote in wrong { #expect(vote.verified(in: network.context, by: verifier) == nil, "\(vote)") }
        let context = network.context
        let contexts = [
            VotingContext(
                network: NetworkID(checked: "another"),
                chain: context.chain,
                epoch: context.epoch,
                validators: context.validators
            ),
            VotingContext(
                network: context.network,
                chain: ChainID(.of("another")),
                epoch: context.epoch,
                validators: context.validators
            ),
        ]
        for context in contexts { #expect(vote.verified(in: context, by: verifier) == nil) }
    }

    static let patches: [Patch] = [
        Patch("kind 0", [0], .replace("00"), "unknown kind"),
        Patch("kind 4", [0], .replace("04"), "unknown kind"),
        Patch("a finalize without a root", [0], .replace("03"), "byte"),
        Patch("a nullify with a block", [0], .replace("02"), "no block"),
        Patch("a negative epoch", [1], .replace("20"), "range"),
        Patch("an epoch above 2⁶³ − 1", [1], .replace("1b8000000000000000"), "range"),
        Patch("view 0", [2], .replace("00"), "view 0"),
        Patch("a notarize without a block", [3], .replace(Hexes.zeros), "no block"),
        Patch("a block of 31 bytes", [3], .replace(Hexes.shortDigest), "32"),
        Patch("a log root on a notarize", [4], .insert(Hexes.digest), "log root"),
        Patch("signer 34", [4], .replace("1822"), "range"),
        Patch("a signature of 129 bytes", [5], .replace(Hexes.longSignature), "129"),
        Patch("a text for the signature", [5], .replace("60"), "byte string"),
        Patch("one item more", [6], .insert("00"), "byte"),
        Patch("one item fewer", [5], .remove, "length"),
    ]

    @Test("in another form is refused", arguments: patches)
    func decoding(_ patch: Patch) throws {
        try patch.expectRefusal(of: vote(.notarize(View(3), .of("b"))).encoded, Vote.init(from:))
    }

    @Test("two votes are evidence only where no honest validator sends both")
    func equivocation() throws {
        let notarize = vote(.notarize(View(3), .of("b")))
        let other = vote(.notarize(View(3), .of("c")))
        let nullify = vote(.nullify(View(3)))
        let finalize = vote(.finalize(View(3), .of("b"), logRoot: .of("root")))
        let otherRoot = vote(.finalize(View(3), .of("b"), logRoot: .of("another")))
        for (first, second) in [(notarize, other), (finalize, nullify), (finalize, otherRoot)] {
            let evidence = try #require(Equivocation(first, second))
            #expect(Equivocation(second, first) == evidence, "one pair, one form")
            #expect(evidence.verified(in: network.context, by: verifier) != nil)
            let message = PeerMessage.evidence(evidence)
            #expect(try PeerMessage(kind: .evidence, body: message.encoded[...]) == message)
        }
        let resigned = Vote(epoch: Epoch(2), ballot: notarize.ballot, signer: notarize.signer, signature: [1])
        let later = vote(.notarize(View(4), .of("c")))
        let others = vote(.notarize(View(3), .of("c")), by: 2)
        for second in [notarize, resigned, nullify, finalize, later, others] {
            #expect(Equivocation(notarize, second) == nil)
        }
        let forged = Vote(
            epoch: Epoch(2),
            ballot: other.ballot,
            signer: other.signer,
            signature: notarize.signature
        )
        for pair in [(forged, notarize), (notarize, forged)] {
            #expect(Equivocation(pair.0, pair.1)?.verified(in: network.context, by: verifier) == nil)
        }
    }
}

@Suite("The quorum")
struct QuorumTests {
    @Test("two quorums share an honest validator, and the honest ones make one", arguments: 1...100)
    func intersection(n: Int) {
        let f = Quorum.faultTolerance(validatorCount: n)
        let q = Quorum.size(validatorCount: n)
        #expect(2 * q - n >= f + 1)
        #expect(q <= n - f)
        #expect(3 * f < n)
        #expect(3 * (f + 1) >= n, "f is the greatest possible")
    }

    @Test(
        "the sizes that the product names",
        arguments: [(1, 1), (2, 2), (3, 3), (4, 3), (5, 4), (6, 5), (7, 5), (10, 7), (31, 21), (34, 23)]
    )
    func sizes(n: Int, quorum: Int) {
        #expect(Quorum.size(validatorCount: n) == quorum)
    }

    @Test("every validator leads one view of n, and the offset turns the order", arguments: 1...34)
    func leaders(n: Int) throws {
        let set = try TestNetwork(validatorCount: n).context.validators
        for offset in [0, 1, UInt64(n), 1_000_003, UInt64(Int64.max)] {
            let leaders = (1...UInt64(n)).map { set.leader(of: View($0), offset: offset).value }
            #expect(leaders.sorted() == Array(0..<n))
            #expect(leaders[0] == Int(offset % UInt64(n)))
            #expect(set.leader(of: View(UInt64(n) + 1), offset: offset).value == leaders[0])
        }
        #expect((0..<n).contains(set.leader(of: View(UInt64(Int64.max)), offset: 5).value))
    }
}
