package import JalonCrypto
package import JalonModel
package import JalonState

/// A peer, known by the id of its node key: the identity that TLS proved.
package typealias PeerID = KeyID

/// The two clocks of the machine at an event; the core reads no clock of its own.
package struct Clock: Hashable, Sendable {
    /// Milliseconds of a monotonic clock since any fixed moment of this process.
    package var monotonic: UInt64
    /// The wall clock.
    package var wall: Timestamp

    package init(monotonic: UInt64, wall: Timestamp) {
        self.monotonic = monotonic
        self.wall = wall
    }
}

/// What may happen to a node.
package enum Event: Sendable {
    /// A connection passed the handshake.
    case connected(PeerID)
    /// A connection ended.
    case disconnected(PeerID)
    /// A decoded message; its signatures are not checked.
    case received(PeerMessage, from: PeerID)
    /// The driver checked the signatures that an ``Effect/verify(_:)`` asked for.
    case verified(VerificationOutcome)
    /// A client handed transactions in, full bytes each. Every one is answered by one ``Notice``: rejected, pending or
    /// final.
    case submitted([[UInt8]])
    /// ``Core/deadline`` was reached.
    case timerFired
    /// The disk's free space crossed a bound (protocol, section 5): whether votes may be cast and messages received.
    case diskSpaceChanged(DiskSpace)
}

/// How much may still be written.
package enum DiskSpace: Hashable, Sendable {
    /// Enough for everything.
    case ample
    /// Below 64 MiB: no more votes.
    case low
    /// Below 16 MiB: nothing more is received either, but tips.
    case exhausted
}

/// What a node does next, in the order of the array.
///
/// A ``persist(_:)`` is on durable media, all of it or nothing, before the next effect is performed; where it fails the
/// process ends and nothing after it is performed.
package enum Effect: Sendable {
    case persist([Record])
    case send(PeerMessage, to: [PeerID])
    /// Check signatures in parallel outside the core, then hand the outcome in as ``Event/verified(_:)``.
    case verify(Verification)
    case notify(Notice)
    /// Answer a peer's request from storage: a final block by id, or a range of final blocks, each with its
    /// finalization where one is held. What storage does not have is not answered.
    case serve(FetchRequest, to: PeerID)
    /// A message that no honest peer sends: count it against the peer; the driver may drop the connection.
    case penalize(PeerID, Misbehaviour)
    /// The node can't go on, for example because a final block does not execute: stop, say why, serve nothing.
    case halt(HaltReason)
}

/// What clients, pages and logs want to know.
package indirect enum Notice: Sendable {
    /// A submitted transaction was checked and waits for a block, here.
    case pending(TransactionID, LeafHash)
    /// A submitted transaction was refused, here: one node's opinion.
    case rejected(LeafHash, TransactionID?, Refusal)
    /// A submitted transaction stands in a final block already.
    case alreadyFinal(TransactionID, LeafHash)
    /// A block became final and was applied; its `Record.final` is durable. `state` is the state after it.
    case final(FinalizedBlock)
    /// The node entered a view.
    case view(Epoch, View)
    /// Two contradicting votes of one validator.
    case evidence(Equivocation)
}

/// Why a peer is blamed; a Byzantine or broken peer is counted, never thrown at.
package enum Misbehaviour: Hashable, Sendable {
    case invalidSignature(FrameKind)
    case malformed(FrameKind)
}

/// Why a node stopped itself.
package enum HaltReason: Hashable, Sendable {
    /// A block with a valid finalization does not execute here, or to another root.
    case finalBlockInvalid(Height, BlockID, reason: String)
    /// Two finalizations contradict each other: more than f validators are Byzantine.
    case conflictingFinalizations(BlockID, BlockID)
    /// From this height on the network goes by rules that this program does not know: it must be replaced.
    case unknownRules(Height, version: UInt64)
}

extension HaltReason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .finalBlockInvalid(let height, let block, let reason):
            "the final block \(block) at height \(height) does not execute here: \(reason). "
                + "Run 'jalon verify' on its data folder"
        case .conflictingFinalizations(let first, let second):
            "\(first) and \(second) are both final and contradict each other: too many validators lie. "
                + "Run 'jalon verify' on its data folder"
        case .unknownRules(let height, let version):
            "from height \(height) on the network goes by the rules jalon-block/\(version), and this program knows "
                + "them up to jalon-block/\(LedgerState.ruleSet). Install a newer jalon and start it on the same data "
                + "folder: nothing is lost"
        }
    }
}

/// A block that became final here.
package struct FinalizedBlock: Sendable {
    package let block: Block
    /// The block's transactions, in their order.
    package let transactions: [Transaction]
    /// The state after the block.
    package let state: LedgerState
}
