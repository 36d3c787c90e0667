/// Which subtrees' roots make a proof: the arithmetic that every holder of the log's tree shares.
enum MerklePath {
    /// A complete subtree: leaves `index`·2ˡᵉᵛᵉˡ ..< (`index` + 1)·2ˡᵉᵛᵉˡ.
    struct Subtree {
        let level: Int
        let index: UInt64
    }

    /// The ranges of leaves under the siblings on the way from a leaf up (RFC 9162 §2.1.3.1).
    ///
    /// - Returns: `nil` where `index` is not below `size`.
    static func inclusion(of index: UInt64, size: UInt64) -> [Range<UInt64>]? {
        guard index < size else { return nil }
        var ranges: [Range<UInt64>] = []
        var range = 0..<size
        // From the root down; the path stands from the leaf up, so it is turned round at the end.
        while range.count > 1 {
            let (left, right) = split(range)
            if index < left.upperBound {
                ranges.append(right)
                range = left
            } else {
                ranges.append(left)
                range = right
            }
        }
        return ranges.reversed()
    }

    /// The ranges of leaves whose roots show that the log of `size` leaves starts with that of `earlier` (RFC 9162
    /// §2.1.4.1).
    ///
    /// - Returns: `nil` where `earlier` is zero or above `size`.
    static func consistency(from earlier: UInt64, to size: UInt64) -> [Range<UInt64>]? {
        guard earlier > 0, earlier <= size else { return nil }
        var ranges: [Range<UInt64>] = []
        var range = 0..<size
        // Whether the earlier tree is a subtree on the left edge, whose root the verifier has.
        var isEarlierRoot = true
        while range.upperBound > earlier {
            let (left, right) = split(range)
            if earlier <= left.upperBound {
                ranges.append(right)
                range = left
            } else {
                ranges.append(left)
                range = right
                isEarlierRoot = false
            }
        }
        if !isEarlierRoot { ranges.append(range) }
        return ranges.reversed()
    }

    /// The complete subtrees that a range of leaves is made of, the largest first.
    ///
    /// - Precondition: The range starts at a multiple of the largest power of two that fits in it, which is so for
    ///   every range of a path.
    static func subtrees(of range: Range<UInt64>) -> [Subtree] {
        var subtrees: [Subtree] = []
        var start = range.lowerBound
        while start < range.upperBound {
            let level = 63 - (range.upperBound - start).leadingZeroBitCount
            subtrees.append(Subtree(level: level, index: start >> UInt64(level)))
            start += UInt64(1) << UInt64(level)
        }
        return subtrees
    }

    /// The largest power of two below the count goes left (RFC 9162 §2.1.1).
    private static func split(_ range: Range<UInt64>) -> (Range<UInt64>, Range<UInt64>) {
        let count = range.upperBound - range.lowerBound
        let half = UInt64(1) << UInt64(63 - (count - 1).leadingZeroBitCount)
        let middle = range.lowerBound + half
        return (range.lowerBound..<middle, middle..<range.upperBound)
    }
}
