/// A map that forgets its oldest entries: it holds between `capacity` and twice as many of the newest.
struct RecentMap<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let capacity: Int
    private var newer: [Key: Value] = [:]
    private var older: [Key: Value] = [:]

    init(capacity: Int) {
        self.capacity = capacity
    }

    var count: Int { newer.count + older.count }

    /// Assigning makes an entry the newest, `nil` removes it.
    ///
    /// - Complexity: O(1), amortised; nothing is moved to forget.
    subscript(key: Key) -> Value? {
        get { newer[key] ?? older[key] }
        set {
            older[key] = nil
            newer[key] = newValue
            guard newer.count >= capacity else { return }
            older = newer
            newer = [:]
        }
    }
}
