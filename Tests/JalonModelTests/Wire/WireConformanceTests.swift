import JalonCodec
import JalonCrypto
import JalonModel
import JalonTestKit
import Testing

/// A type of the wire, made and encoded from a seed.
struct WireType: Sendable, CustomTestStringConvertible {
    let name: String
    /// SHA-256 over the encodings of seeds 0 to 199, each after its length in eight bytes.
    let hash: String
    let encoding: @Sendable (inout SeededGenerator) throws -> [UInt8]

    init(
        _ name: String,
        _ hash: String,
        _ encoding: @escaping @Sendable (inout SeededGenerator) throws -> [UInt8]
    ) {
        self.name = name
        self.hash = hash
        self.encoding = encoding
    }

    var testDescription: String { name }
}

@Suite("No format changes unnoticed")
struct WireConformanceTests {
    static let types: [WireType] = [
        WireType("block header", "e5038c704f9e62f8d70dd1bc43cdd93570577d56e230f713ae2f16f1e886ff06") {
            WireSample.header(&$0).encoded
        },
        WireType("block", "d59aa0945fa593ff230daf1bd643bef0ea238131452195b82161b29d65ea53a1") {
            WireSample.block(&$0).encoded
        },
        WireType("proposal", "3ce3d76ef5c4acbf4dc95438b634bfa6800eeac225b87913030315b99510ac6b") {
            WireSample.proposal(&$0).encoded
        },
        WireType("vote", "9cf8bb0ff6749aad377510847a3a2158b7c3eb407c4a4e96ebf0fd83c47cf152") {
            WireSample.vote(&$0).encoded
        },
        WireType("certificate", "08f020903c75f66445d4b02643063b537de9d93353ae020b026d47bee2e92e79") {
            WireSample.certificate(&$0).encoded
        },
        WireType("validators", "726c430e8950ac23d1514de9e2f7862d1f3b49b7e751bce5aef98843728ec267") {
            try WireSample.validators(&$0).encoded
        },
        WireType("transaction", "7d01494115a2e248838c4e8106780fcb1bbb426201b4e026f8bc48596a027154") {
            try WireSample.transaction(&$0).bytes
        },
        WireType("inclusion proof", "6a1e3f1c8ebeafc18c6584f57f7ca98e964c62fb121c6019a297fae621333d9d") {
            try WireSample.proof(&$0).encoded
        },
        WireType("consistency proof", "2cca45ef7c1d2b90155de3b7df0246949ca0ce5d1986b00e5a137c597ab97acb") {
            generator in
            let tree = WireSample.tree(&generator)
            let earlier = UInt64(1 + generator.below(Int(tree.size)))
            return tree.consistencyProof(from: earlier, to: tree.size)?.encoded ?? []
        },
        WireType("log frontier", "6a99f325107c6f81c32b9b7c6b94e6137c2d4ecd3262222eab8ecd11b8f22806") {
            generator in
            let tree = WireSample.tree(&generator)
            return tree.frontier(at: tree.size)?.encoded ?? []
        },
        WireType("receipt", "90a6212d592bf963f63bd77f809c5737800f7ab9f8c43dc54194da95ce2e71ab") {
            try WireSample.receipt(&$0).encoded
        },
        WireType("transparent statement", "d884b528c40998e100a748587410ee337a7f00ac24136e0d81f9ea3e870ba726")
        { generator in
            let transaction = try WireSample.transaction(&generator)
            let receipts = try (0...generator.below(3)).map { _ in try WireSample.receipt(&generator) }
            return TransparentStatement(transaction: transaction, receipts: receipts).encoded
        },
        WireType("hello", "471060b50a61091574bf383042f084181bd58dd2bde0972ef5f888b831808acd") {
            WireSample.hello(&$0).encoded
        },
        WireType("message: transactions", "6daa190d6e1b03d2e1d49c306c16f534780afe2d6179eae2bc0f50048777cfba")
        { WireSample.message(.transactions, &$0)?.encoded ?? [] },
        WireType("message: tip", "554873a354ed28d6987e9e611f7949684be14e4e08d34bad181384322fb3513b") {
            WireSample.message(.tip, &$0)?.encoded ?? []
        },
        WireType("message: request", "4dc76f3f4468521026352333b5aacdde19d64bac26bf064bcba8d0d92060ce8b") {
            WireSample.message(.request, &$0)?.encoded ?? []
        },
        WireType("message: final block", "bba68eef26cc30dbdf74b8ea145f43511225447e1092c1d3b481175ccf1f5c3d") {
            WireSample.message(.finalBlock, &$0)?.encoded ?? []
        },
        WireType("message: evidence", "35139d77a15569becc0072b59e47d3fdbdb16f9534b2a9349e0095561e25569d") {
            WireSample.message(.evidence, &$0)?.encoded ?? []
        },
        WireType(
            "message: standing request",
            "996dc685da7e8a270ed38575acdf240e4bab4216290a0d1e24a154d57df1d676"
        ) {
            WireSample.message(.standingRequest, &$0)?.encoded ?? []
        },
        WireType("message: standing", "6c4c5181764b056b8a3d7acb430b9bbd8d0b27c69d8ba0e93a98a9f9abcfebc0") {
            WireSample.message(.standing, &$0)?.encoded ?? []
        },
        WireType("message: readiness", "c4827759d8f5b8e89cd77db5b7bb24f960f3b07d1923e4493c6c6cce93fe6349") {
            WireSample.message(.readiness, &$0)?.encoded ?? []
        },
    ]

    @Test("the encodings of many values are those that were pinned", arguments: types)
    func conformance(_ type: WireType) throws {
        var hasher = SHA256()
        for seed in UInt64(0)..<200 {
            var generator = SeededGenerator(seed: seed)
            let encoding = try type.encoding(&generator)
            for shift in stride(from: 56, through: 0, by: -8) {
                hasher.update(byte: UInt8(truncatingIfNeeded: encoding.count >> shift))
            }
            hasher.update(encoding)
        }
        let hash = hasher.finalize().hex
        #expect(hash == type.hash, "the format of '\(type.name)' has changed: that needs a new version")
    }

    @Test("the numbers of the frames' kinds, and their limits, stay")
    func frames() {
        let expected: [(FrameKind, UInt8, Int)] = [
            (.hello, 1, 4_096), (.vote, 2, 512), (.certificate, 3, 4_096), (.proposal, 4, 524_288),
            (.transactions, 5, 262_144), (.tip, 6, 1_024), (.request, 7, 163_840), (.block, 8, 1_310_720),
            (.finalBlock, 9, 1_310_720), (.evidence, 10, 1_025), (.standingRequest, 11, 64),
            (.standing, 12, 33_024), (.readiness, 13, 256),
        ]
        #expect(FrameKind.allCases == expected.map(\.0))
        for (kind, number, limit) in expected {
            #expect(kind.rawValue == number)
            #expect(kind.maximumByteCount == limit)
        }
    }
}
