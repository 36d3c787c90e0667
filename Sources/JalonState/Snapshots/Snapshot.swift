package import JalonCodec
import JalonCrypto
package import JalonModel

/// A ledger's state at a block, and what somebody with the genesis alone needs to check it and to go on from there.
///
/// A CBOR sequence (RFC 8742) of items in one order: the head, the ends of the epochs before the block, the base, the blocks
/// after the base up to the one whose state it is, the leaves of that state. The base is what the blocks before leave
/// behind: a header and the log's frontier (the roots of its complete subtrees, RFC 9162). The blocks cover the replay
/// window (protocol, section 2), so that whoever goes on from the snapshot takes in no transaction twice.
package enum Snapshot {
    /// The first thing that a reader looks at.
    package static let version = "jalon-snapshot/1"
    /// The most epochs before the block.
    package static let maximumEpochCount = Proof.maximumEpochCount
    /// Bytes of the longest item: a block with its finalization.
    package static let maximumItemByteCount = BlockLimits.bodyByteCount + (512 << 10)

    /// What comes, in numbers: nothing is allocated by them.
    package struct Head: Hashable, Sendable {
        package let network: NetworkID
        package let chain: ChainID
        /// The block whose state it is, and the last one of the snapshot.
        package let height: Height
        /// Epochs that ended before the block's.
        package let epochCount: UInt64
        /// Blocks after the base, one at least.
        package let blockCount: UInt64
        package let leafCount: UInt64

        package init(
            network: NetworkID,
            chain: ChainID,
            height: Height,
            epochCount: UInt64,
            blockCount: UInt64,
            leafCount: UInt64
        ) {
            (self.network, self.chain, self.height) = (network, chain, height)
            (self.epochCount, self.blockCount, self.leafCount) = (epochCount, blockCount, leafCount)
        }
    }

    /// What the blocks that the snapshot leaves out leave behind.
    package struct Base: Hashable, Sendable {
        /// The header of the last of them; `nil` where that is the genesis.
        package let header: BlockHeader?
        /// The log after it.
        package let frontier: MerkleFrontier

        package init(header: BlockHeader?, frontier: MerkleFrontier) {
            (self.header, self.frontier) = (header, frontier)
        }

        /// The height of the last block that is left out.
        package var height: Height { header?.height ?? Height(0) }
    }

    /// One item.
    package enum Item: Hashable, Sendable {
        case head(Head)
        case epoch(EpochChange)
        case base(Base)
        /// An encoded block and its encoded finalization, empty where it is final by a later one.
        case block([UInt8], finalization: [UInt8])
        /// A leaf of the state, ascending by the path's bytes.
        case leaf(path: String, value: [UInt8])
    }

    /// What an item may be.
    package enum Kind: Hashable, Sendable {
        case head, epoch, base, block, leaf
    }
}

extension Snapshot.Item {
    /// The encoding of one item of the sequence.
    package var encoded: [UInt8] {
        var encoder = CBOREncoder(capacity: 256)
        switch self {
        case .head(let head):
            encoder.encodeArrayHead(7)
            encoder.encode(Snapshot.version)
            encoder.encode(head.network.text)
            encoder.encode(bytes: head.chain.bytes)
            encoder.encode(head.height.value)
            encoder.encode(head.epochCount)
            encoder.encode(head.blockCount)
            encoder.encode(head.leafCount)
        case .epoch(let change): change.encode(to: &encoder)
        case .base(let base):
            encoder.encodeArrayHead(2)
            encoder.encode(bytes: base.header?.encoded ?? [])
            base.frontier.encode(to: &encoder)
        case .block(let block, let finalization):
            encoder.encodeArrayHead(2)
            encoder.encode(bytes: block)
            encoder.encode(bytes: finalization)
        case .leaf(let path, let value):
            encoder.encodeArrayHead(2)
            encoder.encode(path)
            encoder.encode(bytes: value)
        }
        return encoder.bytes
    }

    /// Reads one item of a kind; nothing in it is verified.
    ///
    /// - Throws: `CBORError`, also for a head of another version.
    package init(_ kind: Snapshot.Kind, from decoder: inout CBORDecoder) throws(CBORError) {
        switch kind {
        case .head: self = .head(try Snapshot.Head(from: &decoder))
        case .epoch: self = .epoch(try EpochChange(from: &decoder))
        case .base:
            self = try decoder.decodeArray(count: 2) { (decoder) throws(CBORError) in
                let header = try decoder.decodeBytes(maximum: BlockHeader.maximumByteCount)
                let frontier = try MerkleFrontier(from: &decoder)
                guard !header.isEmpty else { return .base(Snapshot.Base(header: nil, frontier: frontier)) }
                let decoded = try CBORDecoder.decode(header) { (decoder) throws(CBORError) in
                    try BlockHeader(from: &decoder)
                }
                return .base(Snapshot.Base(header: decoded, frontier: frontier))
            }
        case .block:
            self = try decoder.decodeArray(count: 2) { (decoder) throws(CBORError) in
                let block = Array(try decoder.decodeBytes(maximum: BlockLimits.bodyByteCount + (256 << 10)))
                return .block(block, finalization: Array(try decoder.decodeBytes(maximum: 4 << 10)))
            }
        case .leaf:
            self = try decoder.decodeArray(count: 2) { (decoder) throws(CBORError) in
                let path = try decoder.decodeText(maximum: StateClaim.maximumPathByteCount)
                let value = try decoder.decodeBytes(maximum: StateClaim.maximumValueByteCount)
                return .leaf(path: path, value: Array(value))
            }
        }
    }
}

extension Snapshot.Head {
    fileprivate init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeArray(count: 7) { (decoder) throws(CBORError) in
            let found = try decoder.decodeText(maximum: 64)
            guard found.utf8.elementsEqual(Snapshot.version.utf8) else {
                throw .invalidValue(
                    "a file of version '\(found)'; this program knows \(Snapshot.version)",
                    offset: 0
                )
            }
            let at = decoder.offset
            guard let network = NetworkID(try decoder.decodeText(maximum: 64)) else {
                throw .invalidValue("the network is not \(NetworkID.form)", offset: at)
            }
            guard let chain = ChainID(bytes: Array(try decoder.decodeBytes(count: 32))) else {
                throw .invalidValue("the chain's id is not 32 bytes", offset: at)
            }
            let most = UInt64(Int64.max)
            return Snapshot.Head(
                network: network,
                chain: chain,
                height: Height(try decoder.decodeUnsigned(maximum: most)),
                epochCount: try decoder.decodeUnsigned(maximum: most),
                blockCount: try decoder.decodeUnsigned(maximum: most),
                leafCount: try decoder.decodeUnsigned(maximum: most)
            )
        }
    }
}
