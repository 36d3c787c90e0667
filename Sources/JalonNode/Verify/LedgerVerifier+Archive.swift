import JalonCrypto
import JalonModel
import JalonState
import JalonStorage

// What an archived ledger keeps of the blocks whose bodies it dropped.
extension LedgerVerifier {
    /// Blocks that are read and checked at once.
    private static let archiveBatchCount = 1_024

    /// Checks the links of the headers, the log roots by the leaf hashes, and the seals, up to where the ledger begins.
    ///
    /// What the transactions said can't be checked here any more: whoever dropped them executed them before.
    ///
    /// - Parameters:
    ///   - genesis: What is believed.
    ///   - ground: What the ledger begins with, checked; the blocks have to lead to it.
    ///   - seals: Whether every finalization is checked, and not only that the last one covers all.
    /// - Returns: `nil` where nothing was archived.
    /// - Throws: ``VerificationFailure`` naming the block.
    func checkArchive(
        _ genesis: Genesis,
        _ ground: SnapshotGround?,
        seals: Bool
    ) async throws -> ArchiveReport? {
        guard let folder, let ground, let archived = try archivedBlocks(folder) else { return nil }
        var scan = try start(of: archived, in: folder, genesis)
        let contexts = EpochContexts(genesis, ground.state)
        let first = scan.links.log.size
        var certificateCount = 0
        while scan.links.tip.height < archived.last {
            let blocks = try LedgerVerifier.advance(&scan, to: archived.last, in: folder)
            guard seals else { continue }
            let sealed = blocks.compactMap { block in
                block.finalization.map { SealedHeader(header: block.header, finalization: $0) }
            }
            let checks = await inParallel(sealed) { header in
                Result { () throws(VerificationFailure) in try header.signatureCount(in: contexts) }
            }
            for check in checks { _ = try check.get() }
            certificateCount += sealed.count
        }
        let base = ground.base
        guard base.header?.id == scan.links.tip.id, base.frontier == scan.links.log else {
            throw VerificationFailure(
                .block(archived.last),
                "the archived blocks do not lead to the one that the ledger begins after",
                verified: nil
            )
        }
        return ArchiveReport(
            first: archived.first,
            last: archived.last,
            transactionCount: scan.links.log.size - first,
            certificateCount: seals ? certificateCount : nil
        )
    }

    /// Names the archived block whose damage is why the ledger's beginning does not hold.
    ///
    /// - Parameters:
    ///   - error: What the check of the beginning threw.
    ///   - genesis: What is believed.
    /// - Returns: `nil` where it is none of them.
    func archivedDamage(behind error: any Error, _ genesis: Genesis) -> VerificationFailure? {
        guard let folder, let archived = try? archivedBlocks(folder) else { return nil }
        if case .some(.epoch(_, let closing, let reason)) = error as? SnapshotError,
            (archived.first...archived.last).contains(closing)
        {
            return VerificationFailure(.block(closing), "archived: \(reason)", verified: nil)
        }
        do throws(VerificationFailure) {
            var scan = try start(of: archived, in: folder, genesis)
            while scan.links.tip.height < archived.last {
                _ = try LedgerVerifier.advance(&scan, to: archived.last, in: folder)
            }
            return nil
        } catch {
            return error
        }
    }

    /// Takes the next blocks; there is one more at least.
    private static func advance(
        _ scan: inout ArchiveScan,
        to last: Height,
        in folder: LedgerReader
    ) throws(VerificationFailure) -> [BareBlock] {
        let next = scan.links.tip.height.next
        let blocks = try bareBlocks(from: next, to: last, in: folder)
        guard !blocks.isEmpty else { throw scan.failure(next, "its header is missing from the ledger") }
        for block in blocks { try scan.take(block) }
        return blocks
    }

    /// Reads a batch; where one of it can't be read, the first alone, so that the bad one is named.
    private static func bareBlocks(
        from next: Height,
        to last: Height,
        in folder: LedgerReader
    ) throws(VerificationFailure) -> [BareBlock] {
        if let blocks = try? folder.bareBlocks(from: next, to: last, count: archiveBatchCount) {
            return blocks
        }
        do { return try folder.bareBlocks(from: next, to: last, count: 1) } catch {
            throw VerificationFailure(
                .block(next),
                "archived: it can't be read: \(error)",
                verified: nil
            )
        }
    }

