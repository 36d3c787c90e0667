public import JalonCodec
public import JalonCrypto

/// The first frame each way on a connection: what must agree, and where the sender stands.
public struct Hello: Hashable, Sendable {
    /// The versions of the peer protocol that this program speaks.
    public static let versions: ClosedRange<UInt64> = 1...1

    public var versions: ClosedRange<UInt64>
    public var network: NetworkID
    public var chain: ChainID
    /// Hints that start a sync; nothing is believed without certificates.
    public var epoch: Epoch
    public var height: Height
    public var validatorsHash: Digest

    public init(
        versions: ClosedRange<UInt64> = Hello.versions,
        network: NetworkID,
        chain: ChainID,
        epoch: Epoch,
        height: Height,
        validatorsHash: Digest
    ) {
        self.versions = versions
        self.network = network
        self.chain = chain
        self.epoch = epoch
        self.height = height
        self.validatorsHash = validatorsHash
    }

    /// The first difference that forbids a connection, or `nil`.
    public func incompatibility(with other: Hello) -> HelloError? {
        if network != other.network { return .network(ours: network, theirs: other.network) }
        if chain != other.chain { return .chain(ours: chain, theirs: other.chain) }
        if !versions.overlaps(other.versions) { return .versions(ours: versions, theirs: other.versions) }
        return nil
    }
}

/// Why two nodes do not talk.
public enum HelloError: Error, Equatable, Sendable {
    case network(ours: NetworkID, theirs: NetworkID)
    case chain(ours: ChainID, theirs: ChainID)
    case versions(ours: ClosedRange<UInt64>, theirs: ClosedRange<UInt64>)
}

extension HelloError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .network(let ours, let theirs):
            "the peer belongs to the network \(theirs), this node to \(ours): correct its address or key"
        case .chain(let ours, let theirs):
            "the peer's chain is \(theirs), this node's \(ours): one of the two has another genesis"
        case .versions(let ours, let theirs):
            """
            the peer speaks versions \(theirs.lowerBound)–\(theirs.upperBound), this node \
            \(ours.lowerBound)–\(ours.upperBound): upgrade the older one
            """
        }
    }
}

extension Hello {
    /// The encoding: `[first version, last version, network, chain, epoch, height, validators hash]`.
    public var encoded: [UInt8] {
        var encoder = CBOREncoder(capacity: 160)
        encoder.encodeArrayHead(7)
        encoder.encode(versions.lowerBound)
        encoder.encode(versions.upperBound)
        encoder.encode(network)
        encoder.encode(chain)
        encoder.encode(epoch)
        encoder.encode(height)
        encoder.encode(validatorsHash)
        return encoder.bytes
    }

    public init(encoded: ArraySlice<UInt8>) throws(CBORError) {
        self = try CBORDecoder.decode(encoded) { (decoder) throws(CBORError) in
            try decoder.decodeArray(count: 7) { (decoder) throws(CBORError) in
                let first = try decoder.decodeUnsigned()
                let last = try decoder.decodeUnsigned()
                guard first <= last else { throw .invalidValue("versions \(first) to \(last)", offset: 0) }
                return Hello(
                    versions: first...last,
                    network: try decoder.decode(),
                    chain: try decoder.decode(),
                    epoch: try decoder.decode(),
                    height: try decoder.decode(),
                    validatorsHash: try decoder.decodeDigest()
                )
            }
        }
    }
}
