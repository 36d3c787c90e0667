import JalonCodec
import JalonModel

@testable import JalonStorage

/// What a restart gives back, in a form that can be compared.
struct Snapshot: Equatable, CustomStringConvertible {
    var tip: BlockHeader?
    var frontier: [UInt8]?
    var leaves: [LeafChange] = []
    var recent: [[TransactionID]] = []
    var blocks: Set<Block> = []
    var certificates: Set<Certificate> = []
    var votes: Set<Vote> = []
    var proposals: Set<Proposal> = []

    init() {}

    init(_ restored: RestoredLedger) {
        tip = restored.tip
        frontier = restored.frontier
        leaves = restored.leaves
        recent = restored.recent.map(\.transactions)
        blocks = Set(restored.blocks)
        certificates = Set(restored.certificates)
        votes = Set(restored.votes)
        proposals = Set(restored.proposals)
    }

    var description: String {
        "height \(tip?.height.value ?? 0), \(leaves.count) leaves, \(recent.joined().count) ids, "
            + "\(blocks.count) blocks, \(certificates.count) certificates, \(votes.count) votes, "
            + "\(proposals.count) proposals"
    }
}

/// A ledger kept in the simplest way, in memory and never pruned: what a restart has to give back follows from the
/// words of `RestoredLedger` alone.
struct LedgerModel {
    private var finals: [FinalBlock] = []
    private var leaves: [String: [UInt8]] = [:]
    private var blocks: [Block] = []
    private var certificates: [Certificate] = []
    private var votes: [Vote] = []
    private var proposals: [Proposal] = []

    mutating func perform(_ records: [Record]) {
        for record in records {
            switch record {
            case .block(let block): blocks.append(block)
            case .certificate(let certificate): certificates.append(certificate)
            case .vote(let vote): votes.append(vote)
            case .proposal(let proposal): proposals.append(proposal)
            case .final(let final):
                finals.append(final)
                for change in final.changes { leaves[change.path] = change.value }
            case .rejoin, .evidence: break
            }
        }
    }

    func snapshot(maxLifetime: UInt64) -> Snapshot {
        var snapshot = Snapshot()
        let tip = finals.last?.block.header
        snapshot.tip = tip
        snapshot.frontier = finals.last?.frontier
        snapshot.leaves = leaves.map { LeafChange(path: $0.key, value: $0.value) }
            .sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        if let tip {
            let since = tip.timestamp.reduced(byMilliseconds: maxLifetime)
            snapshot.recent = finals.filter { $0.block.header.timestamp >= since }.map(\.transactions)
                .filter { !$0.isEmpty }
        }
        snapshot.blocks = Set(blocks.filter { $0.header.height > (tip?.height ?? Height(0)) })
        let finalization = certificates.filter { $0.kind == .finalize }
            .max { ($0.epoch, $0.view) < ($1.epoch, $1.view) }
        let bound = finalization.map { ($0.epoch, $0.view) }
        snapshot.certificates = Set(
            certificates.filter { certificate in
                bound.map { (certificate.epoch, certificate.view) >= $0 } ?? true
            }
        )
        let newest = votes.map { ($0.epoch, $0.view) }.max { $0 < $1 }
        snapshot.votes = Set(
            votes.filter { vote in
                let view = (vote.epoch, vote.view)
                return bound.map { view > $0 } ?? true || newest.map { view == $0 } ?? false
            }
        )
        snapshot.proposals = Set(
            proposals.filter { proposal in
                bound.map { (proposal.header.epoch, proposal.view) > $0 } ?? true
            }
        )
        return snapshot
    }
}
