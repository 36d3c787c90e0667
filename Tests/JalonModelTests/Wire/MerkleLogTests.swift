import JalonCodec
import JalonCrypto
import JalonModel
import JalonTestKit
import Testing

/// RFC 9162 as it is written down: slow, recursive, and with nothing of the tree under test.
enum NaiveMerkle {
    static func root(_ leaves: ArraySlice<LeafHash>) -> Digest {
        switch leaves.count {
        case 0: return SHA256.hash([])
        case 1: return leaves[leaves.startIndex].digest
        default:
            let middle = leaves.startIndex + split(leaves.count)
            return SHA256.hash([1] + root(leaves[..<middle]).bytes + root(leaves[middle...]).bytes)
        }
    }

    /// §2.1.3.1.
    static func path(_ index: Int, _ leaves: ArraySlice<LeafHash>) -> [Digest] {
        guard leaves.count > 1 else { return [] }
        let half = split(leaves.count)
        let middle = leaves.startIndex + half
        if index < half { return path(index, leaves[..<middle]) + [root(leaves[middle...])] }
        return path(index - half, leaves[middle...]) + [root(leaves[..<middle])]
    }

    /// §2.1.4.1.
    static func proof(_ earlier: Int, _ leaves: ArraySlice<LeafHash>, complete: Bool = true) -> [Digest] {
        if earlier == leaves.count { return complete ? [] : [root(leaves)] }
        let half = split(leaves.count)
        let middle = leaves.startIndex + half
        if earlier <= half {
            return proof(earlier, leaves[..<middle], complete: complete) + [root(leaves[middle...])]
        }
        return proof(earlier - half, leaves[middle...], complete: false) + [root(leaves[..<middle])]
    }

    private static func split(_ count: Int) -> Int {
        var half = 1
        while half * 2 < count { half *= 2 }
        return half
    }
}

@Suite("The log, for every size up to 40")
struct MerkleLogTests {
    static let leaves = (0..<40).map { LeafHash(of: [UInt8($0)]) }
    let leaves = MerkleLogTests.leaves
    let tree = MerkleTree(leaves: MerkleLogTests.leaves)

    @Test("frontier and tree have the root that the standard defines")
    func roots() {
        var frontier = MerkleFrontier()
        var growing = MerkleTree()
        for size in 0...40 {
            let expected = NaiveMerkle.root(leaves[..<size])
            #expect(frontier.root == expected)
            #expect(growing.root == expected)
            #expect(tree.root(at: UInt64(size)) == expected)
            #expect(tree.frontier(at: UInt64(size)) == frontier)
            #expect(frontier.size == UInt64(size))
            #expect(growing.size == UInt64(size))
            guard size < 40 else { break }
            frontier.append(leaves[size])
            growing.append(leaves[size])
            #expect(growing[UInt64(size)] == leaves[size])
        }
        #expect(tree.root(at: 41) == nil)
        #expect(tree.frontier(at: 41) == nil)
        #expect(tree[40] == nil)
        #expect(tree[UInt64.max] == nil)
    }

