/// Puts another ledger in the place of a folder's, so that a crash at any moment leaves the old or the new one.
///
/// The new one is made in a folder of its own beside, and closed. Then it gets the name ``nextName``, in one step: from
/// there on it counts, and every opening of the ledger finishes what is left, which is to put the old one aside and the new
/// one in its place. So a node never starts on an empty folder between the two, without what the new ledger says of
/// its votes.
package enum LedgerReplacement {
    /// Where the new ledger is made.
    static let folderName = "incoming"

    /// The name of a new ledger that is whole and not in its place yet.
    static let nextName = "ledger.next.sqlite"

    /// The folder that the files of the ledger before are moved into, until all of them are there.
    ///
    /// The name is fixed, so that whoever goes on after a crash moves the rest into the same folder: a ledger without its
    /// write-ahead log lacks its last blocks and votes.
    static let asideName = "ledger.aside"

    /// Makes a ledger and puts it in the place of the folder's.
    ///
    /// - Parameters:
    ///   - folder: The data folder, whose lock the caller holds.
    ///   - make: Makes and opens the new ledger, in the folder that it is given.
    /// - Returns: The path of the folder where the ledger before lies now; `nil` where there was none.
    /// - Throws: ``StorageError``, and whatever `make` throws; the ledger before stands where it stood then.
    package static func run(
        in folder: DataFolder,
        _ make: (DataFolder) throws -> LedgerStore
    ) throws -> String? {
        let incoming = try begin(in: folder)
        defer { discard(in: folder) }
        return try complete(make(incoming), in: folder)
    }

    /// Makes the folder where a new ledger is to be made.
    ///
    /// Whoever made it calls ``complete(_:in:)``, and ``discard(in:)`` whatever came of it.
    ///
    /// - Parameter folder: The data folder, whose lock the caller holds.
    /// - Returns: The folder.
    /// - Throws: `DataFolderError`, ``StorageError``.
    package static func begin(in folder: DataFolder) throws -> DataFolder {
        // One that was cut off before goes first, and then aside like any other.
        _ = try finish(in: folder)
        discard(in: folder)
        return try DataFolder(creating: folder.file(folderName))
    }

    /// Closes the new ledger and puts it in the place of the folder's, which nobody has open any more.
    ///
    /// - Parameters:
    ///   - store: The new ledger, in the folder that ``begin(in:)`` gave.
    ///   - folder: The data folder.
    /// - Returns: What ``run(in:_:)`` returns.
    /// - Throws: ``StorageError``; the ledger before stands where it stood then.
    package static func complete(_ store: LedgerStore, in folder: DataFolder) throws -> String? {
        try store.close()
        let path = LedgerFile.path(in: store.folder.path)
        let log = LedgerFile.writeAheadLog(in: store.folder.path)
        if try OpenFile.isThere(log), try FileStatus(of: log).byteCount > 0 {
            throw StorageError.writeFailed(
                path: path,
                reason: "its write-ahead log could not be moved into it"
            )
        }
        do throws(SystemError) {
            try OpenFile(path, for: .reading).synchronize()
            try OpenFile.move(path, to: folder.file(nextName))
            try OpenFile.synchronizeFolder(folder.path)
        } catch {
            throw StorageError.system(error)
        }
        return try finish(in: folder)
    }

    /// Removes a ledger that was put aside, with its folder.
    package static func remove(aside path: String) {
        for name in LedgerFile.names { OpenFile.remove("\(path)/\(name)") }
        OpenFile.removeFolder(path)
    }

    /// Copies a file into a folder as the ledger that is to be made there, mode 0600 and synchronized.
    ///
    /// - Parameters:
    ///   - path: The file, for example a backup.
    ///   - folder: Where the ledger goes.
    ///   - progress: Told after each piece: bytes copied, and bytes in all.
    /// - Throws: ``StorageError``; ``StorageError/noBackup(path:)`` where there is no such file.
    package static func copy(
        _ path: String,
        into folder: DataFolder,
        progress: (UInt64, UInt64) -> Void = { _, _ in }
    ) throws(StorageError) {
        do {
            guard try OpenFile.isThere(path) else { throw StorageError.noBackup(path: path) }
            let source = try OpenFile(path, for: .reading)
            let status = try FileStatus(of: source)
            guard status.kind == .regular, status.byteCount > 0 else {
                throw StorageError.noBackup(path: path)
            }
            let needed = status.byteCount + DataFolder.votingByteCount
            let available = try OpenFile.availableByteCount(at: folder.path)
            guard available >= needed else {
                throw StorageError.noSpace(path: folder.path, needed: needed, available: available)
            }
            let target = try OpenFile(LedgerFile.path(in: folder.path), for: .creating)
            try target.setMode(0o600)
            var count = 0
            while true {
                let bytes = try source.read(limit: 4 << 20, from: count)
                if bytes.isEmpty { break }
                try target.write(bytes, at: count)
                count += bytes.count
                progress(UInt64(count), max(status.byteCount, UInt64(count)))
            }
            try target.synchronize()
            try OpenFile.synchronizeFolder(folder.path)
        } catch {
            throw StorageError(error, path: path, isWrite: true)
        }
    }

    /// Whether a folder holds a ledger, whole or not.
    package static func isThere(in folder: DataFolder) throws(StorageError) -> Bool {
        do {
            if try OpenFile.isThere(folder.file(nextName)) { return true }
            try LedgerFile.check(in: folder.path)
            return true
        } catch StorageError.noLedger {
            return false
        } catch {
            throw StorageError(error, path: folder.path)
        }
    }

    /// Puts a new ledger that is whole in its place, where one waits for it, and the one before aside.
    ///
    /// - Returns: Where the one before lies now; `nil` where there was none, or nothing waited.
    static func finish(in folder: DataFolder) throws -> String? {
        let (next, aside) = (folder.file(nextName), folder.file(asideName))
        if try OpenFile.isThere(next) {
            for name in LedgerFile.names where try OpenFile.isThere(folder.file(name)) {
                if try !OpenFile.isThere(aside) { try OpenFile.createFolder(aside) }
                try OpenFile.move(folder.file(name), to: "\(aside)/\(name)")
            }
            if try OpenFile.isThere(aside) { try OpenFile.synchronizeFolder(aside) }
            try OpenFile.synchronizeFolder(folder.path)
            try OpenFile.move(next, to: LedgerFile.path(in: folder.path))
            try OpenFile.synchronizeFolder(folder.path)
        }
        guard try OpenFile.isThere(aside) else { return nil }
        let place = try freePlace(in: folder)
        try OpenFile.move(aside, to: place)
        try OpenFile.synchronizeFolder(folder.path)
        return place
    }

    /// Where a folder for the ledger before can stand, named after the time.
    private static func freePlace(in folder: DataFolder) throws -> String {
        let name = folder.file("ledger-until-\(OpenFile.timeName)")
        var (place, number) = (name, 1)
        while try OpenFile.isThere(place) {
            number += 1
            place = "\(name)-\(number)"
        }
        return place
    }

    /// Removes what an attempt left that did not come to an end.
    package static func discard(in folder: DataFolder) {
        let incoming = folder.file(folderName)
        for name in LedgerFile.names + ["lock"] { OpenFile.remove("\(incoming)/\(name)") }
        OpenFile.removeFolder(incoming)
    }
}
