import GRDB
package import JalonModel

/// Which ledger a file holds.
package struct LedgerIdentity: Hashable, Sendable, CustomStringConvertible {
    package let network: NetworkID
    package let chain: ChainID

    package init(network: NetworkID, chain: ChainID) {
        self.network = network
        self.chain = chain
    }

    package var description: String { "\(network) (chain \(chain))" }
}

/// Why a ledger can't be opened, read or written.
package enum StorageError: Error, Hashable, Sendable {
    /// The folder holds no ledger.
    case noLedger(path: String)
    /// The folder holds a ledger already.
    case exists(path: String)
    /// Something stands where a file was to be made.
    case fileExists(path: String)
    /// The ledger is of another network or chain.
    case otherLedger(path: String, found: LedgerIdentity, expected: LedgerIdentity)
    /// The tables are of a later version of the program.
    case newerSchema(path: String, found: Int, known: Int)
    /// There is no file to restore from.
    case noBackup(path: String)
    /// Bytes that a new ledger takes, and what has to stay free beside it.
    case noSpace(path: String, needed: UInt64, available: UInt64)
    /// SQLite finds the file damaged, or the file is none of ours.
    case corrupt(path: String, reason: String)
    /// A value read back is not what was written. The row is named by its key.
    case damaged(table: String, key: String, reason: String)
    /// `synchronous` reads back another number than 2, so a commit would not be durable.
    case notDurable(path: String, synchronous: Int64)
    /// The disk, or the file system's quota, is full. Nothing of the turn was written.
    case diskFull(path: String)
    /// Writing failed otherwise. Nothing of the turn can be relied on.
    case writeFailed(path: String, reason: String)
    /// Reading failed for another reason than damage.
    case readFailed(path: String, reason: String)
    /// A write failed before, so nothing is written any more: a store whose last write is in doubt must not go on.
    case stopped(path: String)
    /// An own vote contradicts one that is stored. It must not be sent.
    case contradictingVote(Epoch, View, reason: String)
    /// No block is final yet, or the last one is so by a later one that is not applied yet: no snapshot can be made of it.
    case unsealed(path: String, Height)
    /// The ledger holds no blocks before this one, so what needs them can't be done with it.
    case beginsLater(path: String, first: Height)
    /// A final block is not the next one of the chain.
    case notNext(found: Height, expected: Height, reason: String)
    case system(SystemError)
}

extension StorageError {
    /// Names an error of SQLite's, or of a file; `isWrite` says how one without a name of its own is to be called.
    init(_ error: any Error, path: String, isWrite: Bool = false) {
        switch error {
        case let error as StorageError: self = error
        case let error as SystemError: self = .system(error)
        case let error as DatabaseError:
            switch error.resultCode {
            case .SQLITE_FULL: self = .diskFull(path: path)
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .corrupt(path: path, reason: "\(error)")
            default:
                self =
                    isWrite
                    ? .writeFailed(path: path, reason: "\(error)")
                    : .readFailed(path: path, reason: "\(error)")
            }
        default:
            self =
                isWrite
                ? .writeFailed(path: path, reason: "\(error)") : .readFailed(path: path, reason: "\(error)")
        }
    }
}

extension StorageError: CustomStringConvertible {
    /// A validator that forgot what it voted could vote twice: whatever makes a ledger anew notes that for the next start.
    private static let repair = """
        see how far it reaches with 'jalon verify', then fetch the ledger anew from the peers with \
        'jalon node resync NODE.YAML' (the damaged one is kept)
        """

    /// What follows from the blocks can be made anew out of them.
    private static func repair(table: String, key: String) -> String {
        let derived = ["recent_transactions", "transaction_place", "commitment_block", "state"]
        return derived.contains(table) || (table, key) == ("meta", "frontier")
            ? "with the node stopped, make it anew from the blocks with 'jalon index rebuild NODE.YAML'"
            : repair
    }

    package var description: String {
        switch self {
        case .noLedger(let path):
            "there is no ledger in \(path): make one with 'jalon join'"
        case .exists(let path):
            "there is a ledger in \(path) already, and it is never overwritten: nothing was changed"
        case .fileExists(let path):
            "\(path) is there already: nothing was changed; give another name or move it away"
        case .otherLedger(let path, let found, let expected):
            "\(path) holds the ledger of \(found), not of \(expected): give the right folder"
        case .newerSchema(let path, let found, let known):
            "\(path) was written by a newer program (tables of version \(found); this one knows \(known)): update jalon"
        case .noBackup(let path):
            "there is no backup \(path): give a file that 'jalon backup' wrote"
        case .noSpace(let path, let needed, let available):
            """
            \(path) has \(available >> 20) MiB free, \((needed >> 20) + 1) MiB are needed (the ledger, and 64 MiB \
            without which a node does not vote): make room
            """
        case .corrupt(let path, let reason):
            "\(path) is damaged (\(reason)): \(StorageError.repair)"
        case .damaged(let table, let key, let reason):
            "the row \(key) of the table \(table) is damaged (\(reason)): \(StorageError.repair(table: table, key: key))"
        case .notDurable(let path, let synchronous):
            "\(path): SQLite's synchronous is \(synchronous), 2 is needed, so a vote could be lost after it was sent"
        case .diskFull(let path):
            "no space is left for \(path): make room, then start the node again"
        case .writeFailed(let path, let reason):
            "writing \(path) failed (\(reason)): look at the disk, then start the node again"
        case .readFailed(let path, let reason):
            "reading \(path) failed: \(reason)"
        case .stopped(let path):
            "\(path) is not written any more, since a write failed: start the node again"
        case .contradictingVote(let epoch, let view, let reason):
            "an own vote in epoch \(epoch), view \(view) contradicts a stored one (\(reason)): it was not sent"
        case .unsealed(let path, let height):
            height == Height(0)
                ? "no block is final in \(path) yet: there is nothing to make a snapshot of"
                : """
                block \(height), the last one of \(path), is final by a later one that is not there yet: start the node, and \
                try again
                """
        case .beginsLater(let path, let first):
            """
            \(path) begins with block \(first) (it was joined by a snapshot, or archived): use a ledger that holds every \
            block, or make a snapshot ('jalon snapshot')
            """
        case .notNext(let found, let expected, let reason):
            "a final block of height \(found) where \(expected) comes next (\(reason))"
        case .system(let error):
            error.description
        }
    }
}
