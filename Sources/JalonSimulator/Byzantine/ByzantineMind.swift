import JalonCore
import JalonModel

/// A Byzantine node's mind: its behaviours, one after the other, and what they remember.
final class ByzantineMind {
    private var behaviours: [any Behaviour]
    private let node: Int
    private let membership: Membership
    private let context: VotingContext
    private let signer: any Signing
    let memory: ByzantineMemory

    init(
        _ classes: [FaultClass],
        node: Int,
        membership: Membership,
        seed: UInt64,
        isShameless: Bool?,
        conspiracy: Conspiracy
    ) {
        self.node = node
        self.membership = membership
        context = membership.context
        signer = membership.validatorSigner(node)
        memory = ByzantineMemory(seed: seed)
        let drawn = memory.random.happens(perMille: 400)
        behaviours = classes.compactMap {
            ByzantineMind.behaviour(
                $0,
                membership: membership,
                isShameless: isShameless ?? drawn,
                conspiracy: conspiracy
            )
        }
    }

    private static func behaviour(
        _ fault: FaultClass,
        membership: Membership,
        isShameless: Bool,
        conspiracy: Conspiracy
    ) -> (any Behaviour)? {
        switch fault {
        case .equivocate:
            Equivocate(membership: membership, isShameless: isShameless)
        case .withhold: Withhold()
        case .selective: DeliverSelectively()
        case .lateProposal: ProposeLate()
        case .garbage: SendGarbage()
        case .replay: Replay()
        case .badBlock: ProposeBadBlocks()
        case .forgedProposal: ForgeProposals()
        case .badCertificate: SendBadCertificates()
        case .lyingTip: LieAboutTip()
        case .wrongBlocks: ServeWrongBlocks()
        case .evidenceSpam: SpamEvidence()
        case .futureVotes: VoteForTheFuture()
        case .lyingStanding: LieAboutStanding()
        case .conspire: Conspire(conspiracy)
        case .drop, .delay, .reorder, .duplicate, .corruptFrame, .partition, .oneWayPartition, .clog,
            .cutLink, .disconnect, .crash, .crashAtWrite, .crashAtStart, .crashAll, .pause, .slowProcess,
            .slowDisk, .syncError, .fullDisk, .clockJump, .clockFreeze, .clockDrift, .deadForEver,
            .silentRollback, .lostDisk, .oldBackup, .damagedRecord, .twins, .admit, .remove, .removeLeader,
            .rotateKey, .suspend, .setParameter, .deadJoiner, .mixedVersions:
            nil
        }
    }

    /// What the behaviours may look at now.
    func situation(view: View, wall: Timestamp) -> Situation {
        Situation(
            own: ValidatorIndex(node),
            membership: membership,
            context: context,
            signer: signer,
            view: view,
            wall: wall,
            memory: memory
        )
    }

    /// Remembers what came.
    func hear(_ message: PeerMessage) { memory.note(message) }

    /// What goes to a peer instead of a message of the core.
    func outgoing(_ message: PeerMessage, to peer: Int, _ situation: Situation) -> [TimedFrame] {
        var original = TimedFrame(message)
        original.isOriginal = true
        var frames = [original]
        for index in behaviours.indices {
            var next: [TimedFrame] = []
            for frame in frames {
                guard case .message(let message) = frame.frame,
                    let changed = behaviours[index].outgoing(message, to: peer, situation)
                else {
                    next.append(frame)
                    continue
                }
                for var new in changed {
                    new.delay = max(new.delay, frame.delay)
                    next.append(new)
                }
            }
            frames = next
        }
        return frames
    }

    /// What goes out by itself.
    func tick(_ situation: Situation) -> [(frame: Frame, to: Int)] {
        var frames: [(frame: Frame, to: Int)] = []
        for index in behaviours.indices { frames += behaviours[index].tick(situation) }
        return frames
    }
}
