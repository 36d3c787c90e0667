extension API {
    /// One final block as `GET /v1/feed` tells it.
    ///
    /// The event's `id` is the height.
    package struct FeedEvent: Codable, Hashable, Sendable {
        package var height: UInt64
        package var block: String
        package var stateRoot: String
        package var timestamp: UInt64
        package var transactions: [BlockEntry]

        package init(
            height: UInt64,
            block: String,
            stateRoot: String,
            timestamp: UInt64,
            transactions: [BlockEntry]
        ) {
            self.height = height
            self.block = block
            self.stateRoot = stateRoot
            self.timestamp = timestamp
            self.transactions = transactions
        }
    }
}
