extension API {
    /// A final transaction with its place and its words, as a list over many blocks shows it.
    package struct Act: Codable, Hashable, Sendable {
        /// Of its block.
        package var height: UInt64
        /// Of its block, milliseconds since 1970 UTC.
        package var timestamp: UInt64
        package var transaction: BlockEntry

        package init(height: UInt64, timestamp: UInt64, transaction: BlockEntry) {
            (self.height, self.timestamp, self.transaction) = (height, timestamp, transaction)
        }
    }

    /// What concerns a region, the newest first: `GET /v1/regions/{code}/acts`.
    ///
    /// An act concerns it that is about one of its commitments or members, or that one of its members signed.
    package struct ActPage: Codable, Hashable, Sendable {
        /// Of the last block that was looked at.
        package var height: UInt64
        package var acts: [Act]
        /// The lowest block that was looked into: a request looks back so far and no further.
        package var lookedBackTo: UInt64
        /// Where the next page begins; absent at the first block.
        package var next: String?
        /// The first block that the node holds, where it does not hold all: what was before, others tell.
        package var firstBlock: UInt64?

        package init(
            height: UInt64,
            acts: [Act],
            lookedBackTo: UInt64,
            next: String? = nil,
            firstBlock: UInt64? = nil
        ) {
            (self.height, self.acts, self.lookedBackTo) = (height, acts, lookedBackTo)
            (self.next, self.firstBlock) = (next, firstBlock)
        }
    }
}
