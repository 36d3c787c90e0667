import JalonSchema

extension LedgerReading {
    /// The newest events that exist, oldest first.
    ///
    /// - Parameters:
    ///   - count: The most events.
    ///   - height: The head: nothing above it is waited for.
    /// - Returns: Events of consecutive blocks, the last that of `height`.
    /// - Throws: What ``feedEvent(after:)`` throws.
    func recentEvents(_ count: Int, upTo height: UInt64) async throws -> [API.FeedEvent] {
        var events: [API.FeedEvent] = []
        var after = height > UInt64(count) ? height - UInt64(count) : 0
        while after < height {
            let event = try await feedEvent(after: after)
            events.append(event)
            after = event.height
        }
        return events
    }
}
