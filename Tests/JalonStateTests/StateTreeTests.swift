import JalonCrypto
@testable import JalonState
import JalonTestKit
import Testing

@Suite("The state tree")
struct StateTreeTests {
    @Test("reproduces the golden roots to the byte")
    func goldenRoots() throws {
        let cases = try StateTreeVectors.load()
        #expect(cases.count >= 3)
        for example in cases {
            var tree = StateTree()
            tree.update(
                example.entries.map { (path: $0.path, value: bytes($0.value)) }
            )
            #expect(tree.root.hex == example.root)
        }
    }

    @Test(
        "gives the root of a naive reference after random changes",
        arguments: 1...12 as ClosedRange<UInt64>
    )
    func matchesReference(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var tree = StateTree()
        var reference: [String: [UInt8]] = [:]
        for _ in 0..<40 {
            var changes: [String: [UInt8]?] = [:]
            for _ in 0..<Int.random(in: 0..<30, using: &random) {
                let path = "path/\(Int.random(in: 0..<120, using: &random))"
                let value: [UInt8]? =
                    Bool.random(using: &random) ? [UInt8.random(in: 0...255, using: &random)] : nil
                changes.updateValue(value, forKey: path)
            }
            tree.update(changes.map { (path: $0.key, value: $0.value) })
            for (path, value) in changes { reference[path] = value }
            #expect(tree.root == NaiveTree.root(of: reference))
        }
        tree.update(reference.map { (path: $0.key, value: nil) })
        #expect(tree.root == .zero)
    }

    @Test(
        "is changed in place, and every older tree that is still held stays as it was",
        arguments: 1...8 as ClosedRange<UInt64>
    )
    func olderTrees(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var tree = StateTree()
        var entries: [String: [UInt8]] = [:]
        var older: [(tree: StateTree, entries: [String: [UInt8]])] = []
        for _ in 0..<30 {
            for _ in 0..<Int.random(in: 1..<8, using: &random) {
                let path = "path/\(Int.random(in: 0..<60, using: &random))"
                let isThere = Int.random(in: 0..<3, using: &random) > 0
                let value: [UInt8]? = isThere ? [UInt8.random(in: 0...255, using: &random)] : nil
                tree.update([(path: path, value: value)])
                entries[path] = value
            }
            // Between two that are held lie changes of a tree that nobody else holds.
            if Bool.random(using: &random) { older.append((tree, entries)) }
        }
        for (tree, entries) in older {
            #expect(tree.root == NaiveTree.root(of: entries))
            for number in 0..<60 {
                let path = "path/\(number)"
                #expect(tree.proof(path: path).verify(root: tree.root, path: path, value: entries[path]))
            }
            typealias Placed = StateTree.PlacedLeaf
            let leaves = entries.sorted { $0.key < $1.key }
            let placed = leaves.map { Placed(path: $0.key.utf8, value: $0.value) }
            #expect(tree.holds(placed))
            #expect(!tree.holds([Placed(path: "path/60".utf8, value: [1])] + placed))
            if let (path, value) = leaves.first {
                #expect(!tree.holds([Placed(path: path.utf8, value: value + [0])] + placed.dropFirst()))
            }
        }
    }

    @Test("built of hashed leaves, section by section, is the one that was filled")
    func sections() throws {
        for count in [0, 1, 2, 31, 500] {
            let entries = (0..<count).map { (path: "p/\($0)", value: [UInt8(truncatingIfNeeded: $0)]) }
            let leaves = entries.enumerated().map { index, entry in
                StateTree.HashedLeaf(path: entry.path.utf8, value: entry.value, note: UInt32(index))
            }
            let sections = try (0..<StateTree.sectionCount).map { section in
                let own = leaves.filter { $0.section == section }
                return try StateTree.section(of: [(leaves: own, firstNote: 7)])
            }
            let tree = StateTree(sections)
            #expect(
                tree.root == NaiveTree.root(of: Dictionary(uniqueKeysWithValues: entries.map { ($0, $1) }))
            )
            for (index, entry) in entries.enumerated() {
                #expect(tree.note(at: StateTree.place(of: entry.path)) == UInt32(index) + 7)
            }
        }
        let leaf = StateTree.HashedLeaf(path: "p".utf8, value: [1], note: nil)
        #expect(throws: StateTree.DuplicateLeaf.self) {
            try StateTree.section(of: [(leaves: [leaf], firstNote: 0), (leaves: [leaf], firstNote: 0)])
        }
    }

    @Test("does not depend on the order of changes, nor on how they are cut into blocks")
    func orderIndependence() {
        var random = SeededGenerator(seed: 7)
        var entries = (0..<200).map { (path: "p/\($0)", value: [UInt8($0)] as [UInt8]?) }
        var together = StateTree()
        together.update(entries)
        for _ in 0..<5 {
            entries.shuffle(using: &random)
            var apart = StateTree()
            var rest = entries[...]
            while !rest.isEmpty {
                let count = Int.random(in: 1...40, using: &random)
                apart.update(rest.prefix(count))
                rest = rest.dropFirst(count)
            }
            #expect(apart.root == together.root)
        }
    }

    @Test("an older version keeps its root and its proofs")
    func olderVersion() {
        var tree = StateTree()
        tree.update([(path: "a", value: [1] as [UInt8]?), (path: "b", value: [2])])
        let old = tree
        tree.update([(path: "a", value: [3] as [UInt8]?), (path: "b", value: nil)])
        #expect(old.root != tree.root)
        #expect(old.proof(path: "b").verify(root: old.root, path: "b", value: [2]))
        #expect(tree.proof(path: "b").verify(root: tree.root, path: "b", value: nil))
    }

    @Test("removing what is not there changes nothing")
    func removeAbsent() {
        var tree = StateTree()
        tree.update([(path: "none", value: nil)])
        #expect(tree.root == .zero)
        tree.update([(path: "a", value: [1] as [UInt8]?)])
        let root = tree.root
        tree.update([(path: "none", value: nil as [UInt8]?), (path: "other", value: nil)])
        #expect(tree.root == root)
    }
}

/// The definition of protocol, section 3, word by word and without any sharing.
enum NaiveTree {
    static func root(of entries: [String: [UInt8]]) -> Digest {
        let leaves = entries.map { entry in
            let place = SHA256.hash(Array(entry.key.utf8))
            let hash = SHA256.hash([0x02] + place.bytes + SHA256.hash(entry.value).bytes)
            return (place: place, hash: hash)
        }
        return root(of: leaves, depth: 0)
    }

    private static func root(of leaves: [(place: Digest, hash: Digest)], depth: Int) -> Digest {
        if leaves.isEmpty { return .zero }
        if leaves.count == 1 { return leaves[0].hash }
        let left = root(of: leaves.filter { !$0.place.bit(depth) }, depth: depth + 1)
        let right = root(of: leaves.filter { $0.place.bit(depth) }, depth: depth + 1)
        return SHA256.hash([0x03] + left.bytes + right.bytes)
    }
}
