/// The kinds of frames between nodes (protocol, section 6).
///
/// The raw value is the byte on the wire.
public enum FrameKind: UInt8, CaseIterable, Sendable {
    case hello = 1
    case vote = 2
    case certificate = 3
    case proposal = 4
    case transactions = 5
    case tip = 6
    case request = 7
    case block = 8
    case finalBlock = 9
    case evidence = 10
    case standingRequest = 11
    case standing = 12
    case readiness = 13

    /// Bytes of the longest body; checked before a byte of it is buffered.
    public var maximumByteCount: Int {
        switch self {
        case .hello: 4 << 10
        case .vote: Vote.maximumByteCount
        case .certificate: Certificate.maximumByteCount
        case .proposal: Proposal.maximumByteCount
        case .transactions: PeerMessage.transactionsByteCount
        case .tip: 1 << 10
        case .request: PeerMessage.requestByteCount
        case .block, .finalBlock: (1 << 20) + (256 << 10)
        case .evidence: 1 + 2 * Vote.maximumByteCount
        case .standingRequest: 64
        case .standing: Standing.maximumByteCount
        case .readiness: ReadinessNotice.maximumByteCount
        }
    }
}

/// What one node tells another after the handshake.
///
/// Indirect: a message is made once and handed on often.
public indirect enum PeerMessage: Hashable, Sendable {
    /// Bytes of the longest batch of transactions: room for the longest one and the batch's own heads.
    public static let transactionsByteCount = 256 << 10
    /// Bytes of the longest request: the leaf hashes of the largest block.
    public static let requestByteCount = 160 << 10

    case vote(Vote)
    case certificate(Certificate)
    case proposal(Proposal)
    /// Full bytes of transactions, as gossip or as the answer to a request.
    case transactions([[UInt8]])
    case tip(Tip)
    case request(FetchRequest)
    /// A block that need not be final: the answer to a request by id.
    case block(Block)
    /// A final block of a range, with a finalization where this block was finalized itself.
    case finalBlock(Block, finalization: Certificate?)
    case evidence(Equivocation)
    case standingRequest(StandingRequest)
    case standing(Standing)
    case readiness(ReadinessNotice)

    public var kind: FrameKind {
        switch self {
        case .vote: .vote
        case .certificate: .certificate
        case .proposal: .proposal
        case .transactions: .transactions
        case .tip: .tip
        case .request: .request
        case .block: .block
        case .finalBlock: .finalBlock
        case .evidence: .evidence
        case .standingRequest: .standingRequest
        case .standing: .standing
        case .readiness: .readiness
        }
    }
}

/// Where a node stands: sent on connecting, every 5 s, and where a certificate is waited for.
///
/// All of it is a hint but what certificates prove
/// later.
public struct Tip: Hashable, Sendable {
    public var epoch: Epoch
    /// The view of the highest finalization held, 0 at the genesis.
    public var finalView: View
    /// The height of the last block applied.
    public var finalHeight: Height
    public var finalBlock: BlockID
    /// The current view.
    public var view: View
    /// The validators of `epoch` that this node hears directly, itself included: a bitmap like a
    /// certificate's.
    public var hears: [UInt8]
    /// The sender's wall clock, from which peers measure skew.
    public var clock: Timestamp

    public init(
        epoch: Epoch,
        finalView: View,
        finalHeight: Height,
        finalBlock: BlockID,
        view: View,
        hears: [UInt8],
        clock: Timestamp
    ) {
        self.epoch = epoch
        self.finalView = finalView
        self.finalHeight = finalHeight
        self.finalBlock = finalBlock
        self.view = view
        self.hears = hears
        self.clock = clock
    }

    /// Whether the validator at `index` stands in ``hears``.
    public func hears(_ index: ValidatorIndex) -> Bool {
        let byte = index.value / 8
        return hears.indices.contains(byte) && hears[byte] & (0x80 >> UInt8(index.value % 8)) != 0
    }
}

/// What a node lacks and asks of another.
public enum FetchRequest: Hashable, Sendable {
    /// The most final blocks that one request asks for.
    public static let maximumBlocks: UInt64 = 256
    /// Bytes of headers and bodies that an answer with final blocks holds at the most, its first block aside.
    public static let answerByteCount = 8 << 20
    /// The most views that one request asks certificates for.
    public static let maximumViews: UInt64 = 256

    /// One block by its id, final or not.
    case block(BlockID)
    /// Transactions by their leaf hashes.
    case transactions([LeafHash])
    /// Every certificate held for the views of this range of an epoch.
    case certificates(Epoch, ClosedRange<View>)
    /// Final blocks from a height on, at most `count`.
    case finalBlocks(from: Height, count: UInt64)
}

/// Two votes of one signer in one view that no honest validator sends both of.
public struct Equivocation: Hashable, Sendable {
    public let first: Vote
    public let second: Vote

    /// - Returns: `nil` unless the two contradict each other: two notarizes or two finalizes with different
    ///   ballots, or a finalize and a nullify.
    public init?(_ first: Vote, _ second: Vote) {
        guard first.signer == second.signer, first.epoch == second.epoch, first.view == second.view else {
            return nil
        }
        switch (first.kind, second.kind) {
        case (.notarize, .notarize), (.finalize, .finalize):
            guard first.ballot != second.ballot else { return nil }
        case (.nullify, .finalize), (.finalize, .nullify): break
        default: return nil
        }
        // One order, so that the same pair has one encoding.
        let ordered = first.encoded.lexicographicallyPrecedes(second.encoded)
        self.first = ordered ? first : second
        self.second = ordered ? second : first
    }

    /// Checks both signatures.
    public func verified(
        in context: VotingContext,
        by verifier: some SignatureVerifying
    ) -> Verified<Equivocation>? {
        guard first.verified(in: context, by: verifier) != nil,
            second.verified(in: context, by: verifier) != nil
        else { return nil }
        return Verified(self)
    }
}
