import JalonCore
import JalonCrypto
import JalonModel
import JalonState

/// What a Byzantine node does beside its core, of one kind.
///
/// It sees everything that the node's real core wants to send and may change, keep back or add to it; and it acts by
/// itself now and then. It signs with the node's own validator key and no other.
protocol Behaviour {
    /// The class that counts each time it acts.
    var fault: FaultClass { get }

    /// What goes to a peer instead of a message.
    ///
    /// - Returns: `nil` where the message goes out as it is.
    mutating func outgoing(_ message: PeerMessage, to peer: Int, _ situation: Situation) -> [TimedFrame]?

    /// What goes out by itself, asked several times a second.
    mutating func tick(_ situation: Situation) -> [(frame: Frame, to: Int)]
}

extension Behaviour {
    mutating func outgoing(_ message: PeerMessage, to peer: Int, _ situation: Situation) -> [TimedFrame]? {
        nil
    }

    mutating func tick(_ situation: Situation) -> [(frame: Frame, to: Int)] { [] }
}

/// What a Byzantine node puts on a wire.
enum Frame {
    case message(PeerMessage)
    /// Any bytes as the body of a frame.
    case raw(FrameKind, [UInt8])
}

/// A frame that is sent some time later.
struct TimedFrame {
    var frame: Frame
    var delay = Moment.Span.zero
    /// Whether it is what the core wanted to send.
    var isOriginal = false

    init(_ message: PeerMessage, delay: Moment.Span = .zero) {
        frame = .message(message)
        self.delay = delay
    }

    init(_ frame: Frame) { self.frame = frame }
}

/// What a behaviour knows when it acts.
struct Situation {
    let own: ValidatorIndex
    let membership: Membership
    let context: VotingContext
    /// The node's own validator key.
    let signer: any Signing
    /// The view that the node's core is in.
    let view: View
    let wall: Timestamp
    let memory: ByzantineMemory

    /// Δ in milliseconds.
    var delta: UInt64 { membership.genesis.parameters.deltaMilliseconds }

    /// Counts an act of a behaviour.
    func act(_ fault: FaultClass) { memory.acts[fault] += 1 }

    /// The other validators.
    var others: [Int] { (0..<membership.count).filter { $0 != own.value } }

    /// Whether this node leads a view.
    func leads(_ view: View) -> Bool { leader(of: view) == own }

    /// Who leads a view of the first epoch.
    func leader(of view: View) -> ValidatorIndex {
        context.validators.leader(of: view, offset: 0)
    }

    /// An own vote, whatever it says.
    func vote(_ ballot: Ballot) -> Vote { Vote.signed(ballot, by: own, key: signer, in: context).value }

    /// A proposal with a valid own signature, whatever else it says.
    func proposal(_ view: View, _ header: BlockHeader, _ leaves: [LeafHash], _ justification: Justification)
        -> Proposal
    {
        Proposal.signed(
            view: view,
            header: header,
            leaves: leaves,
            justification: justification,
            by: own,
            key: signer,
            in: context
        ).proposal.value
    }

    /// A digest that nothing has.
    func randomDigest() -> Digest {
        let number = memory.random.next()
        return SHA256.hash((0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) })
    }
}
