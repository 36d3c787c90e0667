import JalonModel
import JalonState

/// States restored from leaves on disks, for starts that are only tried out.
///
/// Most leaves of one trial stand on the disk of the next one too: those are not decoded again. What one leaf says of another
/// is checked each time.
struct TrialStates {
    /// Leaves that came together, decoded; they are used again only all together.
    private struct Part {
        let leaves: [LeafChange]
        let decoded: DecodedLeaves
    }

    /// The last states, each with all of its leaves: several disks hold the same ones, and most writes change none.
    private var recent: [(leaves: [LeafChange], state: LedgerState)] = []
    private static let maximumRecentCount = 4
    private var parts: [Part] = []
    /// In which part, and where in it, the leaf of a path stands; asked by path, never iterated.
    private var places: [String: (part: Int, index: Int)] = [:]
    private static let maximumPartCount = 32
    /// So many leaves are kept as a part of their own.
    private static let minimumLeafCount = 16

    /// The state of a disk's leaves.
    ///
    /// - Throws: `StateError` where they are no state.
    mutating func state(of leaves: [LeafChange]) throws(StateError) -> LedgerState {
        for known in recent where known.leaves == leaves { return known.state }
        let state = try restored(leaves)
        if recent.count == TrialStates.maximumRecentCount { recent.removeFirst() }
        recent.append((leaves, state))
        return state
    }

    private mutating func restored(_ leaves: [LeafChange]) throws(StateError) -> LedgerState {
        var counts = [Int](repeating: 0, count: parts.count)
        let found = leaves.map { leaf -> Int? in
            guard let place = places[leaf.path], parts[place.part].leaves[place.index].value == leaf.value
            else {
                return nil
            }
            counts[place.part] += 1
            return place.part
        }
        let isWhole = parts.indices.map { counts[$0] == parts[$0].leaves.count }
        let rest = zip(leaves, found).compactMap { leaf, part in part.map { isWhole[$0] } == true ? nil : leaf
        }
        let new = Part(leaves: rest, decoded: try DecodedLeaves(rest))
        let whole = parts.indices.filter { isWhole[$0] }.map { parts[$0] }
        let state = try LedgerState(restoring: whole.map(\.decoded) + [new.decoded])
        if rest.count >= TrialStates.minimumLeafCount { keep(whole + [new]) }
        return state
    }

    private mutating func keep(_ parts: [Part]) {
        self.parts = parts.count <= TrialStates.maximumPartCount ? parts : []
        places.removeAll(keepingCapacity: true)
        for (number, part) in self.parts.enumerated() {
            for (index, leaf) in part.leaves.enumerated() { places[leaf.path] = (number, index) }
        }
    }
}
