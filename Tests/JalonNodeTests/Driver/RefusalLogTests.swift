import JalonCrypto
import JalonModel
import JalonState
import Logging
import Synchronization
import Testing

@testable import JalonNode

@Suite("Refused transactions in the log")
struct RefusalLogTests {
    /// Keeps the lines that a logger at the level info would write.
    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])

        var all: [String] { lines.withLock { $0 } }

        func logger(_ level: Logger.Level) -> Logger {
            Logger(label: "test") { _ in Handler(lines: self, logLevel: level) }
        }

        struct Handler: LogHandler {
            let lines: Lines
            var logLevel: Logger.Level
            var metadata: Logger.Metadata = [:]

            subscript(metadataKey key: String) -> Logger.Metadata.Value? {
                get { metadata[key] }
                set { metadata[key] = newValue }
            }

            func log(event: LogEvent) {
                let code = event.metadata?["code"].map { " \($0)" } ?? ""
                let count = event.metadata?["count"].map { " \($0)" } ?? ""
                lines.lines.withLock { $0.append("\(event.level)\(code)\(count)") }
            }
        }
    }

    private let lines = Lines()
    private let id = TransactionID(SHA256.hash([1]))

    private func refusal(_ code: Refusal.Code) -> Refusal { Refusal(code, "so", hint: "else") }

    @Test(
        "those that anybody can send: one line a second with their number",
        arguments: [
            Refusal.Code.unknownKey, .signature, .overloaded,
        ]
    )
    func flood(code: Refusal.Code) {
        let log = RefusalLog(lines.logger(.info))
        for number in 0..<30_000 as Range<UInt64> { log.write(id, refusal(code), at: 5_000 + number / 10) }
        let name = code.rawValue
        #expect(lines.all == ["info \(name) 1", "info \(name) 10000", "info \(name) 10000"])
    }

    @Test("bytes that are no transaction are counted as well")
    func malformed() {
        let log = RefusalLog(lines.logger(.info))
        for _ in 0..<100 { log.write(nil, refusal(.malformed), at: 0) }
        #expect(lines.all == ["info E_MALFORMED 1"])
    }

    @Test("those that a known key signed: a line each, as its member answers for them")
    func signed() {
        let log = RefusalLog(lines.logger(.info))
        for _ in 0..<3 { log.write(id, refusal(.duplicatePeriod), at: 0) }
        log.write(id, refusal(.malformed), at: 0)
        #expect(lines.all == Array(repeating: "info E_DUPLICATE_PERIOD", count: 3) + ["info E_MALFORMED"])
    }

    @Test("at the level debug every one has its line")
    func debug() {
        let log = RefusalLog(lines.logger(.debug))
        for _ in 0..<3 { log.write(id, refusal(.unknownKey), at: 0) }
        #expect(lines.all.count { $0 == "debug E_UNKNOWN_KEY" } == 3)
    }
}
