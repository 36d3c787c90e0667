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
