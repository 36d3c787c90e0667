import Foundation
import JalonClient
import JalonModel
import JalonSchema
import JalonStorage
import Synchronization

/// Hands transactions to the nodes and times each of them.
struct Load {
    let network: BenchNetwork
    let track: HeadTrack
    /// Transactions that are handed in and not final everywhere, at the most: below what a mempool holds.
    static let window = 4_000

    /// What one load came to.
    struct Result {
        let count: Int
        /// From the first submission until the last transaction was final on every node.
        let seconds: Double
        /// From submission to finality on the slowest node, ascending, in milliseconds.
        let latencies: [Double]
        /// CPU seconds of all nodes, and of this program.
        let nodeCPU: Double
        let clientCPU: Double
        /// Seconds of one core for one verification, measured just before and after.
        var verificationSeconds = 0.0

        var rate: Double { Double(count) / seconds }
        var cpuPerThousand: Double { nodeCPU * 1_000 / Double(count) }
        var clientPerThousand: Double { clientCPU * 1_000 / Double(count) }

        func percentile(_ part: Double) -> Double {
            latencies.isEmpty ? 0 : latencies[min(latencies.count - 1, Int(Double(latencies.count) * part))]
        }
    }

    /// As fast as the nodes take them, `size` a request, over so many connections to each node.
    func saturate(_ transactions: [Transaction], size: Int, connections: Int) async throws -> Result {
        let (track, base) = (track, track.logSize)
        let queue = WorkQueue(transactions.indices)
        let bytes = transactions.map(\.bytes)
        return try await measured(transactions) { note in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for address in network.nodes.map(\.description.api) {
                    for _ in 0..<connections {
                        group.addTask {
                            try await onThread {
                                let connection = try LoadConnection(address)
                                while let part = queue.take(size) {
                                    let room = max(0, part.upperBound - Load.window)
                                    while track.logSize < base + UInt64(room) { usleep(1_000) }
                                    for index in part { note(index) }
                                    try connection.submit(bytes[part])
                                }
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    /// At a fixed rate a second, one a request, the nodes in turn.
    func pace(_ transactions: [Transaction], rate: Int) async throws -> Result {
        let start = ContinuousClock.now
        return try await measured(transactions) { note in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in transactions.indices {
                    try await Task.sleep(
                        until: start + .microseconds(index * 1_000_000 / rate),
                        tolerance: .zero
                    )
                    let client = network.nodes[index % network.nodes.count].client
                    note(index)
                    let bytes = transactions[index].bytes
                    group.addTask { try await Load.submit(bytes, to: client) }
                }
                try await group.waitForAll()
            }
        }
    }

    private static func submit(_ transaction: [UInt8], to client: LedgerClient) async throws {
        let answer = try await client.submit(transaction)
        if answer.state == .rejected {
            throw BenchFailure("a transaction was refused: \(answer.problem?.detail ?? "without a reason")")
        }
    }

    /// Runs a load, waits until all of it is final, and finds out when each transaction was.
    private func measured(
        _ transactions: [Transaction],
        _ run: (@escaping @Sendable (Int) -> Void) async throws -> Void
    ) async throws -> Result {
        let base = track.logSize
        let first = try await network.nodes[0].client.head().head.height
        let times = Mutex([ContinuousClock.Instant?](repeating: nil, count: transactions.count))
        let (nodeCPU, clientCPU) = (network.cpuSeconds, Load.ownCPUSeconds)
        let start = ContinuousClock.now
        try await run { index in
            let now = ContinuousClock.now
            times.withLock { $0[index] = now }
        }
        await track.wait(for: base + UInt64(transactions.count))
        let end = ContinuousClock.now
        let used = (network.cpuSeconds - nodeCPU, Load.ownCPUSeconds - clientCPU)
        let latencies = try latencies(of: transactions, from: first + 1, submitted: times.withLock { $0 })
        track.forget()
        return Result(
            count: transactions.count,
            seconds: (end - start).seconds,
            latencies: latencies,
            nodeCPU: used.0,
            clientCPU: used.1
        )
    }

    /// Reads the blocks of the load from the first node's ledger.
    private func latencies(
        of transactions: [Transaction],
        from first: UInt64,
        submitted: [ContinuousClock.Instant?]
    ) throws -> [Double] {
        var indices: [LeafHash: Int] = [:]
        for (index, transaction) in transactions.enumerated() { indices[transaction.leaf] = index }
        let reader = try LedgerReader.open(readOnly: network.nodes[0].dataFolder)
        var latencies: [Double] = []
        var next = first
        while true {
            let blocks = try reader.blocks(from: Height(next), count: 64, byteLimit: 32 << 20)
            guard let last = blocks.last else { break }
            for stored in blocks {
                guard let final = track.time(of: stored.block.header.height.value) else { continue }
                for bytes in stored.block.transactions {
                    guard let index = indices[LeafHash(of: bytes)], let start = submitted[index] else {
                        continue
                    }
                    latencies.append((final - start).seconds * 1_000)
                }
            }
            next = last.block.header.height.value + 1
        }
        guard latencies.count == transactions.count else {
            throw BenchFailure("\(latencies.count) of \(transactions.count) transactions are in the log")
        }
        return latencies.sorted()
    }

    static var ownCPUSeconds: Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }
}

/// Indices that several tasks take, each a run of its own.
private final class WorkQueue: Sendable {
    private let rest: Mutex<Range<Int>>

    init(_ indices: Range<Int>) { rest = Mutex(indices) }

    /// The next ones, at most `count`; `nil` where none are left.
    func take(_ count: Int) -> Range<Int>? {
        rest.withLock { rest in
            defer { rest = rest.dropFirst(count) }
            return rest.isEmpty ? nil : rest.prefix(count)
        }
    }
}

/// Runs what blocks on a thread of its own.
private func onThread(_ body: @escaping @Sendable () throws -> Void) async throws {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
