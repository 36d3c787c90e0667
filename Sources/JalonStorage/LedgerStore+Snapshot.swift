import Foundation
import GRDB
import JalonCrypto
import JalonModel
package import JalonState

extension LedgerStore {
    /// Fills an empty ledger out of a snapshot, all of it or nothing.
    ///
    /// - Parameter items: Hands each item that was checked, in order, to what it is given, and gives back what all of them
    ///   prove.
    /// - Returns: What `items` gave back.
    /// - Throws: ``StorageError/exists(path:)`` where the ledger holds blocks; and whatever `items` throws.
    package func fill(
        _ items: (_ take: (SnapshotCheck.Taken) throws -> Void) throws -> SnapshotGround
    ) throws -> SnapshotGround {
        guard try reader.finalHeight() == Height(0) else { throw StorageError.exists(path: folder.path) }
        var thrown: (any Error)?
        var ground: SnapshotGround?
        do {
            try write { database in
                var filling = SnapshotFilling(database, chain: identity.chain)
                do {
                    let proven = try items { try filling.take($0) }
                    try filling.finish(proven)
                    ground = proven
                } catch {
                    thrown = error
                    throw error
                }
            }
        } catch {
            throw thrown ?? error
        }
        guard let ground else { preconditionFailure("a snapshot that was written was checked") }
        return ground
    }
}

/// Writes the items of a snapshot into an empty ledger.
private struct SnapshotFilling {
    private let database: Database
    private let writer: RecordWriter
    private var base: Snapshot.Base?
    private var closings: [EpochChange] = []

    init(_ database: Database, chain: ChainID) {
        self.database = database
        writer = RecordWriter(database: database, chain: chain)
    }

    mutating func take(_ item: SnapshotCheck.Taken) throws {
        switch item {
        case .head: break
        case .epoch(let change): closings.append(change)
        case .base(let base):
            self.base = base
            guard let header = base.header else { return }
            for change in closings where change.header.height <= header.height {
                try database.write(
                    bare: BareBlock(header: change.header, finalization: change.finalization.encoded)
                )
            }
            if closings.contains(where: { $0.header.height == header.height }) { return }
            try database.write(bare: BareBlock(header: header, finalization: nil))
        case .block(let block, let ids, let finalization):
            try writer.insert(final: block, ids, finalization)
        case .leaf(let leaf):
            try database.run(
                "INSERT INTO base_state (path, value) VALUES (?, ?)",
                [leaf.path, Data(leaf.value ?? [])]
            )
        }
    }

    func finish(_ ground: SnapshotGround) throws {
        try writer.write(frontier: ground.frontier.encoded)
        try database.fillCommitmentBlocks()
        guard let base, base.header != nil else {
            // It holds every block, so that nothing of it has to be believed.
            try database.run("INSERT INTO state SELECT path, value FROM base_state ORDER BY path", [])
            try database.run("DELETE FROM base_state", [])
            return
        }
        let start = LedgerBase(
            height: base.height,
            stateHeight: ground.header.height,
            frontier: base.frontier
        )
        try database.run(
            "INSERT INTO meta (name, value) VALUES (?, ?)",
            [LedgerBase.name, Data(start.encoded)]
        )
    }
}

extension RecordWriter {
    /// Stores a block as final that comes with others, whose state follows for all of them.
    fileprivate func insert(final block: Block, _ ids: [TransactionID], _ finalization: Certificate?) throws {
        let height = block.header.height
        try database.run(
            "INSERT INTO chain (height, block, log_size) VALUES (?, ?, ?)",
            [height.stored, try insert(block), Int64(clamping: block.header.logSize)]
        )
        try write(transactions: ids, of: block.header)
        if let finalization { try write(finalization) }
    }
}
