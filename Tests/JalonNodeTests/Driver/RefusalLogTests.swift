import JalonCrypto
import JalonModel
import JalonState
import Logging
import Testing

@testable import JalonNode

@Suite("Refused transactions in the log")
struct RefusalLogTests {
    private let lines = LogLines()

    /// The level, the code and the count of every line.
    private var said: [String] {
        lines.all.map { line in
            let words = [line.metadata["code"], line.metadata["count"]].compactMap { $0 }
            return (["\(line.level)"] + words).joined(separator: " ")
        }
    }

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
        #expect(said == ["info \(name) 1", "info \(name) 10000", "info \(name) 10000"])
    }

    @Test("bytes that are no transaction are counted as well")
    func malformed() {
        let log = RefusalLog(lines.logger(.info))
        for _ in 0..<100 { log.write(nil, refusal(.malformed), at: 0) }
        #expect(said == ["info E_MALFORMED 1"])
    }

    @Test("those that a known key signed: a line each, as its member answers for them")
    func signed() {
        let log = RefusalLog(lines.logger(.info))
        for _ in 0..<3 { log.write(id, refusal(.duplicatePeriod), at: 0) }
        log.write(id, refusal(.malformed), at: 0)
        #expect(said == Array(repeating: "info E_DUPLICATE_PERIOD", count: 3) + ["info E_MALFORMED"])
    }

    @Test("at the level debug every one has its line")
    func debug() {
        let log = RefusalLog(lines.logger(.debug))
        for _ in 0..<3 { log.write(id, refusal(.unknownKey), at: 0) }
        #expect(said.count { $0 == "debug E_UNKNOWN_KEY" } == 3)
    }
}