    @Test("each leaf is proved in each size, and no other leaf, root, index or path is")
    func inclusion() throws {
        for size in 1...40 {
            let root = NaiveMerkle.root(leaves[..<size])
            for index in 0..<size {
                let proof = try #require(tree.inclusionProof(leaf: UInt64(index), size: UInt64(size)))
                #expect(proof.path == NaiveMerkle.path(index, leaves[..<size]))
                #expect(proof.verify(leaf: leaves[index], root: root))
                #expect(!proof.verify(leaf: leaves[(index + 1) % 40], root: root))
                #expect(!proof.verify(leaf: leaves[index], root: .zero))
                #expect(!changed(proof, path: proof.path + [.zero]).verify(leaf: leaves[index], root: root))
                if size > 1 {
                    #expect(
                        !changed(proof, path: proof.path.dropLast()).verify(leaf: leaves[index], root: root)
                    )
                    let other = InclusionProof(
                        size: proof.size,
                        index: UInt64((index + 1) % size),
                        path: proof.path
                    )
                    #expect(!other.verify(leaf: leaves[index], root: root))
                }
                let outside = InclusionProof(size: UInt64(index), index: UInt64(index), path: proof.path)
                #expect(!outside.verify(leaf: leaves[index], root: root))
            }
            #expect(tree.inclusionProof(leaf: UInt64(size), size: UInt64(size)) == nil)
        }
        #expect(tree.inclusionProof(leaf: 0, size: 41) == nil)
        #expect(tree.inclusionProof(leaf: 0, size: 0) == nil)
    }

    @Test(
        "a tree that begins after a frontier gives the same roots and proofs from there on, and none before"
    )
    func begun() throws {
        for start in 0...40 {
            let frontier = try #require(tree.frontier(at: UInt64(start)))
            var late = MerkleTree(after: frontier)
            #expect(late.size == UInt64(start) && late.root == frontier.root)
            late.append(contentsOf: leaves[start...])
            for size in max(start, 1)...40 {
                #expect(late.root(at: UInt64(size)) == tree.root(at: UInt64(size)))
                #expect(late.frontier(at: UInt64(size)) == tree.frontier(at: UInt64(size)))
                for index in start..<size {
                    let proof = late.inclusionProof(leaf: UInt64(index), size: UInt64(size))
                    #expect(proof == tree.inclusionProof(leaf: UInt64(index), size: UInt64(size)))
                    #expect(late[UInt64(index)] == leaves[index])
                }
                guard start > 0 else { continue }
                let proof = late.consistencyProof(from: UInt64(start), to: UInt64(size))
                #expect(proof == tree.consistencyProof(from: UInt64(start), to: UInt64(size)))
            }
            if start > 2 {
                #expect(late[0] == nil && late.root(at: 1) == nil && late.frontier(at: 1) == nil)
                #expect(late.inclusionProof(leaf: 0, size: 40) == nil)
                #expect(late.consistencyProof(from: 1, to: 40) == nil)
            }
        }
    }

    private func changed(_ proof: InclusionProof, path: [Digest]) -> InclusionProof {
        InclusionProof(size: proof.size, index: proof.index, path: path)
    }

    @Test("each size is proved to start with each earlier one, and with no other")
    func consistency() throws {
        for size in 1...40 {
            let root = NaiveMerkle.root(leaves[..<size])
            for earlier in 1...size {
                let earlierRoot = NaiveMerkle.root(leaves[..<earlier])
                let proof = try #require(tree.consistencyProof(from: UInt64(earlier), to: UInt64(size)))
                #expect(proof.path == NaiveMerkle.proof(earlier, leaves[..<size]))
                #expect(proof.verify(earlierRoot: earlierRoot, root: root))
                #expect(!proof.verify(earlierRoot: .zero, root: root))
                #expect(!proof.verify(earlierRoot: earlierRoot, root: .zero))
                let longer = ConsistencyProof(
                    earlierSize: proof.earlierSize,
                    size: proof.size,
                    path: proof.path + [.zero]
                )
                #expect(!longer.verify(earlierRoot: earlierRoot, root: root))
                guard earlier < size else { continue }
                let shorter = ConsistencyProof(
                    earlierSize: proof.earlierSize,
                    size: proof.size,
                    path: proof.path.dropLast()
                )
                #expect(!shorter.verify(earlierRoot: earlierRoot, root: root))
                let turned = ConsistencyProof(
                    earlierSize: proof.size,
                    size: proof.earlierSize,
                    path: proof.path
                )
                #expect(!turned.verify(earlierRoot: root, root: earlierRoot))
            }
        }
        #expect(tree.consistencyProof(from: 0, to: 5) == nil)
        #expect(tree.consistencyProof(from: 6, to: 5) == nil)
        #expect(tree.consistencyProof(from: 6, to: 41) == nil)
        #expect(
            !ConsistencyProof(earlierSize: 0, size: 5, path: []).verify(
                earlierRoot: tree.root,
                root: tree.root
            )
        )
    }

    @Test("proofs with the largest numbers end in a refusal")
    func extremes() {
        let largest = UInt64(Int64.max)
        for path in [[], [Digest](repeating: .zero, count: 64)] {
            for (first, second) in [(largest - 1, largest), (0, .max), (.max - 1, .max), (1, 2)]
                as [(UInt64, UInt64)]
            {
                let inclusion = InclusionProof(size: second, index: first, path: path)
                #expect(!inclusion.verify(leaf: leaves[0], root: tree.root))
                let consistency = ConsistencyProof(earlierSize: first, size: second, path: path)
                #expect(!consistency.verify(earlierRoot: tree.root, root: tree.root))
            }
        }
    }

    @Test("frontiers and proofs survive the way through bytes")
    func coding() throws {
        for size in UInt64(1)...40 {
            let frontier = try #require(tree.frontier(at: size))
            #expect(try WireSample.decode(frontier.encoded, MerkleFrontier.init(from:)) == frontier)
            let inclusion = try #require(tree.inclusionProof(leaf: size / 2, size: size))
            #expect(try WireSample.decode(inclusion.encoded, InclusionProof.init(from:)) == inclusion)
            let consistency = try #require(tree.consistencyProof(from: size / 2 + 1, to: size))
            #expect(try WireSample.decode(consistency.encoded, ConsistencyProof.init(from:)) == consistency)
        }
        #expect(
            try WireSample.decode(MerkleFrontier().encoded, MerkleFrontier.init(from:)) == MerkleFrontier()
        )
    }

    @Test("a frontier with another number of hashes than its size has bits is refused")
    func frontierRefusals() throws {
        let digest = "5820" + Digest.of("x").hex
        #expect(throws: CBORError.wrongCount(expected: 2, found: 1, offset: 2)) {
            try WireSample.decode(bytes("820381" + digest), MerkleFrontier.init(from:))
        }
        #expect(throws: CBORError.wrongCount(expected: 0, found: 1, offset: 2)) {
            try WireSample.decode(bytes("820081" + digest), MerkleFrontier.init(from:))
        }
        let tooMany = String(repeating: digest, count: 64)
        #expect(throws: CBORError.tooLong(count: 64, limit: 63, offset: 10)) {
            try WireSample.decode(bytes("821b7fffffffffffffff9840" + tooMany), MerkleFrontier.init(from:))
        }
        #expect(throws: CBORError.wrongCount(expected: 32, found: 1, offset: 3)) {
            try WireSample.decode(bytes("8201814100"), MerkleFrontier.init(from:))
        }
    }

    @Test("proofs whose numbers contradict each other are refused")
    func proofRefusals() throws {
        let digest = "5820" + Digest.of("x").hex
        for hex in ["830000 80", "830101 80", "830105 80"] {
            #expect(throws: CBORError.self) { try WireSample.decode(bytes(hex), InclusionProof.init(from:)) }
        }
        for hex in ["830001 80", "830201 80"] {
            #expect(throws: CBORError.self) {
                try WireSample.decode(bytes(hex), ConsistencyProof.init(from:))
            }
        }
        #expect(throws: CBORError.tooLong(count: 64, limit: 63, offset: 3)) {
            try WireSample.decode(
                bytes("8302009840" + String(repeating: digest, count: 64)),
                InclusionProof.init(from:)
            )
        }
        #expect(throws: CBORError.tooLong(count: 65, limit: 64, offset: 3)) {
            try WireSample.decode(
                bytes("8301029841" + String(repeating: digest, count: 65)),
                ConsistencyProof.init(from:)
            )
        }
    }
}
