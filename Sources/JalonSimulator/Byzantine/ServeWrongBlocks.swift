import JalonModel

/// Answers requests with another block, another body under the same header, or not at all; and sends blocks unasked.
struct ServeWrongBlocks: Behaviour {
    let fault = FaultClass.wrongBlocks

    mutating func outgoing(_ message: PeerMessage, to peer: Int, _ situation: Situation) -> [TimedFrame]? {
        switch message {
        case .block(let block):
            situation.act(fault)
            return wrong(block, situation).map { [TimedFrame(.block($0))] } ?? []
        case .finalBlock(let block, let finalization):
            situation.act(fault)
            let other = situation.memory.certificates.last { $0.kind == .finalize }
            let certificate = situation.memory.random.happens(perMille: 500) ? finalization : other
            guard let wrong = wrong(block, situation) else { return [] }
            return [TimedFrame(.finalBlock(wrong, finalization: certificate))]
        default: return nil
        }
    }

    mutating func tick(_ situation: Situation) -> [(frame: Frame, to: Int)] {
        let memory = situation.memory
        guard memory.random.happens(perMille: 150), let peer = memory.random.pick(situation.others),
            let block = memory.random.pick(memory.blocks)
        else { return [] }
        situation.act(fault)
        let finalization = memory.certificates.last { $0.kind == .finalize }
        return [
            (.message(.block(block)), peer), (.message(.finalBlock(block, finalization: finalization)), peer),
        ]
    }

    private func wrong(_ block: Block, _ situation: Situation) -> Block? {
        var transactions = block.transactions
        switch situation.memory.random.number(in: 0...3) {
        case 0: return nil
        case 1: return situation.memory.random.pick(situation.memory.blocks)
        case 2: transactions = transactions.reversed()
        default:
            // As many bytes, so that the decoder lets it pass.
            if let last = transactions.indices.last, !transactions[last].isEmpty {
                transactions[last][transactions[last].count - 1] ^= 1
            }
        }
        return Block(header: block.header, transactions: transactions)
    }
}
