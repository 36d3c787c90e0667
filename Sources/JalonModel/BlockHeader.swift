public import JalonCodec
public import JalonCrypto

/// What a block commits to; its SHA-256 is the ``BlockID``.
///
/// No certificate is part of it, because nodes hold different subsets of the signers.
public struct BlockHeader: Hashable, Sendable {
    /// The first field: names the rule set, which governance switches at a height.
    public static let version = "jalon-block/1"

    /// Bytes of the longest encoding.
    public static let maximumByteCount = 512

    public var chain: ChainID
    public var epoch: Epoch
    /// The view in which the block was first proposed; a closing block that is proposed again keeps it.
    public var view: View
    public var height: Height
    /// The view in the *header* of the parent.
    public var parentView: View
    public var parent: BlockID
    public var timestamp: Timestamp
    public var leader: ValidatorIndex
    /// Transactions in the log, this block's included.
    public var logSize: UInt64
    /// RFC 9162 root of the log, this block's transactions included.
    public var logRoot: Digest
    /// Sum of the byte counts of this block's transactions.
    public var bodyByteCount: UInt64
    /// Root of the state after this block.
    public var stateRoot: Digest
    /// Hash of the validators of `epoch`.
    public var validatorsHash: Digest
    /// Hash of the next block's validators: another one than `validatorsHash` where the block closes its
    /// epoch.
    public var nextValidatorsHash: Digest

    public init(
        chain: ChainID,
        epoch: Epoch,
        view: View,
        height: Height,
        parentView: View,
        parent: BlockID,
        timestamp: Timestamp,
        leader: ValidatorIndex,
        logSize: UInt64,
        logRoot: Digest,
        bodyByteCount: UInt64,
        stateRoot: Digest,
        validatorsHash: Digest,
        nextValidatorsHash: Digest
    ) {
        self.chain = chain
        self.epoch = epoch
        self.view = view
        self.height = height
        self.parentView = parentView
        self.parent = parent
        self.timestamp = timestamp
        self.leader = leader
        self.logSize = logSize
        self.logRoot = logRoot
        self.bodyByteCount = bodyByteCount
        self.stateRoot = stateRoot
        self.validatorsHash = validatorsHash
        self.nextValidatorsHash = nextValidatorsHash
    }

    /// Whether this block is the last of its epoch.
    public var closesEpoch: Bool { validatorsHash != nextValidatorsHash }

    /// SHA-256 of the encoding.
    ///
    /// - Complexity: One encoding and one hash; keep it, do not ask twice.
    public var id: BlockID { BlockID(SHA256.hash(encoded)) }

    /// The encoding: a CBOR array of 15 items.
    public var encoded: [UInt8] {
        var encoder = CBOREncoder(capacity: 320)
        encode(to: &encoder)
        return encoder.bytes
    }
}

extension BlockHeader {
    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeArrayHead(15)
        encoder.encode(BlockHeader.version)
        encoder.encode(chain)
        encoder.encode(epoch)
        encoder.encode(view)
        encoder.encode(height)
        encoder.encode(parentView)
        encoder.encode(parent)
        encoder.encode(timestamp)
        encoder.encode(UInt64(leader.value))
        encoder.encode(logSize)
        encoder.encode(logRoot)
        encoder.encode(bodyByteCount)
        encoder.encode(stateRoot)
        encoder.encode(validatorsHash)
        encoder.encode(nextValidatorsHash)
    }

    /// - Throws: `CBORError`, also for another version than ``version``.
    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeArray(count: 15) { (decoder) throws(CBORError) in
            let at = decoder.offset
            let version = try decoder.decodeText(maximum: 32)
            guard version == BlockHeader.version else {
                throw .invalidValue(
                    "a block of version \(version); this program knows \(BlockHeader.version)",
                    offset: at
                )
            }
            let maximumLeader = UInt64(ValidatorSet.maximumCount - 1)
            let maximumBody = UInt64(BlockLimits.bodyByteCount)
            return BlockHeader(
                chain: try decoder.decode(),
                epoch: try decoder.decode(),
                view: try decoder.decode(),
                height: try decoder.decode(),
                parentView: try decoder.decode(),
                parent: try decoder.decode(),
                timestamp: try decoder.decode(),
                leader: ValidatorIndex(Int(try decoder.decodeUnsigned(maximum: maximumLeader))),
                logSize: try decoder.decodeUnsigned(),
                logRoot: try decoder.decodeDigest(),
                bodyByteCount: try decoder.decodeUnsigned(maximum: maximumBody),
                stateRoot: try decoder.decodeDigest(),
                validatorsHash: try decoder.decodeDigest(),
                nextValidatorsHash: try decoder.decodeDigest()
            )
        }
    }
}
