import JalonModel

@testable import JalonStorage

/// A life of one node, by chance: turns of records as the core would hand them over.
struct History {
    let turns: [[Record]]
    let chain: TestChain

    init(seed: UInt64, turnCount: Int) throws {
        var chain = try TestChain(seed: seed)
        var turns: [[Record]] = []
        var view: UInt64 = 1
        // Blocks that become final by a later one's finalization.
        var waiting: [Record] = []
        while turns.count < turnCount {
            switch chain.number(in: 0...9) {
            case 0...2:
                // A view without a block.
                turns.append([
                    .vote(chain.vote(.nullify(View(view)))), .certificate(chain.nullification(view)),
                ])
            case 3:
                // A block that never becomes final.
                let block = chain.candidate([try chain.transaction()], view: view)
                turns.append([.block(block), .vote(chain.vote(.notarize(View(view), block.id)))])
                turns.append([
                    .certificate(chain.notarization(block)), .certificate(chain.nullification(view)),
                ])
            case 4:
                // A block that is fetched after its finalization came.
                let block = chain.candidate(try chain.transactions(), view: view)
                turns.append([.certificate(chain.finalization(block))])
                let changes = chain.changes()
                let final = try chain.finalize(block, changes: changes)
                turns.append([.block(block)] + waiting + [.final(final)])
                waiting = []
            default:
                // The ordinary way, as leader or not.
                let block = chain.candidate(try chain.transactions(), view: view)
                let isLeader = chain.number(in: 0...1) == 0
                turns.append([
                    .block(block),
                    isLeader
                        ? .proposal(chain.proposal(block))
                        : .vote(chain.vote(.notarize(View(view), block.id))),
                ])
                turns.append([
                    .certificate(chain.notarization(block)),
                    .vote(chain.vote(.finalize(View(view), block.id, logRoot: block.header.logRoot))),
                ])
                let changes = chain.changes()
                waiting.append(.final(try chain.finalize(block, changes: changes)))
                if chain.number(in: 0...2) > 0 {
                    turns.append([.certificate(chain.finalization(block))] + waiting)
                    waiting = []
                }
            }
            view += 1
        }
        self.turns = turns
        self.chain = chain
    }
}

extension TestChain {
    fileprivate mutating func transactions() throws -> [Transaction] {
        let count = number(in: 0...4)
        return try (0..<count).map { _ in try transaction() }
    }

    /// Sets and removals of a few paths, sorted.
    fileprivate mutating func changes() -> [LeafChange] {
        let paths = Set((0..<number(in: 0...4)).map { _ in "commitment/CN-\(number(in: 1...9))" }).sorted()
        return paths.map { path in
            LeafChange(path: path, value: number(in: 0...3) == 0 ? nil : bytes(number(in: 0...300)))
        }
    }
}
