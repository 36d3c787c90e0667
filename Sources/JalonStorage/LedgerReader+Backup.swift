import GRDB
package import JalonModel

/// What a backup holds.
package struct LedgerBackup: Hashable, Sendable {
    package let identity: LedgerIdentity
    /// The last final block in it.
    package let height: Height
    /// Bytes of the file.
    package let byteCount: UInt64
}

extension LedgerReader {
    /// Pages copied without a rest: 1 MiB.
    private static let pagesPerStep: CInt = 256

    /// Bytes of a step's page, for progress; SQLite's own size, which no ledger changes.
    private static let pageByteCount: UInt64 = 4_096

    /// Copies the ledger as it stands after some whole turn into one new file, while its node goes on.
    ///
    /// One read transaction lasts as long as the copy, so that the writer neither waits for it nor makes it begin anew; its
    /// write-ahead log grows meanwhile. After each step the copy rests three times as long as the step took, and what was
    /// written is synchronized piece by piece: one large synchronization at the end would hold up that of the node's
    /// votes. The file is written under another name beside, has mode 0600, holds no key, and needs no write-ahead log:
    /// any SQLite opens it.
    ///
    /// - Parameters:
    ///   - path: The new file.
    ///   - progress: Told after each step: bytes copied, and bytes in all.
    /// - Returns: What the file holds.
    /// - Throws: ``BackupError``; nothing is left behind.
    package func backUp(
        to path: String,
        progress: (UInt64, UInt64) -> Void = { _, _ in }
    ) throws(BackupError) -> LedgerBackup {
        do {
            if try OpenFile.isThere(path) { throw BackupError.exists(path: path) }
            try checkSpace(for: try byteCount(), at: path)
            let part = path + ".part"
            // One that was cut off before is written anew; the lock is its writer's.
            let file = try OpenFile(part, for: .updating)
            guard try file.lock(.exclusive) else { throw BackupError.beingWritten(path: part) }
            // Whoever held the lock until now may have finished.
            if try OpenFile.isThere(path) { throw BackupError.exists(path: path) }
            do {
                try file.setMode(0o600)
                try file.replace(with: [])
                let height = try copy(to: part, synchronizing: file, progress)
                try file.synchronize()
                let backup = LedgerBackup(
                    identity: identity,
                    height: height,
                    byteCount: try FileStatus(of: file).byteCount
                )
                try OpenFile.moveWithoutReplacing(part, to: path)
                try OpenFile.synchronizeFolder(OpenFile.parent(of: path))
                return backup
            } catch {
                OpenFile.remove(part)
                throw error
            }
        } catch {
            throw BackupError(error, path: path)
        }
    }

    /// Refuses a copy that would not fit, or would leave the node beside it without room to vote.
    private func checkSpace(for needed: UInt64, at path: String) throws {
        let parent = OpenFile.parent(of: path)
        let reserve = try sharesDisk(with: path) ? DataFolder.votingByteCount + (16 << 20) : 1 << 20
        let available = try OpenFile.availableByteCount(at: parent)
        guard available >= needed + reserve else {
            throw BackupError.noSpace(folder: parent, needed: needed + reserve, available: available)
        }
    }

    /// Whether a file at a path would lie on the ledger's own disk.
    package func sharesDisk(with path: String) throws(StorageError) -> Bool {
        do throws(SystemError) {
            let parent = OpenFile.parent(of: path)
            return try FileStatus(of: "\(parent)/.").device == FileStatus(of: "\(folder)/.").device
        } catch { throw .system(error) }
    }

    private func copy(
        to part: String,
        synchronizing file: OpenFile,
        _ progress: (UInt64, UInt64) -> Void
    ) throws -> Height {
        var configuration = Configuration()
        configuration.label = "backup"
        configuration.prepareDatabase { database in
            // Nobody reads the file before it is whole, and it is synchronized by itself.
            try database.execute(
                sql: "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -2000"
            )
        }
        let target = try DatabaseQueue(path: part, configuration: configuration)
        let height = try database.read { source in
            // The first read begins the transaction that all of the copy is read in.
            let height = try source.finalHeight()
            try target.writeWithoutTransaction { destination in
                var pace = Pace()
                // GRDB keeps the closure no longer than the call, though its type does not say so.
                try withoutActuallyEscaping(progress) { progress in
                    try source.backup(to: destination, pagesPerStep: LedgerReader.pagesPerStep) { state in
                        progress(
                            UInt64(state.completedPageCount) * LedgerReader.pageByteCount,
                            UInt64(state.totalPageCount) * LedgerReader.pageByteCount
                        )
                        try pace.step(synchronizing: file)
                    }
                }
            }
            return height
        }
        try target.close()
        try makeSelfContained(part)
        return height
    }

    /// Takes the mark of a write-ahead log off a copy: with it a reader would have to write beside the file.
    private func makeSelfContained(_ part: String) throws {
        let copy = try DatabaseQueue(path: part)
        try copy.writeWithoutTransaction { database in
            guard try database.first("schema", "SELECT count(*) FROM sqlite_schema")?.count(0) ?? 0 > 0,
                try database.first("journal_mode", "PRAGMA journal_mode = DELETE")?.text(0) == "delete"
            else { throw StorageError.corrupt(path: part, reason: "the copy is no database of its own") }
        }
        try copy.close()
    }
}

/// Makes a copy take no more than a quarter of a core and of a disk, and leave nothing to be synchronized at once.
private struct Pace {
    private static let restsPerStep = 3
    private static let stepsPerSynchronization = 8
    private var last = ContinuousClock.now
    private var stepCount = 0

    mutating func step(synchronizing file: OpenFile) throws(SystemError) {
        stepCount += 1
        if stepCount.isMultiple(of: Pace.stepsPerSynchronization) { try file.synchronize() }
        OpenFile.rest(min((ContinuousClock.now - last) * Pace.restsPerStep, .seconds(1)))
        last = .now
    }
}

/// Why there is no backup.
package enum BackupError: Error, Hashable, Sendable {
    /// Something stands where the backup should.
    case exists(path: String)
    /// Another process writes the same backup.
    case beingWritten(path: String)
    /// Bytes that the copy, and what must be left beside it, take.
    case noSpace(folder: String, needed: UInt64, available: UInt64)
    case storage(StorageError)

    init(_ error: any Error, path: String) {
        switch error {
        case let error as BackupError: self = error
        case let error as SystemError where error.exists: self = .exists(path: path)
        default: self = .storage(StorageError(error, path: path, isWrite: true))
        }
    }
}

extension BackupError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .exists(let path):
            "\(path) is there already, and a backup is never overwritten: give another name"
        case .beingWritten(let path):
            "another process writes \(path): wait for it, or give another name"
        case .noSpace(let folder, let needed, let available):
            """
            \(folder) has \(available >> 20) MiB free, \((needed >> 20) + 1) MiB are needed (the copy, and what a node \
            beside it needs to go on voting): make room, or give a place on another disk
            """
        case .storage(let error): error.description
        }
    }
}
