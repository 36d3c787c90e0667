import JalonCore
import JalonCrypto
import JalonModel
import JalonNetwork
import Logging
import Synchronization
import Testing

@testable import JalonNode

@Suite("A peer that breaks the rules, in the log")
struct MisbehaviourLogTests {
    private let lines = LogLines()
    private let peer = KeyID(SHA256.hash([1]))

    @Test("has a line where it is known; of strangers one line a second says how many")
    func strangers() {
        let log = MisbehaviourLog(lines.logger(.info))
        for number in 0..<2_000 as Range<UInt64> {
            log.write(peer, isKnown: false, .malformed(.tip), "short", at: 7_000 + number)
        }
        #expect(lines.all.map { $0.metadata["count"] } == ["1", "1000"])
        for _ in 0..<2 { log.write(peer, isKnown: true, .malformed(.vote), "short", at: 7_000) }
        let known = lines.all.dropFirst(2)
        #expect(known.map { $0.metadata["peer.id"] } == ["\(peer)", "\(peer)"])
        #expect(known.allSatisfy { $0.level == .warning && $0.metadata["error"] == "short" })
    }
}

@Suite("Whom the driver hears")
struct HeardPeersTests {
    @Test("are those connected that did not misbehave since, and again once they are connected anew")
    func heard() {
        let (one, two) = (KeyID(SHA256.hash([1])), KeyID(SHA256.hash([2])))
        var heard = HeardPeers()
        #expect(heard.isKnown(one) == nil)
        heard.connected(one, isKnown: true)
        heard.connected(two, isKnown: false)
        #expect(heard.isKnown(one) == true && heard.isKnown(two) == false)
        #expect(heard.remove(one) == true)
        #expect(heard.remove(one) == nil && heard.isKnown(one) == nil && heard.isKnown(two) == false)
        heard.connected(one, isKnown: false)
        #expect(heard.isKnown(one) == false)
    }
}

@Suite("A node whose peer sends what does not decode", .serialized)
struct MisbehaviourTests {
    @Test("says so once a connection, however much of it was on its way", .timeLimit(.minutes(10)))
    func once() async throws {
        let live = try LiveNetwork(validatorCount: 4)
        let lines = LogLines()
        var warnings: [LogLines.Line] { lines.all.filter { $0.level >= .warning } }
        let connections = Count()
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            let node = try live.node(0, log: lines)
            let offender = try live.bareNetwork(1)
            group.addTask { try await node.run() }
            group.addTask { try await offender.run() }
            group.addTask {
                // Where other tests leave this one no time, a connection may end before its frames are looked at.
                for await case .connected(let peer, _, _) in offender.events {
                    connections.value.withLock { $0 += 1 }
                    for _ in 0..<400 { offender.send(.vote, body: [0xFF], to: [peer]) }
                }
            }
            while warnings.isEmpty { try await Task.sleep(for: .milliseconds(20)) }
            // Whatever was received is looked at by now, or soon.
            try await Task.sleep(for: .milliseconds(500))
            let found = warnings
            #expect(found.count <= connections.value.withLock { $0 })
            for line in found {
                #expect(line.metadata["misbehaviour"] == "\(Misbehaviour.malformed(.vote))")
                #expect(line.metadata["peer.id"] == "\(offender.ownID)")
            }
        }
    }
}

private final class Count: Sendable {
    let value = Mutex(0)
}
