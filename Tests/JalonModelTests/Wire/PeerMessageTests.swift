import JalonCodec
import JalonCrypto
import JalonModel
import JalonTestKit
import Testing

@Suite("Messages between nodes")
struct PeerMessageTests {
    @Test("survive the way through bytes, and pass as no other kind", arguments: FrameKind.allCases, 1...20)
    func roundTrip(kind: FrameKind, seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        guard let message = WireSample.message(kind, &generator) else { return }
        let body = message.encoded
        #expect(message.kind == kind)
        #expect(try PeerMessage(kind: kind, body: body[...]) == message)
        #expect(body.count <= kind.maximumByteCount)
        #expect(throws: CBORError.self) { try PeerMessage(kind: kind, body: (body + [0])[...]) }
        #expect(throws: CBORError.self) { try PeerMessage(kind: kind, body: body.dropLast()) }
        // A slice that starts elsewhere, as a frame in a buffer does.
        #expect(try PeerMessage(kind: kind, body: ([9, 9, 9] + body)[3...]) == message)
    }

    @Test("a hello is the handshake's and no message")
    func hello() throws {
        var generator = SeededGenerator(seed: 1)
        let hello = WireSample.hello(&generator)
        #expect(try Hello(encoded: hello.encoded[...]) == hello)
        #expect(throws: CBORError.invalidValue("a hello after the handshake", offset: 0)) {
            try PeerMessage(kind: .hello, body: hello.encoded[...])
        }
    }

    static let patches: [(FrameKind, UInt64, Patch)] = [
        (.tip, 1, Patch("a negative epoch", [0], .replace("20"), "range")),
        (.tip, 1, Patch("a block of 31 bytes", [3], .replace(Hexes.shortDigest), "32")),
        (.tip, 1, Patch("a bitmap of 6 bytes", [5], .replace("46000000000000"), "at most 5")),
        (.tip, 1, Patch("a negative clock", [6], .replace("20"), "range")),
        (.tip, 1, Patch("one item fewer", [6], .remove, "length 6")),
        (.tip, 1, Patch("one item more", [7], .insert("00"), "length 8")),
        (.transactions, 2, Patch("a text for a transaction", [0], .insert("6161"), "byte string")),
        (.evidence, 1, Patch("one vote only", [1], .remove, "length 1")),
        (.evidence, 1, Patch("another signer in one", [0, 5], .replace("1821"), "contradict")),
        (.evidence, 1, Patch("another epoch in one", [0, 1], .replace("1819"), "contradict")),
        (.evidence, 1, Patch("another view in one", [1, 2], .replace("1819"), "contradict")),
        (.evidence, 1, Patch("a vote in view 0", [1, 2], .replace("00"), "view 0")),
        (
            .standingRequest, 1,
            Patch("a nonce of 15 bytes", [0], .replace("4f" + String(repeating: "00", count: 15)), "16")
        ),
        (.standingRequest, 1, Patch("a negative epoch", [1], .replace("20"), "range")),
        (.standingRequest, 1, Patch("the 35th validator", [2], .replace("1822"), "range")),
        (.standingRequest, 1, Patch("a number for a truth", [3], .replace("01"), "boolean")),
        (.standingRequest, 1, Patch("without an epoch", [1], .remove, "length 3")),
        (.readiness, 1, Patch("a negative epoch", [0], .replace("20"), "range")),
        (.readiness, 1, Patch("a hash of 31 bytes", [1], .replace(Hexes.shortDigest), "32")),
        (.readiness, 1, Patch("the 35th validator", [2], .replace("1822"), "range")),
        (.readiness, 1, Patch("a negative height", [3], .replace("20"), "range")),
        (.readiness, 1, Patch("a signature of 129 bytes", [4], .replace(Hexes.longSignature), "at most 128")),
        (.readiness, 1, Patch("without a signature", [4], .remove, "length 4")),
        (.readiness, 1, Patch("one item more", [5], .insert("00"), "length 6")),
        (.standing, 1, Patch("a validator before the first", [1], .replace("20"), "range")),
        (.standing, 1, Patch("content of 5 items", [0, 5], .remove, "length 5")),
        (.standing, 1, Patch("two entries", [0, 2], .replace("820000"), "at most 1")),
        (.finalBlock, 3, Patch("without a list of finalizations", [1], .remove, "length 1")),
        (.finalBlock, 3, Patch("a map for the finalization", [1], .replace("a0"), "an array")),
        (.vote, 1, Patch("kind 9", [0], .replace("09"), "unknown kind")),
        (.certificate, 1, Patch("view 0", [2], .replace("00"), "view 0")),
        (.proposal, 1, Patch("a negative view", [0], .replace("20"), "range")),
        (
            .block, 1,
            Patch(
                "a version of the future",
                [0, 0],
                .replace("6d6a616c6f6e2d626c6f636b2f39"),
                "jalon-block/9"
            )
        ),
    ]

    @Test("in another form are refused", arguments: patches)
    func refused(kind: FrameKind, seed: UInt64, patch: Patch) throws {
        var generator = SeededGenerator(seed: seed)
        let message = try #require(WireSample.message(kind, &generator))
        let changed = try patch.applied(to: message.encoded)
        let error = #expect(throws: CBORError.self) { try PeerMessage(kind: kind, body: changed[...]) }
        let description = error?.description ?? ""
        #expect(description.contains(patch.reason), "refused for another reason: \(description)")
    }

    @Test(
        "a hello in another form is refused",
        arguments: [
            Patch("versions the wrong way round", [1], .replace("00"), "versions"),
            Patch("a network with a space", [2], .replace("63612062"), "A-Z"),
            Patch("a chain of 31 bytes", [3], .replace(Hexes.shortDigest), "32"),
            Patch("a negative epoch", [4], .replace("20"), "range"),
            Patch("a negative height", [5], .replace("20"), "range"),
            Patch("a hash of 31 bytes", [6], .replace(Hexes.shortDigest), "32"),
            Patch("one item more", [7], .insert("00"), "length 8"),
            Patch("one item fewer", [6], .remove, "length 6"),
        ]
    )
    func hello(_ patch: Patch) throws {
        var generator = SeededGenerator(seed: 1)
        let changed = try patch.applied(to: WireSample.hello(&generator).encoded)
        let error = #expect(throws: CBORError.self) { try Hello(encoded: changed[...]) }
        #expect(error?.description.contains(patch.reason) == true, "\(String(describing: error))")
    }

    static let digest = Hexes.digest

    @Test(
        "a request that asks for too much, or for nothing known, is refused",
        arguments: [
            ("no item", "80"), ("one item", "8101"), ("five items", "850300000000"),
            ("kind 0", "8200" + digest),
            ("kind 5", "8205" + digest), ("a block and more", "8301" + digest + "00"),
            ("a block of 31 bytes", "8201" + Hexes.shortDigest),
            ("a leaf of 31 bytes", "820281" + Hexes.shortDigest),
            ("views the wrong way round", "8403000504"), ("257 views", "84030001190101"),
            ("all views", "840300001b7fffffffffffffff"), ("257 blocks", "830400190101"),
            ("no block at all", "83040000"),
            ("a range without an end", "82030001"), ("a negative height", "83042001"), ("a map", "a0"),
        ]
    )
    func requests(_: String, hex: String) {
        #expect(throws: CBORError.self) { try PeerMessage(kind: .request, body: bytes(hex)[...]) }
    }

    @Test("the largest requests are read")
    func largestRequests() throws {
        let leaves = [LeafHash](repeating: LeafHash(.zero), count: BlockLimits.transactionCount)
        let requests: [FetchRequest] = [
            .transactions(leaves), .certificates(Epoch(0), View(1)...View(256)),
            .finalBlocks(from: Height(1), count: FetchRequest.maximumBlocks),
        ]
        for request in requests {
            let message = PeerMessage.request(request)
            #expect(message.encoded.count <= FrameKind.request.maximumByteCount)
            #expect(try PeerMessage(kind: .request, body: message.encoded[...]) == message)
        }
        let more = PeerMessage.request(.transactions(leaves + [LeafHash(.zero)]))
        #expect(throws: CBORError.self) { try PeerMessage(kind: .request, body: more.encoded[...]) }
    }

    @Test("two hellos differ in the network first, then in the chain, then in the versions")
    func compatibility() {
        var generator = SeededGenerator(seed: 2)
        var ours = WireSample.hello(&generator)
        ours.versions = 2...3
        var theirs = ours
        theirs.epoch = ours.epoch.next
        theirs.height = ours.height.next
        theirs.validatorsHash = .of("another")
        #expect(ours.incompatibility(with: theirs) == nil, "epoch, height and validators are hints")
        for versions in [1...2, 3...9, 1...9] as [ClosedRange<UInt64>] {
            theirs.versions = versions
            #expect(ours.incompatibility(with: theirs) == nil)
        }
        for versions in [1...1, 4...9] as [ClosedRange<UInt64>] {
            theirs.versions = versions
            #expect(ours.incompatibility(with: theirs) == .versions(ours: 2...3, theirs: versions))
        }
        theirs.chain = ChainID(.of("another"))
        #expect(ours.incompatibility(with: theirs) == .chain(ours: ours.chain, theirs: theirs.chain))
        theirs.network = NetworkID(checked: "another")
        #expect(ours.incompatibility(with: theirs) == .network(ours: ours.network, theirs: theirs.network))
        #expect(ours.incompatibility(with: theirs)?.description.contains("another") == true)
    }

    @Test("a tip says whom its sender hears")
    func hears() {
        var generator = SeededGenerator(seed: 3)
        var tip = WireSample.tip(&generator)
        tip.hears = [0b1000_0001, 0b0100_0000]
        #expect((0..<40).filter { tip.hears(ValidatorIndex($0)) } == [0, 7, 9])
        #expect(!tip.hears(ValidatorIndex(-8)))
    }

    @Test(
        "damaged bodies never trap, and what passes has no second encoding",
        arguments: FrameKind.allCases,
        1...10
    )
    func mutations(kind: FrameKind, seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed) + 77)
        for _ in 0..<60 {
            guard let message = WireSample.message(kind, &generator) else { return }
            let damaged = Mutation.mutated(message.encoded, using: &generator)
            if let read = try? PeerMessage(kind: kind, body: damaged[...]) {
                #expect(read.encoded == damaged)
            }
        }
    }
}
