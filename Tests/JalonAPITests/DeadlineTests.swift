import JalonAPI
import Synchronization
import Testing

@Suite("Deadlines that are watched together")
struct DeadlineTests {
    /// Gathers what expired, in its order.
    private final class Log: Sendable {
        private let names = Mutex<[String]>([])
        func add(_ name: String) { names.withLock { $0.append(name) } }
        var all: [String] { names.withLock { $0 } }
    }

    @Test("all expire, none before its time, also where a later one was added first")
    func times() async throws {
        let (deadlines, log) = (Deadlines(), Log())
        let start = ContinuousClock.now
        let limits: [Duration] = [.milliseconds(60), .milliseconds(5), .milliseconds(25)]
        await withTaskGroup(of: Void.self) { group in
            for limit in limits {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        _ = deadlines.add(limit) {
                            log.add(ContinuousClock.now - start >= limit ? "\(limit)" : "too early")
                            continuation.resume()
                        }
                    }
                }
            }
        }
        #expect(Set(log.all) == Set(limits.map { "\($0)" }))
    }

    @Test("never expire once removed, and say whether they were still to come")
    func removed() async throws {
        let (deadlines, log) = (Deadlines(), Log())
        let removed = deadlines.add(.milliseconds(5)) { log.add("removed") }
        #expect(deadlines.remove(removed))
        #expect(!deadlines.remove(removed))
        await withCheckedContinuation { continuation in
            _ = deadlines.add(.milliseconds(30)) { continuation.resume() }
        }
        #expect(log.all.isEmpty)
    }

    @Test("are watched again after all of them were over")
    func again() async throws {
        let deadlines = Deadlines()
        for _ in 0..<3 {
            await withCheckedContinuation { continuation in
                _ = deadlines.add(.milliseconds(2)) { continuation.resume() }
            }
        }
    }
}
