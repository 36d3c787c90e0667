import Foundation
import JalonSimulator

/// What came of many seeds.
struct Summary {
    private var seeds: UInt64 = 0
    private var violations: [UInt64] = []
    private var simulatedMicroseconds: UInt64 = 0
    private var deliveries: UInt64 = 0
    private var views: UInt64 = 0
    private var finalBlocks: UInt64 = 0
    private var transactions: UInt64 = 0
    private var enabled = FaultSet()
    private var faults = FaultCounts()
    private var recoveries: [UInt64] = []
    private var recoveryViews: [UInt64] = []
    private var latencies: [UInt64] = []
    private var exercise = Exercise()
    private var wallSeconds = 0.0

    mutating func add(_ outcome: SimulationOutcome) {
        seeds += 1
        if outcome.violation != nil { violations.append(outcome.seed) }
        simulatedMicroseconds += outcome.workedSpan.microseconds
        deliveries += outcome.deliveryCount
        views += outcome.viewCount
        finalBlocks += outcome.finalBlockCount
        transactions += outcome.transactionCount
        enabled.formUnion(outcome.enabled)
        faults.add(outcome.faults)
        exercise.add(outcome.exercise)
        latencies += outcome.latencies.map(\.microseconds)
        if let recovery = outcome.recovery { recoveries.append(recovery.microseconds) }
        if let count = outcome.recoveryViewCount { recoveryViews.append(count) }
    }

    mutating func finish(wall: Duration) {
        let (seconds, attoseconds) = wall.components
        wallSeconds = Double(seconds) + Double(attoseconds) * 1e-18
        violations.sort()
        recoveries.sort()
        recoveryViews.sort()
        latencies.sort()
    }

    /// Classes of faults that were on in a seed and never happened in any.
    private var neverFired: [String] { enabled.all.filter { faults[$0] == 0 }.map(\.name) }

    /// Whether no rule was broken and every fault that was on happened.
    var isClean: Bool { violations.isEmpty && neverFired.isEmpty }

    private struct Report: Encodable {
        var seeds: UInt64
        var violations: Int
        var failingSeeds: [UInt64]
        var simulatedSeconds: Double
        var wallSeconds: Double
        var simulatedSecondsPerWallSecond: Double
        var deliveries: UInt64
        var deliveriesPerWallSecond: Double
        var views: UInt64
        var finalBlocks: UInt64
        var transactions: UInt64
        var finalBlocksPerSimulatedSecond: Double
        var transactionsPerSimulatedSecond: Double
        var recoverySecondsMedian: Double
        var recoverySeconds99: Double
        var recoverySecondsWorst: Double
        var recoveryViewsWorst: UInt64
        var finalMillisecondsMedian: Double
        var finalMilliseconds95: Double
        var finalMilliseconds99: Double
        var finalMillisecondsWorst: Double
        var faultsFired: [String: UInt64]
        var faultsNeverFired: [String]
        var eventsNeverExercised: [String]
        var effectsNeverExercised: [String]
    }

    /// The summary in one line.
    func json() throws -> String {
        func seconds(_ sorted: [UInt64], perMille: Int) -> Double {
            sorted.isEmpty ? 0 : Double(sorted[(sorted.count - 1) * perMille / 1_000]) / 1e6
        }
        func milliseconds(perMille: Int) -> Double {
            (seconds(latencies, perMille: perMille) * 100_000).rounded() / 100
        }
        let simulated = Double(simulatedMicroseconds) / 1e6
        let wall = max(wallSeconds, 1e-6)
        func rate(_ count: UInt64) -> Double { (Double(count) / max(simulated, 1e-6) * 100).rounded() / 100 }
        let report = Report(
            seeds: seeds,
            violations: violations.count,
            failingSeeds: violations,
            simulatedSeconds: simulated.rounded(),
            wallSeconds: (wall * 100).rounded() / 100,
            simulatedSecondsPerWallSecond: (simulated / wall).rounded(),
            deliveries: deliveries,
            deliveriesPerWallSecond: (Double(deliveries) / wall).rounded(),
            views: views,
            finalBlocks: finalBlocks,
            transactions: transactions,
            finalBlocksPerSimulatedSecond: rate(finalBlocks),
            transactionsPerSimulatedSecond: rate(transactions),
            recoverySecondsMedian: seconds(recoveries, perMille: 500),
            recoverySeconds99: seconds(recoveries, perMille: 990),
            recoverySecondsWorst: seconds(recoveries, perMille: 1_000),
            recoveryViewsWorst: recoveryViews.last ?? 0,
            finalMillisecondsMedian: milliseconds(perMille: 500),
            finalMilliseconds95: milliseconds(perMille: 950),
            finalMilliseconds99: milliseconds(perMille: 990),
            finalMillisecondsWorst: milliseconds(perMille: 1_000),
            faultsFired: Dictionary(uniqueKeysWithValues: faults.all.map { ($0.fault.name, $0.count) }),
            faultsNeverFired: neverFired,
            eventsNeverExercised: exercise.eventsNeverExercised,
            effectsNeverExercised: exercise.effectsNeverExercised
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(report), as: UTF8.self)
    }
}
