extension API {
    /// What a node's disk holds, and how long it will do.
    package struct StorageUse: Codable, Hashable, Sendable {
        /// Bytes of the ledger's file and of its write-ahead log.
        package var ledgerBytes: UInt64
        /// Bytes that may still be written to its disk; a validator votes no more below 64 MiB.
        package var freeBytes: UInt64
        /// Absent until the chain is an hour old: too little to say anything of its growth.
        package var growth: StorageGrowth?

        package init(ledgerBytes: UInt64, freeBytes: UInt64, growth: StorageGrowth? = nil) {
            self.ledgerBytes = ledgerBytes
            self.freeBytes = freeBytes
            self.growth = growth
        }
    }

    /// How fast a ledger grows by the times in its blocks, estimated and carried forward.
    package struct StorageGrowth: Codable, Hashable, Sendable {
        /// The greater of the two that follow.
        package var bytesPerDay: UInt64
        /// By the last day of the chain, or all of it where it is younger.
        package var lastDayBytesPerDay: UInt64
        /// By the last week of the chain, or all of it where it is younger.
        package var lastWeekBytesPerDay: UInt64
        /// Whole hours of the chain that this rests on, at most 168.
        package var measuredHours: UInt64
        /// Whole days until a validator votes no more, if it goes on like this; absent where nothing grows.
        package var daysUntilFull: UInt64?

        package init(
            bytesPerDay: UInt64,
            lastDayBytesPerDay: UInt64,
            lastWeekBytesPerDay: UInt64,
            measuredHours: UInt64,
            daysUntilFull: UInt64? = nil
        ) {
            self.bytesPerDay = bytesPerDay
            self.lastDayBytesPerDay = lastDayBytesPerDay
            self.lastWeekBytesPerDay = lastWeekBytesPerDay
            self.measuredHours = measuredHours
            self.daysUntilFull = daysUntilFull
        }
    }
}
