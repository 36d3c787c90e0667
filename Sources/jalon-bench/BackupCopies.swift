import Foundation
import Synchronization

/// What a load came to with backups and without.
struct BackupResult {
    /// Transactions a second.
    static let rate = 300

    var without: [Load.Result] = []
    var with: [Load.Result] = []
    /// Bytes and seconds of each backup.
    var copies: [(byteCount: Int, seconds: Double)] = []

    var p95Without: Double { without.map { $0.percentile(0.95) }.median }
    var p95With: Double { with.map { $0.percentile(0.95) }.median }
    /// Each run with backups against the one before it.
    var ratio: Double {
        zip(without, with).map { $1.percentile(0.95) / max($0.percentile(0.95), 0.001) }.median
    }
    var byteCount: Int { copies.map(\.byteCount).max() ?? 0 }
    var seconds: Double { copies.map(\.seconds).median }
}

/// `jalon backup` of a running node, one after the other on a thread of its own, as long as a load lasts.
final class BackupCopies: Sendable {
    private let program: String
    private let data: String
    private let out: String
    private let isEnding = Atomic(false)
    private let copies = Mutex<[(byteCount: Int, seconds: Double)]>([])
    private let (ended, ending) = AsyncThrowingStream<Void, any Error>.makeStream()

    init(program: String, data: String, out: String) {
        (self.program, self.data, self.out) = (program, data, out)
    }

    func start() {
        Thread.detachNewThread { [self] in
            do {
                repeat { try copy() } while !isEnding.load(ordering: .relaxed)
                ending.finish()
            } catch {
                ending.finish(throwing: error)
            }
        }
    }

    /// Waits for the last one.
    func end() async throws -> [(byteCount: Int, seconds: Double)] {
        isEnding.store(true, ordering: .relaxed)
        for try await _ in ended {}
        return copies.withLock { $0 }
    }

    private func copy() throws {
        let start = ContinuousClock.now
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["backup", "--data", data, "--out", out, "--json"]
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw BenchFailure("jalon backup failed") }
        let seconds = (ContinuousClock.now - start).seconds
        let attributes = try FileManager.default.attributesOfItem(atPath: out)
        try FileManager.default.removeItem(atPath: out)
        copies.withLock { $0.append(((attributes[.size] as? Int) ?? 0, seconds)) }
    }
}
