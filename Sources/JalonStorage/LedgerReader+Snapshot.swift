import GRDB
import JalonCodec
import JalonCrypto
package import JalonModel
package import JalonState

extension LedgerReader {
    /// Which snapshot is read out of a ledger.
    package enum SnapshotPlace: Sendable {
        /// That of the last block. The frontier is one that the log had at or before the snapshot's base.
        case head(MerkleFrontier)
        /// The one that the ledger begins with.
        case base
    }

    /// Hands over the items of a snapshot, all of them as of one state of the ledger; one is in memory at a time.
    ///
    /// - Parameters:
    ///   - place: Which one.
    ///   - genesis: The ledger's.
    ///   - body: Given each item, in order.
    /// - Throws: ``StorageError``, for example ``StorageError/unsealed(path:_:)``; and whatever `body` throws.
    /// - Complexity: Reads the state, the blocks of the replay window, and those between the frontier and the base.
    package func eachSnapshotItem(
        of place: SnapshotPlace,
        genesis: Genesis,
        _ body: (Snapshot.Item) throws -> Void
    ) throws {
        var thrown: (any Error)?
        try read { database in
            let reading = try SnapshotReading(database, place, genesis: genesis, path: folder)
            do {
                try reading.each(body)
            } catch {
                thrown = error
            }
        }
        if let thrown { throw thrown }
    }

    /// The log's frontier where the replay window of the last block begins: what a snapshot of it starts from.
    ///
    /// Each call reads a part of the log and none holds the ledger's state for long, so that a node goes on beside it.
    ///
    /// - Parameters:
    ///   - known: A frontier that the log had before, from which this goes on.
    ///   - genesis: The ledger's.
    /// - Returns: The frontier; it is never beyond the base of a snapshot that is made later.
    /// - Throws: `CancellationError`, ``StorageError``.
    package func snapshotFrontier(
        after known: MerkleFrontier = MerkleFrontier(),
        genesis: Genesis
    ) throws -> MerkleFrontier {
        var frontier = known
        if let base = try base()?.frontier, base.size > frontier.size { frontier = base }
        let size = try read { database in
            try database.snapshotBase(below: database.finalHeight(), genesis: genesis)?.logSize ?? 0
        }
        while frontier.size < size {
            try Task.checkCancellation()
            let leaves = try leafHashes(in: frontier.size..<min(size, frontier.size + 8_192))
            guard !leaves.isEmpty else {
                throw StorageError.damaged(
                    table: "chain",
                    key: "log index \(frontier.size)",
                    reason: "the log ends before a header says so"
                )
            }
            frontier.append(contentsOf: leaves)
        }
        return frontier
    }
}

/// The parts of one snapshot, looked up.
private struct SnapshotReading {
    private let database: Database
    private let genesis: Genesis
    private let header: BlockHeader
    private let base: Snapshot.Base
    private let place: LedgerReader.SnapshotPlace
    private let leafCount: UInt64

    init(
        _ database: Database,
        _ place: LedgerReader.SnapshotPlace,
        genesis: Genesis,
        path: String
    ) throws {
        let height: Height
        switch place {
        case .head(let known):
            height = try database.finalHeight()
            let left = try database.snapshotBase(below: height, genesis: genesis)
            var frontier = known
            try database.extend(&frontier, to: left?.logSize ?? 0)
            base = Snapshot.Base(header: left, frontier: frontier)
        case .base:
            guard let start = try database.base() else { throw StorageError.unsealed(path: path, Height(0)) }
            height = start.stateHeight
            base = Snapshot.Base(header: try database.header(at: start.height), frontier: start.frontier)
        }
        let sealed = try database.first(
            "finalization",
            "SELECT height FROM finalization WHERE height = ?",
            [height.stored]
        )
        guard sealed != nil, let header = try database.header(at: height) else {
            throw StorageError.unsealed(path: path, height)
        }
        (self.database, self.genesis, self.header, self.place) = (database, genesis, header, place)
        leafCount =
            switch place {
            case .head: try database.leafCount()
            case .base: try database.first("base_state", "SELECT count(*) FROM base_state")?.count(0) ?? 0
            }
    }

