import JalonCrypto
package import JalonModel

/// Leaves as storage gives them, of which only the hashes are kept: enough to tell whether a state has them.
package struct PlacedLeaves: Sendable {
    /// Leaves taken.
    package private(set) var count = 0
    /// Whether each path stood after the one before it.
    package private(set) var isAscending = true
    /// By the section of the tree.
    private(set) var sections = [[StateTree.PlacedLeaf]](repeating: [], count: StateTree.sectionCount)
    private var last: [UInt8] = []

    package init() {}

    /// Takes the next leaves.
    ///
    /// - Complexity: Two hashes for each.
    package mutating func append(_ batch: LeafBatch) {
        guard batch.count > 0 else { return }
        var last = last[...]
        for index in 0..<batch.count {
            let (path, value) = batch[index]
            if !last.precedesBytewise(path) { isAscending = false }
            last = path
            let leaf = StateTree.PlacedLeaf(path: path, value: value)
            sections[leaf.section].append(leaf)
        }
        self.last = Array(last)
        count += batch.count
    }
}

extension ArraySlice<UInt8> {
    fileprivate func precedesBytewise(_ other: ArraySlice<UInt8>) -> Bool {
        withUnsafeBufferPointer { left in
            other.withUnsafeBufferPointer { right in
                for index in 0..<Swift.min(left.count, right.count) where left[index] != right[index] {
                    return left[index] < right[index]
                }
                return left.count < right.count
            }
        }
    }
}
