import JalonModel

/// The id that somebody most likely meant, of those that stand near it in their order; `nil` where none is near.
///
/// Anybody may be refused as often as they like, and each validator judges it: so only a few are looked at.
///
/// - Complexity: O(log n) for n ids.
func nearest<ID: Identifier, Value>(to text: ID, in map: PersistentMap<ID, Value>) -> ID? {
    let side = 32
    var ids = map.entries(from: text).prefix(side).map(\.key)
    var last = text
    while ids.count < 2 * side, let before = map.last(before: last)?.key {
        ids.append(before)
        last = before
    }
    return nearest(to: text, among: ids)
}

/// The id that somebody most likely meant, or `nil` where none is near.
///
/// - Complexity: O(n) for n ids.
func nearest<ID: Identifier>(to text: ID, among ids: some Sequence<ID>) -> ID? {
    let wanted = Array(text.text.utf8)
    var best: (distance: Int, id: ID)?
    for id in ids {
        // What differs in more than a third was not a slip.
        let limit = min((best?.distance ?? Int.max) - 1, max(2, wanted.count / 3))
        if let distance = editDistance(wanted, Array(id.text.utf8), limit: limit) {
            best = (distance, id)
        }
    }
    return best?.id
}

/// " (nearest: CN-HN-2020-001)", or nothing.
func suggestion(_ id: (some Identifier)?) -> String {
    id.map { " (nearest: \($0))" } ?? ""
}

/// How many letters must be inserted, removed, replaced or swapped with their neighbour to get from one text to the
/// other (optimal string alignment).
///
/// - Returns: `nil` where that is more than `limit`.
func editDistance(_ left: [UInt8], _ right: [UInt8], limit: Int) -> Int? {
    guard abs(left.count - right.count) <= limit else { return nil }
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for i in left.indices {
        var row = [i + 1]
        row.reserveCapacity(right.count + 1)
        for j in right.indices {
            let replaced = last[j] + (left[i] == right[j] ? 0 : 1)
            var cost = min(replaced, last[j + 1] + 1, row[j] + 1)
            if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                cost = min(cost, beforeLast[j - 1] + 1)
            }
            row.append(cost)
        }
        (beforeLast, last) = (last, row)
    }
    guard let distance = last.last, distance <= limit else { return nil }
    return distance
}
