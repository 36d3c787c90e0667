/// How a direction of a link treats its messages.
package struct LinkQuality: Hashable, Sendable {
    /// The usual time of a message.
    package var latency: ClosedRange<UInt64>
    /// Messages lost of a thousand.
    package var dropPerMille: UInt64
    /// Messages that arrive twice of a thousand.
    package var duplicatePerMille: UInt64
    /// Messages that keep no order of a thousand.
    package var reorderPerMille: UInt64
    /// Messages with a heavy-tailed delay of a thousand.
    package var tailPerMille: UInt64
    /// Frames that change on their way of 100,000: each costs a connection.
    package var corruptPer100000: UInt64 = 0

    /// Takes the latency in microseconds and chances in parts per thousand.
    package init(
        latency: ClosedRange<UInt64>,
        dropPerMille: UInt64 = 0,
        duplicatePerMille: UInt64 = 0,
        reorderPerMille: UInt64 = 0,
        tailPerMille: UInt64 = 0
    ) {
        self.latency = latency
        self.dropPerMille = dropPerMille
        self.duplicatePerMille = duplicatePerMille
        self.reorderPerMille = reorderPerMille
        self.tailPerMille = tailPerMille
    }

    /// A link of 8 to 12 milliseconds that loses nothing.
    package static let good = LinkQuality(latency: 8_000...12_000)
}

/// One direction of a link.
struct SimulatedLink {
    var quality: LinkQuality
    /// Symmetric partitions that lie on it now.
    var partitions = 0
    /// One-way partitions that lie on it now.
    var oneWayPartitions = 0
    /// Whether it holds messages back.
    var isClogged = false
    /// What it holds back.
    var held: [Delivery] = []
    /// When the latest message in order arrives: the next in order not earlier.
    var lastArrival = Moment.start
    /// Messages sent on it.
    var sentCount: UInt64 = 0
    /// The number of the latest message delivered.
    var lastDelivered: UInt64 = 0

    var isBlocked: Bool { partitions > 0 || oneWayPartitions > 0 }
}
