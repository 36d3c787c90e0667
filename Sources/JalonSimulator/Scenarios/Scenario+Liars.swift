import JalonCore
import JalonModel

extension Scenario {
    /// Nodes that break the rules.
    static let onLiars: [Scenario] = [
        Scenario("a poisoned copy of a transaction comes first") { make throws(Finding) in
            var laboratory = make(4) { $0.traitors = [(0, [])] }
            laboratory.world.lens = { from, _, message in
                guard from == 0, case .transactions(let batch) = message else { return message }
                return .transactions(batch.map(poisoned))
            }
            for round in 0..<4 {
                let transaction = laboratory.make(by: round)
                // The clients' copies first, then the peer's; the real one last.
                for node in 0..<4 { laboratory.world.submit([poisoned(transaction.bytes)], to: node) }
                laboratory.world.submit([transaction.bytes], to: 0)
                laboratory.run(milliseconds: 100)
                laboratory.world.submit([transaction.bytes], to: 1 + round % 3)
                try laboratory.waitForFinal(transaction.leaf, limit: 5_000)
            }
        },
        Scenario("an equivocator is found out by every honest node") { make throws(Finding) in
            var laboratory = make(4) { world in
                world.traitors = [(2, [.equivocate])]
                world.traitorsAreShameless = true
            }
            for round in 0..<12 { try laboratory.makeFinal(at: round % 2) }
            laboratory.run(milliseconds: 2_000)
            for node in [0, 1, 3] {
                let count = laboratory.world.evidence(at: node).count { $0.first.signer.value == 2 }
                try laboratory.expect(count > 0, "V1", "node \(node) has no evidence")
            }
        },
        Scenario("a leader that is silent, late or wrong at each turn does not stop the others") {
            make throws(Finding) in
            for behaviour in [FaultClass.withhold, .lateProposal, .badBlock, .selective, .forgedProposal] {
                var laboratory = make(4) { $0.traitors = [(1, [behaviour])] }
                for _ in 0..<8 { try laboratory.makeFinal(at: 0, limit: 20_000) }
            }
        },
        Scenario("twins stop nobody and are found out") { make throws(Finding) in
            var laboratory = make(4) { $0.twins = [3] }
            for round in 0..<12 { try laboratory.makeFinal(at: round % 3) }
        },
    ]

    /// The same transaction with a broken signature: the same id, another leaf.
    private static func poisoned(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        if let last = bytes.indices.last { bytes[last] ^= 1 }
        return bytes
    }
}

extension World {
    /// The evidence that a running node holds.
    func evidence(at node: Int) -> [Equivocation] { nodes[node].process?.core.evidenceHeld ?? [] }
}
