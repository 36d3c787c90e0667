import JalonConsensus
import JalonModel

/// Catching up over ranges of final blocks.
struct SyncState: Sendable {
    /// A block as what comes next stands on it.
    struct Place: Sendable {
        let id: BlockID
        let height: Height
        /// The log after it.
        let log: MerkleFrontier
        var closesEpoch = false

        init(id: BlockID, height: Height, log: MerkleFrontier) {
            (self.id, self.height, self.log) = (id, height, log)
        }

        init(_ header: BlockHeader, id: BlockID, log: MerkleFrontier) {
            self.init(id: id, height: header.height, log: log)
            closesEpoch = header.closesEpoch
        }
    }

    /// A block that came, with the body that its header names.
    struct RangeBlock: Sendable {
        let block: Block
        /// The hashes of its transactions' full bytes, in their order.
        let leaves: [LeafHash]
        let place: Place
        /// Its own, where it came with one; not checked.
        let finalization: Certificate?

        var byteCount: Int { Int(clamping: block.header.bodyByteCount) + BlockHeader.maximumByteCount }
    }

    /// What one peer is asked for.
    struct Request: Sendable {
        let peer: PeerID
        let from: Height
        let through: Height
        /// The height up to which it should be able to answer, by its tip.
        let promisedThrough: Height
        /// The height up to which it was asked before: what is left of those answers may still come.
        let earlierThrough: Height
        /// How long nothing may come before the request is over, in milliseconds.
        let patience: UInt64
        let startedAt: UInt64
        /// The retry interval, in milliseconds.
        let interval: UInt64
        /// Bytes of the blocks that came.
        private(set) var byteCount = 0
        /// Blocks and bytes of the answer that a finalization covers.
        private(set) var acceptedCount = 0
        private(set) var acceptedByteCount = 0

        /// When the request is over, where nothing more comes from now on; what is accepted extends it, so that a slow link
        /// is enough, and somebody who gives little is not waited for.
        func deadline(at now: UInt64) -> UInt64 {
            let earned = UInt64(acceptedByteCount / SyncState.minimumByteRate) * 1_000
            return min(now + patience, startedAt + patience + SyncState.answerIntervals * interval + earned)
        }

        mutating func noteCame(_ block: RangeBlock) { byteCount += block.byteCount }

        mutating func noteAccepted(_ block: RangeBlock, from peer: PeerID?) {
            guard peer == self.peer else { return }
            acceptedCount += 1
            acceptedByteCount += block.byteCount
        }

        /// Whether all came, up to a height: what was asked for, or as much as one answer holds.
        func isWhole(through height: Height) -> Bool {
            height >= through || byteCount + SyncState.largestBlock > FetchRequest.answerByteCount
        }

        /// Whether it brought much, if not all: a peer's queue may end an answer early.
        var isWorthwhile: Bool {
            acceptedCount >= SyncState.worthwhileCount || acceptedByteCount >= BlockLimits.bodyByteCount
        }
    }

    /// Blocks that came, hash-linked, with their bodies, without a finalization that was checked.
    private(set) var buffer: [RangeBlock] = []
    private(set) var bufferPeer: PeerID?
    private var bufferByteCount = 0
    /// Blocks whose covering finalization is being checked: one at a time, as the next to be checked covers all that came
    /// meanwhile.
    var checking: [RangeBlock] = []
    var checkingPeer: PeerID?
    /// The last block that a checked finalization covers: what is asked for next stands on it, executed or not.
    var accepted: Place?
    var request: Request?
    /// Whether more is asked for only once what came is checked and executed.
    var waits = false
    /// When the next peer is asked.
    var deadline: UInt64?
    /// Since when some peer's tip shows more final blocks.
    var behindSince: UInt64?
    /// When the tip or what is accepted last moved.
    var movedAt: UInt64 = 0
    /// Whose answer to the last request was not worth it.
    var lastFailed: PeerID?
    /// Whose turn was the last one that goes by the order of the validators.
    var lastValidator: ValidatorIndex?
    /// Requests made so far: turns from peer to peer.
    var attempts = 0

    /// Bounds of what is held without a finalization.
    static let maximumBlocks = 1_024
    static let maximumByteCount = 64 << 20
    static let largestBlock = BlockLimits.bodyByteCount + BlockHeader.maximumByteCount
    /// So many blocks may wait to be executed when the next are asked for.
    static let maximumAhead = UInt64(FetchRequest.maximumBlocks) / 2
    /// So many retry intervals an answer may take besides what its bytes take.
    static let answerIntervals: UInt64 = 8
    /// Bytes a second that an answer has to bring, at least.
    static let minimumByteRate = 64 << 10
    /// How often the time a peer gets is doubled at most: with blocks of 1 MiB a link of 1 Mbit/s is enough.
    static let maximumDoublings = 3
    /// So many blocks make an answer worth having asked for it.
    static let worthwhileCount = 32

    var isActive: Bool { request != nil || waits }

    mutating func append(_ block: RangeBlock) {
        request?.noteCame(block)
        buffer.append(block)
        bufferPeer = request?.peer
        bufferByteCount += block.byteCount
    }

    var isBufferFull: Bool {
        buffer.count > SyncState.maximumBlocks || bufferByteCount > SyncState.maximumByteCount
    }

    /// Lets go of what came and is not being checked.
    mutating func dropBuffer() {
        buffer = []
        bufferByteCount = 0
    }

    /// Takes the first so many blocks out of the buffer.
    mutating func takeBuffered(_ count: Int) -> [RangeBlock] {
        let taken = Array(buffer[..<count])
        buffer.removeFirst(count)
        bufferByteCount -= taken.reduce(0) { $0 + $1.byteCount }
        return taken
    }

    /// Whether nothing was asked for or is waited for.
    var isIdle: Bool {
        request == nil && behindSince == nil && deadline == nil && attempts == 0 && buffer.isEmpty
            && checking.isEmpty && accepted == nil
    }
}