    private func archivedBlocks(_ folder: LedgerReader) throws(VerificationFailure) -> ArchivedBlocks? {
        do { return try folder.archived() } catch {
            throw VerificationFailure(.derived("where the archived blocks begin"), "\(error)", verified: nil)
        }
    }

    /// What the first archived block has to follow: the genesis, or the last block that nothing more is known of.
    private func start(
        of archived: ArchivedBlocks,
        in folder: LedgerReader,
        _ genesis: Genesis
    ) throws(VerificationFailure) -> ArchiveScan {
        func failure(_ reason: String) -> VerificationFailure {
            VerificationFailure(.derived("where the archived blocks begin"), reason, verified: nil)
        }
        guard archived.first > Height(1) else {
            guard archived.frontier == MerkleFrontier() else {
                throw failure("a log of \(archived.frontier.size) transactions at the genesis")
            }
            return ArchiveScan(links: ChainLinks(genesis), opensEpoch: false)
        }
        let before = Height(archived.first.value - 1)
        let header: BlockHeader?
        do { header = try folder.header(at: before) } catch { throw failure("\(error)") }
        guard let header, header.logSize == archived.frontier.size, header.logRoot == archived.frontier.root
        else { throw failure("the frontier is not that of the log of block \(before)") }
        return ArchiveScan(
            links: ChainLinks(after: header, log: archived.frontier),
            opensEpoch: header.closesEpoch
        )
    }
}

/// The links and the log of the archived blocks so far.
private struct ArchiveScan {
    var links: ChainLinks
    /// Whether the last block closed its epoch.
    var opensEpoch: Bool

    mutating func take(_ block: BareBlock) throws(VerificationFailure) {
        let height = links.tip.height.next
        do throws(BlockDefect) {
            try links.follow(block.header, height: height, opensEpoch: opensEpoch)
            try links.append(block.leafHashes, of: block.header)
            guard block.transactionIDs.count == block.leafHashes.count else {
                throw BlockDefect("its leaf hashes and ids are not of the same transactions")
            }
            guard !block.header.closesEpoch || block.finalization != nil else {
                throw BlockDefect("it closes its epoch and has no finalization")
            }
        } catch {
            throw failure(height, error.reason)
        }
        opensEpoch = block.header.closesEpoch
    }

    func failure(_ height: Height, _ reason: String) -> VerificationFailure {
        VerificationFailure(.block(height), "archived: \(reason)", verified: nil)
    }
}

/// The file that a ledger's first blocks were written into, and the folder that holds those after them.
struct JoinedSource: LedgerSource {
    let file: ExportedLedger
    let folder: LedgerReader
    /// The first block that the folder holds whole.
    private let firstHeld: Height

    var identity: LedgerIdentity { folder.identity }

    init(file: ExportedLedger, folder: LedgerReader) throws {
        (self.file, self.folder) = (file, folder)
        firstHeld = try folder.base()?.firstBlock ?? Height(1)
        guard file.identity == folder.identity else {
            throw VerificationFailure(
                .file,
                "the file is of \(file.identity), the folder of \(folder.identity)",
                verified: nil
            )
        }
        guard file.height.next >= firstHeld else {
            throw VerificationFailure(
                .block(file.height.next),
                "the file ends before it, the folder begins with block \(firstHeld)",
                verified: nil
            )
        }
    }

    func genesis() async throws -> [UInt8] { try folder.genesis() }

    func finalHeight() async throws -> Height { try folder.finalHeight() }

    func rawBlocks(from height: Height, count: Int, byteLimit: Int) async throws -> [RawBlock] {
        guard height < firstHeld else {
            return try folder.rawBlocks(from: height, count: count, byteLimit: byteLimit)
        }
        let most = min(count, Int(clamping: firstHeld.value - height.value))
        return try file.rawBlocks(from: height, count: most, byteLimit: byteLimit)
    }
}
