import JalonCore
package import JalonModel

extension World {
    /// The height up to which the chain is final.
    package var finalHeight: Height { oracle.finalHeight }

    /// Whether more validators are Byzantine than a network withstands.
    var isOverrun: Bool { oracle.isOverrun }

    /// Transactions in those blocks.
    package var finalTransactionCount: Int { oracle.chain.transactionCount }

    /// True time, as a perfect wall clock shows it.
    package var trueTime: Timestamp {
        SimulatedClock.worldStart.advanced(byMilliseconds: now.microseconds / 1_000)
    }

    /// The highest view that a running process is in.
    package var highestView: View { nodes.indices.map { view(of: $0) }.max() ?? View(0) }

    /// The view of a node's process; 0 where it is down.
    package func view(of node: Int) -> View { nodes[node].process?.view ?? View(0) }

    /// The height that a node has applied and made durable.
    package func height(of node: Int) -> Height { nodes[node].disk.finalHeight }

    /// How often a node's process started or died: the same while it runs on.
    package func life(of node: Int) -> UInt64 { nodes[node].life }

    package func isRunning(_ node: Int) -> Bool { nodes[node].isRunning }

    /// Validators and twins: how many processes there are.
    package var processCount: Int { nodes.count }

    /// Counts a fault that the caller made happen.
    func countFault(_ fault: FaultClass) { faults[fault] += 1 }

    /// Kills a node for good.
    func kill(_ node: Int) {
        crash(node)
        // A start that was promised to an earlier life does not happen.
        nodes[node].life += 1
    }
}
