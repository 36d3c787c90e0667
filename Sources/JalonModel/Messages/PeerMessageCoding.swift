public import JalonCodec
import JalonCrypto

extension PeerMessage {
    /// The body of the frame of this message's ``kind``.
    public var encoded: [UInt8] {
        var encoder = CBOREncoder(capacity: usualByteCount)
        switch self {
        case .vote(let vote): vote.encode(to: &encoder)
        case .certificate(let certificate): certificate.encode(to: &encoder)
        case .proposal(let proposal): return proposal.encoded
        case .transactions(let transactions):
            encoder.encode(array: transactions) { $0.encode(bytes: $1) }
        case .tip(let tip): tip.encode(to: &encoder)
        case .request(let request): request.encode(to: &encoder)
        case .block(let block): return block.encoded
        case .finalBlock(let block, let finalization):
            encoder.encodeArrayHead(2)
            block.encode(to: &encoder)
            encoder.encode(array: finalization.map { [$0] } ?? []) { $1.encode(to: &$0) }
        case .evidence(let evidence):
            encoder.encodeArrayHead(2)
            evidence.first.encode(to: &encoder)
            evidence.second.encode(to: &encoder)
        case .standingRequest(let request): request.encode(to: &encoder)
        case .standing(let standing): standing.encode(to: &encoder)
        case .readiness(let notice): notice.encode(to: &encoder)
        }
        return encoder.bytes
    }

    /// About how long the encoding is, where that is more than most are: memory need not grow while it is written.
    private var usualByteCount: Int {
        switch self {
        case .certificate(let certificate): certificate.signatures.count + 128
        case .transactions(let transactions): transactions.reduce(16) { $0 + $1.count + 8 }
        case .vote, .proposal, .tip, .request, .block, .finalBlock, .evidence, .standingRequest, .standing,
            .readiness:
            256
        }
    }

    /// Reads the body of a frame.
    ///
    /// - Throws: `CBORError`; also for ``FrameKind/hello``, which is the handshake's.
    public init(kind: FrameKind, body: ArraySlice<UInt8>) throws(CBORError) {
        self = try CBORDecoder.decode(body) { (decoder) throws(CBORError) in
            try PeerMessage(kind: kind, from: &decoder)
        }
    }

    private init(kind: FrameKind, from decoder: inout CBORDecoder) throws(CBORError) {
        switch kind {
        case .hello: throw .invalidValue("a hello after the handshake", offset: 0)
        case .vote: self = .vote(try Vote(from: &decoder))
        case .certificate: self = .certificate(try Certificate(from: &decoder))
        case .proposal: self = .proposal(try Proposal(from: &decoder))
        case .transactions:
            self = .transactions(
                try decoder.decodeArray(maximum: BlockLimits.transactionCount) {
                    (decoder) throws(CBORError) in
                    Array(try decoder.decodeBytes(maximum: BlockLimits.transactionByteCount))
                }
            )
        case .tip: self = .tip(try Tip(from: &decoder))
        case .request: self = .request(try FetchRequest(from: &decoder))
        case .block: self = .block(try Block(from: &decoder))
        case .finalBlock:
            self = try decoder.decodeArray(count: 2) { (decoder) throws(CBORError) in
                let block = try Block(from: &decoder)
                let finalization = try decoder.decodeArray(maximum: 1) { (decoder) throws(CBORError) in
                    try Certificate(from: &decoder)
                }
                return .finalBlock(block, finalization: finalization.first)
            }
        case .standingRequest: self = .standingRequest(try StandingRequest(from: &decoder))
        case .standing: self = .standing(try Standing(from: &decoder))
        case .readiness: self = .readiness(try ReadinessNotice(from: &decoder))
        case .evidence:
            self = try decoder.decodeArray(count: 2) { (decoder) throws(CBORError) in
                let first = try Vote(from: &decoder)
                let second = try Vote(from: &decoder)
                guard let evidence = Equivocation(first, second), evidence.first == first else {
                    throw .invalidValue(
                        "two votes that do not contradict each other, or out of order",
                        offset: 0
                    )
                }
                return .evidence(evidence)
            }
        }
    }
}

extension Tip {
    /// The encoding: `[epoch, final view, final height, final block, view, hears, clock]`.
    func encode(to encoder: inout CBOREncoder) {
        encoder.encodeArrayHead(7)
        encoder.encode(epoch)
        encoder.encode(finalView)
        encoder.encode(finalHeight)
        encoder.encode(finalBlock)
        encoder.encode(view)
        encoder.encode(bytes: hears)
        encoder.encode(clock)
    }

    init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeArray(count: 7) { (decoder) throws(CBORError) in
            Tip(
                epoch: try decoder.decode(),
                finalView: try decoder.decode(),
                finalHeight: try decoder.decode(),
                finalBlock: try decoder.decode(),
                view: try decoder.decode(),
                hears: Array(try decoder.decodeBytes(maximum: (ValidatorSet.maximumCount + 7) / 8)),
                clock: try decoder.decode()
            )
        }
    }
}

extension FetchRequest {
    /// The encoding: `[number of the case, its values …]`.
    func encode(to encoder: inout CBOREncoder) {
        switch self {
        case .block(let id):
            encoder.encodeArrayHead(2)
            encoder.encode(UInt64(1))
            encoder.encode(id)
        case .transactions(let leaves):
            encoder.encodeArrayHead(2)
            encoder.encode(UInt64(2))
            encoder.encode(array: leaves) { $0.encode($1) }
        case .certificates(let epoch, let views):
            encoder.encodeArrayHead(4)
            encoder.encode(UInt64(3))
            encoder.encode(epoch)
            encoder.encode(views.lowerBound)
            encoder.encode(views.upperBound)
        case .finalBlocks(let height, let count):
            encoder.encodeArrayHead(3)
            encoder.encode(UInt64(4))
            encoder.encode(height)
            encoder.encode(count)
        }
    }

    init(from decoder: inout CBORDecoder) throws(CBORError) {
        let count = try decoder.peekArrayCount()
        guard (2...4).contains(count) else { throw .invalidValue("a request of \(count) items", offset: 0) }
        self = try decoder.decodeArray(count: count) { (decoder) throws(CBORError) in
            let at = decoder.offset
            switch (try decoder.decodeUnsigned(), count) {
            case (1, 2): return .block(try decoder.decode())
            case (2, 2):
                return .transactions(
                    try decoder.decodeArray(maximum: BlockLimits.transactionCount) {
                        (decoder) throws(CBORError) -> LeafHash in try decoder.decode()
                    }
                )
            case (3, 4):
                let epoch: Epoch = try decoder.decode()
                let first: View = try decoder.decode()
                let last: View = try decoder.decode()
                guard first <= last, last.value - first.value < FetchRequest.maximumViews else {
                    throw .invalidValue("views \(first) to \(last)", offset: at)
                }
                return .certificates(epoch, first...last)
            case (4, 3):
                let from: Height = try decoder.decode()
                let count = try decoder.decodeUnsigned(maximum: FetchRequest.maximumBlocks)
                guard count > 0 else { throw .invalidValue("a request for no block", offset: at) }
                return .finalBlocks(from: from, count: count)
            default: throw .invalidValue("unknown kind of request", offset: at)
            }
        }
    }
}
