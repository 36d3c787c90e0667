package import JalonModel

/// A network of so many validators loses some of them, goes on or waits, and gets them back: what a drill shows.
///
/// The same core as the nodes', on links as good as a country's, with the network's own parameters.
package struct Drill {
    /// What happened, in milliseconds of the network's time.
    package struct Report: Hashable, Sendable {
        /// From handing in to final, all validators up.
        package var usual: [UInt64] = []
        /// The same without those that are lost; `nil` for what was not final in ``patience``.
        package var without: [UInt64?] = []
        /// From the return of the lost to the moment at which everything handed in is final and all are at the head.
        package var recovery: UInt64?
        /// Transactions handed in, and those of them in the chain at the end.
        package var handedIn = 0
        package var final = 0
        /// A rule of the simulator that was broken, in words: no network should see that.
        package var violation: String?
    }

    /// So long a transaction is waited for, in milliseconds.
    package static let patience: UInt64 = 30_000

    private let validatorCount: Int
    private let lost: [Int]
    private let parameters: Parameters
    private let seed: UInt64

    /// - Parameters:
    ///   - validatorCount: 1 to 34.
    ///   - lost: Places among the validators, each once.
    ///   - parameters: The network's own.
    ///   - seed: Draws delays and clocks.
    package init(validatorCount: Int, lost: [Int], parameters: Parameters, seed: UInt64 = 1) {
        precondition(
            lost.allSatisfy { (0..<validatorCount).contains($0) },
            "those who are lost are validators"
        )
        (self.validatorCount, self.lost) = (validatorCount, lost)
        (self.parameters, self.seed) = (parameters, seed)
    }

    /// Runs it.
    package func run() -> Report {
        var report = Report()
        do { try run(into: &report) } catch { report.violation = "\(error.rule): \(error.text)" }
        return report
    }

    private func run(into report: inout Report) throws(Finding) {
        var laboratory = Laboratory(validatorCount: validatorCount, seed: seed) { world in
            world.parameters = parameters
            world.quality = LinkQuality(latency: 5_000...40_000)
        }
        var leaves: [LeafHash] = []
        for number in 0..<10 {
            let leaf = laboratory.submit(to: number % validatorCount)
            leaves.append(leaf)
            report.usual.append(try laboratory.waitForFinal(leaf))
            laboratory.run(milliseconds: 500)
        }
        for node in lost { laboratory.world.crash(node) }
        let left = (0..<validatorCount).filter { !lost.contains($0) }
        for number in 0..<10 where !left.isEmpty {
            let leaf = laboratory.submit(to: left[number % left.count])
            leaves.append(leaf)
            report.without.append(try time(of: leaf, in: &laboratory))
            // Without a quorum one wait says it all.
            if report.without.last == .some(nil) { break }
            laboratory.run(milliseconds: 500)
        }
        for node in lost { laboratory.world.restart(node, after: .milliseconds(1)) }
        report.recovery = try recovery(of: leaves, in: &laboratory)
        report.handedIn = leaves.count
        report.final = leaves.count { laboratory.isFinal($0) }
    }

    private func time(of leaf: LeafHash, in laboratory: inout Laboratory) throws(Finding) -> UInt64? {
        for waited in stride(from: UInt64(0), through: Drill.patience, by: 10) {
            try laboratory.check()
            if laboratory.isFinal(leaf) { return waited }
            laboratory.run(milliseconds: 10)
        }
        return nil
    }

    private func recovery(of leaves: [LeafHash], in laboratory: inout Laboratory) throws(Finding) -> UInt64? {
        for waited in stride(from: UInt64(0), through: Drill.patience, by: 50) {
            try laboratory.check()
            let top = laboratory.heights.max()
            if leaves.allSatisfy({ laboratory.isFinal($0) }), laboratory.heights.allSatisfy({ $0 == top }) {
                return waited
            }
            laboratory.run(milliseconds: 50)
        }
        return nil
    }
}
