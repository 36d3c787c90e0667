import JalonCore
import JalonModel

/// What a Byzantine node saw, shared by its behaviours, with its source of chance.
final class ByzantineMemory {
    /// The most messages of a kind that are remembered.
    private static let capacity = 256

    var random: SimulationRandom
    /// How often each class acted since the world last asked.
    var acts = FaultCounts()
    /// Contradicting votes sent to one peer since the world last asked.
    var contradictionCount: UInt64 = 0
    private(set) var messages: [PeerMessage] = []
    private(set) var votes: [Vote] = []
    private(set) var certificates: [Certificate] = []
    private(set) var proposals: [Proposal] = []
    private(set) var blocks: [Block] = []
    private var headers: [BlockID: BlockHeader] = [:]
    private var headerOrder: [BlockID] = []

    init(seed: UInt64) {
        random = SimulationRandom(seed: seed)
    }

    /// The header of a block that was seen.
    func header(of id: BlockID) -> BlockHeader? { headers[id] }

    /// Remembers a message that was sent or came.
    func note(_ message: PeerMessage) {
        ByzantineMemory.keep(message, in: &messages)
        switch message {
        case .vote(let vote): ByzantineMemory.keep(vote, in: &votes)
        case .certificate(let certificate): ByzantineMemory.keep(certificate, in: &certificates)
        case .proposal(let proposal):
            ByzantineMemory.keep(proposal, in: &proposals)
            learn(proposal.block, proposal.header)
            if let parent = proposal.justification.parent { ByzantineMemory.keep(parent, in: &certificates) }
        case .block(let block), .finalBlock(let block, _):
            ByzantineMemory.keep(block, in: &blocks)
            learn(block.id, block.header)
        case .transactions, .tip, .request, .evidence, .standingRequest, .standing, .readiness: break
        }
    }

    private func learn(_ id: BlockID, _ header: BlockHeader) {
        guard headers.updateValue(header, forKey: id) == nil else { return }
        headerOrder.append(id)
        guard headerOrder.count > 2 * ByzantineMemory.capacity else { return }
        for old in headerOrder.prefix(ByzantineMemory.capacity) { headers[old] = nil }
        headerOrder.removeFirst(ByzantineMemory.capacity)
    }

    private static func keep<Element>(_ element: Element, in kept: inout [Element]) {
        kept.append(element)
        if kept.count > 2 * capacity { kept.removeFirst(capacity) }
    }
}
