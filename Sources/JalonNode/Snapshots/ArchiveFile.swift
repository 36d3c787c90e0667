import JalonCrypto
import JalonModel
import JalonState
import JalonStorage

/// The exported file that the bodies of dropped blocks go into: it holds every block from the first one on, and grows.
struct ArchiveFile {
    let path: String
    let reader: LedgerReader
    /// The last block that it is to hold.
    let last: Height

    /// Writes the file, or goes on with the one that is there; that is replaced once the new one is whole.
    ///
    /// What is there is not believed: its blocks have to lead to the first one that the ledger holds, or to be the same.
    ///
    /// - Parameter progress: Told the height written.
    /// - Returns: The bytes of the file.
    /// - Throws: ``ArchiveError``, `ExportError`, `StorageError`.
    func write(_ progress: (Height) throws -> Void) async throws -> UInt64 {
        let firstHeld = try reader.base()?.firstBlock ?? Height(1)
        guard let before = try existing(firstHeld) else {
            return try await write(from: nil, firstHeld, progress)
        }
        try check(before, firstHeld)
        guard before.height < last else {
            // One that was cut off after the file, or blocks that were exported before.
            return try NewFile.byteCount(at: path) ?? 0
        }
        return try await write(from: before, firstHeld, progress)
    }

    /// Bytes that are written beside the ledger: none where the file lies elsewhere.
    static func neededByteCount(_ path: String, _ reader: LedgerReader, _ bodies: UInt64) throws -> UInt64 {
        guard try reader.sharesDisk(with: path) else { return 0 }
        return bodies + (try NewFile.byteCount(at: path) ?? 0)
    }

    private func existing(_ firstHeld: Height) throws -> ExportedLedger? {
        guard try NewFile.byteCount(at: path) != nil else {
            guard firstHeld == Height(1) else {
                throw ArchiveError.doesNotContinue(path: path, last: nil, first: firstHeld)
            }
            return nil
        }
        let file = try ExportedLedger(path: path)
        guard file.identity == reader.identity else {
            throw StorageError.otherLedger(path: path, found: file.identity, expected: reader.identity)
        }
        guard file.height.next >= firstHeld else {
            throw ArchiveError.doesNotContinue(path: path, last: file.height, first: firstHeld)
        }
        return file
    }

    /// Checks that the file's blocks lead to the first one that is held, and are the same from there on.
    private func check(_ file: ExportedLedger, _ firstHeld: Height) throws {
        var links = ChainLinks(try IndexRebuild.genesis(of: reader))
        var opensEpoch = false
        let end = min(file.height, last)
        while links.tip.height < end {
            let next = links.tip.height.next
            for raw in try file.rawBlocks(from: next, count: 256, byteLimit: 4 << 20) where raw.height <= end
            {
                do throws(BlockDefect) {
                    let block = try StoredBlockCheck.decoded(raw).get()
                    try links.follow(block.header, height: raw.height, opensEpoch: opensEpoch)
                    try links.append(block.transactions.map { LeafHash(of: $0) }, of: block.header)
                    opensEpoch = block.header.closesEpoch
                } catch {
                    throw ExportError.damaged(path: path, raw.height, reason: error.reason)
                }
                // Hashes bind what lies before: one held block that is the same, or the parent of one, is enough.
                guard try raw.height.next < firstHeld || reader.header(at: raw.height)?.id == links.tip.id
                else { throw ArchiveError.otherBlock(path: path, raw.height) }
            }
        }
    }

    private func write(
        from before: ExportedLedger?,
        _ firstHeld: Height,
        _ progress: (Height) throws -> Void
    ) async throws -> UInt64 {
        try await LedgerExport.write(
            to: path,
            identity: reader.identity,
            genesis: try reader.genesis(),
            upTo: last,
            mayReplace: before != nil
        ) { height in
            if height > Height(1) { try progress(Height(height.value - 1)) }
            guard let before, height < firstHeld else {
                return try reader.rawBlocks(from: height, count: 256, byteLimit: 4 << 20)
            }
            let most = min(256, Int(clamping: firstHeld.value - height.value))
            return try before.rawBlocks(from: height, count: most, byteLimit: 4 << 20)
        }
    }
}
