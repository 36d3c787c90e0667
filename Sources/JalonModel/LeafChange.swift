/// A change of one leaf of the state: a row of storage.
public struct LeafChange: Hashable, Sendable {
    /// The path, for example `commitment/CN-HN-2020-001`.
    public let path: String
    /// The encoded value; `nil` where the leaf is removed.
    public let value: [UInt8]?

    public init(path: String, value: [UInt8]?) {
        self.path = path
        self.value = value
    }
}

/// Leaves of the state in one piece of memory: of a million, none is allocated by itself.
public struct LeafBatch: Sendable {
    private var bytes: [UInt8] = []
    /// Where the path and the value of each leaf end; the path begins where the leaf before ends.
    private var ends: [(path: Int, value: Int)] = []

    public init() {}

    /// Leaves held.
    public var count: Int { ends.count }

    /// Adds a leaf: its path in UTF-8, and its encoded value.
    public mutating func append(path: some Sequence<UInt8>, value: some Sequence<UInt8>) {
        append(path)
        let pathEnd = bytes.count
        append(value)
        ends.append((pathEnd, bytes.count))
    }

    /// In one piece where they are, which the iterator of foreign bytes is far from.
    private mutating func append(_ part: some Sequence<UInt8>) {
        let isAppended: Void? = part.withContiguousStorageIfAvailable { bytes.append(contentsOf: $0) }
        if isAppended == nil { bytes.append(contentsOf: part) }
    }

    /// Lets go of the leaves, and keeps the memory where nobody else holds it.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
    }

    /// A leaf by its place, from 0 up to the count, as slices of the memory.
    public subscript(index: Int) -> (path: ArraySlice<UInt8>, value: ArraySlice<UInt8>) {
        let start = index == 0 ? 0 : ends[index - 1].value
        let (pathEnd, valueEnd) = ends[index]
        return (bytes[start..<pathEnd], bytes[pathEnd..<valueEnd])
    }
}
