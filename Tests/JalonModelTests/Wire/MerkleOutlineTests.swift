import JalonCrypto
import JalonModel
import Testing

@Suite("The outline of a long log")
struct MerkleOutlineTests {
    static let count: UInt64 = 1_100
    let leaves = (0..<MerkleOutlineTests.count).map { LeafHash(of: [UInt8($0 & 255), UInt8($0 >> 8)]) }
    let tree: MerkleTree
    let outline: MerkleOutline

    init() {
        tree = MerkleTree(leaves: leaves)
        var outline = MerkleOutline()
        outline.append(contentsOf: leaves)
        self.outline = outline
    }

    /// Reads as a disk does, and counts how often.
    private func read(_ range: Range<UInt64>, _ count: inout Int) -> [LeafHash] {
        count += 1
        return Array(leaves[Int(range.lowerBound)..<Int(range.upperBound)])
    }

    @Test(
        "proves each leaf as the whole tree does, reading two runs at most",
        arguments: [1, 2, 255, 256, 257, 511, 512, 513, 700, 768, 1_023, 1_024, 1_025, 1_100] as [UInt64]
    )
    func inclusion(size: UInt64) throws {
        for index in stride(from: 0, to: size, by: size > 300 ? 7 : 1) {
            var reads = 0
            let proof = outline.inclusionProof(leaf: index, size: size) { read($0, &reads) }
            #expect(proof == tree.inclusionProof(leaf: index, size: size), "\(index) of \(size)")
            #expect(reads <= 2)
        }
    }

    @Test("proves that it only grew as the whole tree does, reading two runs at most")
    func consistency() throws {
        for size in stride(from: UInt64(1), through: MerkleOutlineTests.count, by: 61) {
            for earlier in stride(from: UInt64(1), through: size, by: 37) {
                var reads = 0
                let proof = outline.consistencyProof(from: earlier, to: size) { read($0, &reads) }
                #expect(proof == tree.consistencyProof(from: earlier, to: size), "\(earlier) in \(size)")
                #expect(reads <= 2)
            }
        }
    }

    @Test("reads nothing for what stands after the last complete run")
    func rest() throws {
        var reads = 0
        let proof = outline.inclusionProof(leaf: 1_090, size: 1_100) { read($0, &reads) }
        #expect(proof == tree.inclusionProof(leaf: 1_090, size: 1_100))
        #expect(reads == 0)
    }

    @Test("proves nothing outside the log")
    func outside() {
        var reads = 0
        #expect(outline.size == MerkleOutlineTests.count)
        for (index, size) in [(5, 5), (0, 0), (0, 1_101)] as [(UInt64, UInt64)] {
            #expect(outline.inclusionProof(leaf: index, size: size) { read($0, &reads) } == nil)
        }
        for (earlier, size) in [(0, 5), (6, 5), (5, 1_101)] as [(UInt64, UInt64)] {
            #expect(outline.consistencyProof(from: earlier, to: size) { read($0, &reads) } == nil)
        }
        #expect(reads == 0)
    }

    @Test("makes no proof of leaves that are not those that it was made of")
    func damaged() {
        #expect(
            outline.inclusionProof(leaf: 3, size: 1_100) { range in
                var read = Array(leaves[Int(range.lowerBound)..<Int(range.upperBound)])
                read[9] = LeafHash(.zero)
                return read
            } == nil
        )
        #expect(
            outline.inclusionProof(leaf: 3, size: 1_100) { Array(leaves[..<Int($0.upperBound - 1)]) } == nil
        )
    }

    @Test(
        "goes on from a frontier alone, and proves whatever comes after it",
        arguments: [0, 1, 3, 100, 255, 256, 257, 300, 511, 512, 700, 1_024] as [UInt64]
    )
    func begun(start: UInt64) throws {
        var late = MerkleOutline(after: try #require(tree.frontier(at: start)))
        #expect(late.size == start)
        late.append(contentsOf: leaves[Int(start)...])
        for index in stride(from: start, to: 1_100, by: 13) {
            var reads = 0
            let proof = late.inclusionProof(leaf: index, size: 1_100) { range in
                #expect(range.lowerBound >= start, "only what is known is read")
                return read(range, &reads)
            }
            #expect(proof == tree.inclusionProof(leaf: index, size: 1_100), "\(index) after \(start)")
        }
        for earlier in stride(from: max(1, start), through: 1_100, by: 17) {
            var reads = 0
            let proof = late.consistencyProof(from: earlier, to: 1_100) { read($0, &reads) }
            #expect(proof == tree.consistencyProof(from: earlier, to: 1_100), "\(earlier) after \(start)")
        }
        guard start > 3 else { return }
        #expect(
            late.inclusionProof(leaf: 1, size: 1_100) {
                Array(leaves[Int($0.lowerBound)..<Int($0.upperBound)])
            } == nil
        )
    }

    @Test("hands on why the leaves can't be read")
    func unreadable() {
        struct Unreadable: Error {}
        #expect(throws: Unreadable.self) {
            try outline.inclusionProof(leaf: 3, size: 1_100) { (_) throws(Unreadable) in throw Unreadable() }
        }
    }
}
