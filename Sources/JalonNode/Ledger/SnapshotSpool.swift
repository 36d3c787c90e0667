import Foundation
import JalonAPI
import JalonCrypto
import JalonModel
import JalonSchema
import JalonStorage
import Synchronization

/// The snapshots that a node gives out: one is made at a time, and what was made lately serves whoever asks next.
///
/// It is written into a file without a name in the data folder, so that a client that reads slowly holds up neither the
/// ledger's file nor its write-ahead log.
final class SnapshotSpool: Sendable {
    /// For so long a snapshot is as good as a new one: a node that joins by it fetches the blocks after it.
    private static let age: Duration = .seconds(60)
    /// How long it takes up disk space after nobody asked any more.
    private static let memory: Duration = .seconds(600)
    private static let readByteCount = 256 << 10

    private struct State {
        var latest: (file: SpooledFile, height: Height, made: ContinuousClock.Instant)?
        var frontier = MerkleFrontier()
        var isBusy = false
        var deadline: Deadlines.Ticket?
    }

    private let reader: LedgerReader
    private let state = Mutex(State())

    init(_ reader: LedgerReader) {
        self.reader = reader
        SpooledFile.discard(path)
    }

    private var path: String { "\(reader.folder)/snapshot.outgoing" }

    /// A snapshot of the head, or one made less than a minute ago.
    ///
    /// - Throws: `API.Problem` while another is being made, or where none can be.
    func snapshot(head: Height) async throws -> StoredSnapshot {
        remember()
        let (held, isFree) = state.withLock { state -> (SpooledFile?, Bool) in
            if let latest = state.latest,
                latest.height == head || ContinuousClock.now - latest.made < SnapshotSpool.age
            {
                return (latest.file, false)
            }
            defer { state.isBusy = true }
            return (nil, !state.isBusy)
        }
        if let held { return SnapshotSpool.stored(held) }
        guard isFree else { throw API.Problem.snapshotBusy }
        do {
            return SnapshotSpool.stored(try await made())
        } catch StorageError.unsealed(_, let height) {
            var problem = API.Problem.unavailable(
                "E_NOT_SEALED",
                height == Height(0)
                    ? "no block is final yet: there is nothing to make a snapshot of"
                    : "block \(height) is final by a later one, which this node has not applied yet",
                hint: "Try again in a moment, or ask another node."
            )
            problem.retryAfter = 1
            throw problem
        }
    }

    private static func stored(_ file: SpooledFile) -> StoredSnapshot {
        StoredSnapshot(byteCount: file.byteCount) { try file.read(from: $0, limit: readByteCount) }
    }

    /// Makes one on a thread of its own that gives way to all others.
    private func made() async throws -> SpooledFile {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread { [self] in
                giveWay()
                let result = Result { try make() }
                state.withLock { $0.isBusy = false }
                continuation.resume(with: result)
            }
            thread.name = "jalon.snapshot"
            thread.start()
        }
    }

    private func make() throws -> SpooledFile {
        // No snapshot is longer than the ledger's file, but for what the file has in a shorter form.
        let needed = try reader.byteCount() + DataFolder.votingByteCount
        let free = try reader.availableByteCount()
        guard free >= needed else {
            throw API.Problem.unavailable(
                "E_DISK_FULL",
                "\(free >> 20) MiB are free here, a snapshot may take \(needed >> 20)",
                hint: "Ask another node."
            )
        }
        var frontier = state.withLock { $0.frontier }
        SpooledFile.discard(path)
        let report = try SnapshotSetup.make(of: reader, at: path, known: &frontier)
        let file = try SpooledFile(taking: path)
        state.withLock { state in
            state.frontier = frontier
            state.latest = (file, report.height, .now)
        }
        return file
    }

    private func remember() {
        let ticket = Deadlines.shared.add(SnapshotSpool.memory) { [weak self] in
            self?.state.withLock { $0.latest = nil }
        }
        let old = state.withLock { state in
            defer { state.deadline = ticket }
            return state.deadline
        }
        if let old { Deadlines.shared.remove(old) }
    }
}
