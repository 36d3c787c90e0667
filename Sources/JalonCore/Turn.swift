import JalonConsensus
import JalonModel

/// The effects of one turn, put in the order in which they must be performed: everything durable first, in one piece,
/// then the rest as it came; before both what rests on nothing durable.
struct Turn: Sendable {
    private var records: [Record] = []
    private var effects: [Effect] = []
    /// Messages that rest on nothing durable: they need not wait for the write.
    private var ahead: [Effect] = []
    private let guards: Guards

    init(guards: Guards) {
        self.guards = guards
    }

    /// Makes durable before anything of this turn leaves.
    mutating func persist(_ record: Record) {
        guard guards.isWhole || guards.keep(record) else { return }
        records.append(record)
    }

    mutating func add(_ effect: Effect) {
        effects.append(effect)
    }

    mutating func send(_ message: PeerMessage, to peers: [PeerID]) {
        guard !peers.isEmpty else { return }
        effects.append(.send(message, to: peers))
    }

    /// Sends what says nothing of this node's votes and blocks before anything is written.
    mutating func sendAhead(_ message: PeerMessage, to peers: [PeerID]) {
        guard !peers.isEmpty else { return }
        ahead.append(.send(message, to: peers))
    }

    /// Hands the effects over and starts a new turn.
    mutating func take() -> [Effect] {
        var taken: [Effect] = []
        swap(&taken, &effects)
        if !records.isEmpty {
            var written: [Record] = []
            swap(&written, &records)
            taken.insert(.persist(written), at: guards[.writeFirst] ? 0 : taken.count)
        }
        if !ahead.isEmpty {
            taken.insert(contentsOf: ahead, at: 0)
            ahead.removeAll(keepingCapacity: true)
        }
        return taken
    }
}

extension Guards {
    /// Whether a record is made durable: in a mutant one row of the table "durable before sending" is left out.
    fileprivate func keep(_ record: Record) -> Bool {
        switch record {
        case .block: self[.blockDurable]
        case .proposal: self[.proposalDurable]
        case .vote(let vote):
            switch vote.kind {
            case .notarize: self[.notarizeDurable]
            case .nullify: self[.nullifyDurable]
            case .finalize: self[.finalizeDurable]
            }
        case .certificate(let certificate):
            switch certificate.kind {
            case .notarize: self[.notarizationDurable]
            case .nullify: self[.nullificationDurable]
            case .finalize: self[.finalizationDurable]
            }
        case .final, .rejoin, .evidence: true
        }
    }
}

/// What is being checked outside, so that the same bytes are not checked twice.
struct InFlight: Sendable {
    private var votes: Set<Vote> = []
    private var certificates: Set<Certificate> = []
    private var transactions: Set<LeafHash> = []
    /// Proposals by view: a view has one leader, so a few are room enough.
    private var proposals: [View: Int] = [:]

    /// The most messages of a kind that are checked at once; more are dropped and come again with a retry.
    static let maximumCount = 8_192

    mutating func begin(_ vote: Vote) -> Bool {
        votes.count < InFlight.maximumCount && votes.insert(vote).inserted
    }

    mutating func end(_ vote: Vote) { votes.remove(vote) }

    mutating func begin(_ certificate: Certificate) -> Bool {
        certificates.count < InFlight.maximumCount && certificates.insert(certificate).inserted
    }

    mutating func end(_ certificate: Certificate) { certificates.remove(certificate) }

    mutating func begin(_ leaf: LeafHash) -> Bool {
        transactions.count < 4 * InFlight.maximumCount && transactions.insert(leaf).inserted
    }

    func contains(_ leaf: LeafHash) -> Bool { transactions.contains(leaf) }

    mutating func end(_ leaf: LeafHash) { transactions.remove(leaf) }

    var hasTransactions: Bool { !transactions.isEmpty }

    mutating func beginProposal(in view: View) -> Bool {
        guard proposals[view, default: 0] < 4 else { return false }
        proposals[view, default: 0] += 1
        return true
    }

    mutating func endProposal(in view: View) {
        guard let count = proposals[view] else { return }
        proposals[view] = count > 1 ? count - 1 : nil
    }
}