    func each(_ body: (Snapshot.Item) throws -> Void) throws {
        try body(
            .head(
                Snapshot.Head(
                    network: genesis.network,
                    chain: genesis.chain,
                    height: header.height,
                    epochCount: header.epoch.value,
                    blockCount: header.height.value - base.height.value,
                    leafCount: leafCount
                )
            )
        )
        if header.epoch.value > 0 {
            for epoch in 1...header.epoch.value { try body(.epoch(change(to: Epoch(epoch)))) }
        }
        try body(.base(base))
        let blocks = """
            SELECT block.id, header, body, block.checksum, finalization.bytes, finalization.checksum, chain.height
                FROM chain JOIN block ON block.number = chain.block
                LEFT JOIN finalization ON finalization.height = chain.height
                WHERE chain.height > ? AND chain.height <= ? ORDER BY chain.height
            """
        try database.each("block", blocks, [base.height.stored, header.height.stored]) { row in
            let key = "height \(try row.count(6))"
            let finalization = try row.isNull(4) ? [] : row.checkedBytes(4, key: key)
            _ = try row.checkedBytes(2, key: key)
            try body(.block(row.encodedBlock(), finalization: finalization))
            return true
        }
        let take: (LeafChange) throws -> Bool = { leaf in
            try body(.leaf(path: leaf.path, value: leaf.value ?? []))
            return true
        }
        switch place {
        case .head: try database.eachLeaf(take)
        case .base: try database.eachBaseLeaf(take)
        }
    }

    /// How the validators before handed over to those of an epoch.
    private func change(to epoch: Epoch) throws -> EpochChange {
        let path = StatePath.epoch(epoch).text
        let value =
            switch place {
            case .head: try database.leaf(at: path)
            case .base:
                try database.first("base_state", "SELECT value FROM base_state WHERE path = ?", [path])?
                    .bytes(0)
            }
        let record = try decodeStored(value ?? [], table: "state", key: path) {
            (decoder) throws(CBORError) in try EpochRecord(from: &decoder)
        }
        let row = try database.first(
            "finalization",
            "SELECT bytes, checksum FROM finalization WHERE height = ?",
            [record.closing.stored]
        )
        let key = "height \(record.closing)"
        let certificate =
            try row?.certificate(0, key: key) ?? database.bareBlock(at: record.closing)?.certificate
        guard let certificate, let header = try database.header(at: record.closing) else {
            throw StorageError.damaged(table: "finalization", key: key, reason: "missing")
        }
        return EpochChange(header: header, finalization: certificate, validators: record.validators)
    }
}

extension Database {
    /// The last block that a snapshot of a block leaves out; `nil` where that is the genesis.
    fileprivate func snapshotBase(below height: Height, genesis: Genesis) throws -> BlockHeader? {
        guard height > Height(0), let tip = try header(at: height) else { return nil }
        let window = ReplayWindow(maxLifetime: genesis.parameters.maxLifetimeMilliseconds)
        var left: BlockHeader?
        let headers = """
            SELECT block.id, header FROM chain JOIN block ON block.number = chain.block
                WHERE height < ? ORDER BY height DESC
            """
        try each("block", headers, [height.stored]) { row in
            let header = try row.header()
            if window.covers(header.timestamp, at: tip.timestamp) { return true }
            left = header
            return false
        }
        // The block before the first one that is held lies outside of the window of every block from its snapshot on.
        return try left ?? base().flatMap { try self.header(at: $0.height) }
    }

    /// Goes on with a frontier by the leaves of final blocks, up to a size of the log.
    fileprivate func extend(_ frontier: inout MerkleFrontier, to size: UInt64) throws {
        if let base = try base()?.frontier, base.size > frontier.size { frontier = base }
        guard frontier.size < size else { return }
        guard let first = try place(of: frontier.size) else {
            throw StorageError.damaged(table: "chain", key: "log index \(frontier.size)", reason: "missing")
        }
        var next = first.logSize
        let blocks = """
            SELECT block.id, header, body, checksum FROM chain JOIN block ON block.number = chain.block
                WHERE height >= ? ORDER BY height
            """
        try each("block", blocks, [first.height.stored]) { row in
            guard next < size else { return false }
            for bytes in try row.block().transactions {
                if next >= frontier.size, next < size { frontier.append(LeafHash(of: bytes)) }
                next += 1
            }
            return next < size
        }
    }
}
