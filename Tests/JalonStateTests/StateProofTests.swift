import JalonCodec
import JalonCrypto
import JalonState
import Testing

@Suite("A proof of presence or absence")
struct StateProofTests {
    private let tree: StateTree
    private let value: [UInt8] = [1, 2, 3]

    init() {
        var tree = StateTree()
        tree.update((0..<100).map { (path: "path/\($0)", value: [1, 2, 3]) })
        self.tree = tree
    }

    private func decode(_ bytes: [UInt8]) -> StateProof? {
        try? CBORDecoder.decode(bytes[...]) { (decoder) throws(CBORError) in try StateProof(from: &decoder) }
    }

    @Test("proves every value that stands there, through its encoding")
    func presence() throws {
        for index in 0..<100 {
            let path = "path/\(index)"
            let proof = tree.proof(path: path)
            #expect(proof.otherLeaf == nil)
            let decoded = try #require(decode(proof.encoded))
            #expect(decoded == proof)
            #expect(decoded.verify(root: tree.root, path: path, value: value))
            #expect(!decoded.verify(root: tree.root, path: path, value: nil))
            #expect(!decoded.verify(root: tree.root, path: path, value: [1, 2, 4]))
            #expect(!decoded.verify(root: tree.root, path: "path/\(index + 1)", value: value))
        }
    }

    @Test("proves that nothing stands there: at an empty place and at another leaf")
    func absence() throws {
        var kinds = (empty: 0, other: 0)
        for index in 100..<400 {
            let path = "path/\(index)"
            let proof = tree.proof(path: path)
            if proof.otherLeaf == nil { kinds.empty += 1 } else { kinds.other += 1 }
            let decoded = try #require(decode(proof.encoded))
            #expect(decoded.verify(root: tree.root, path: path, value: nil))
            #expect(!decoded.verify(root: tree.root, path: path, value: value))
        }
        #expect(kinds.empty > 0 && kinds.other > 0)
    }

    @Test("proves absence in the empty tree")
    func emptyTree() {
        let proof = StateTree().proof(path: "a")
        #expect(proof.siblings.isEmpty && proof.otherLeaf == nil)
        #expect(proof.verify(root: .zero, path: "a", value: nil))
        #expect(!proof.verify(root: .zero, path: "a", value: [1]))
        #expect(!proof.verify(root: tree.root, path: "a", value: nil))
    }

    @Test(
        "is refused with any bit flipped",
        arguments: ["path/5", "path/50", "path/101", "path/102", "path/103"]
    )
    func bitFlips(path: String) {
        let present = tree.proof(path: path).verify(root: tree.root, path: path, value: value)
        let bytes = tree.proof(path: path).encoded
        for bit in 0..<bytes.count * 8 {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            guard let proof = decode(flipped) else { continue }
            #expect(!proof.verify(root: tree.root, path: path, value: present ? value : nil))
        }
    }

    @Test("is refused when cut short or lengthened")
    func truncated() throws {
        let proof = tree.proof(path: "path/7")
        let bytes = proof.encoded
        for count in 0..<bytes.count { #expect(decode(Array(bytes.prefix(count))) == nil) }
        #expect(decode(bytes + [0]) == nil)
        for count in proof.siblings.indices {
            let shorter = StateProof(siblings: Array(proof.siblings.prefix(count)), otherLeaf: nil)
            #expect(!shorter.verify(root: tree.root, path: "path/7", value: value))
            #expect(!shorter.verify(root: tree.root, path: "path/7", value: nil))
        }
        let longer = StateProof(siblings: proof.siblings + [.zero], otherLeaf: nil)
        #expect(!longer.verify(root: tree.root, path: "path/7", value: value))
        let long = StateProof(siblings: [Digest](repeating: .zero, count: 257), otherLeaf: nil)
        #expect(!long.verify(root: tree.root, path: "path/7", value: nil))
        #expect(decode(long.encoded) == nil)
    }

    @Test("another leaf that does not lie on the way proves nothing")
    func unrelatedLeaf() throws {
        // A true path to a true leaf, offered as proof that some other path is absent.
        let proof = tree.proof(path: "path/9")
        let place = SHA256.hash(Array("path/9".utf8))
        let other = StateProof.OtherLeaf(place: place, valueHash: SHA256.hash(value))
        let forged = StateProof(siblings: proof.siblings, otherLeaf: other)
        for index in 0..<100 where index != 9 {
            #expect(!forged.verify(root: tree.root, path: "path/\(index)", value: nil))
        }
        #expect(!forged.verify(root: tree.root, path: "path/9", value: nil))
    }
}
