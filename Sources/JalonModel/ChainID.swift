public import JalonCrypto

/// The hash of the genesis: what every signature of a network is bound to.
public struct ChainID: TypedDigest {
    public let digest: Digest
    public init(_ digest: Digest) { self.digest = digest }
}

/// SHA-256 of an encoded block header; of the genesis, at height 0.
public struct BlockID: TypedDigest {
    public let digest: Digest
    public init(_ digest: Digest) { self.digest = digest }

    /// 32 zero bytes: the block of a nullify vote.
    public static let none = BlockID(.zero)
}

/// SHA-256 of the COSE Sig_structure of a transaction: what was signed, whatever the signature's bytes.
public struct TransactionID: TypedDigest {
    public let digest: Digest
    public init(_ digest: Digest) { self.digest = digest }
}

/// The RFC 9162 leaf hash of a transaction's full bytes: SHA-256(0x00 ‖ bytes).
///
/// Before its signature is verified a transaction is known by this alone, so that a copy with a broken
/// signature can't stand in the way of the real one.
public struct LeafHash: TypedDigest {
    public let digest: Digest
    public init(_ digest: Digest) { self.digest = digest }

    /// Hashes a transaction's full bytes.
    public init(of bytes: some Sequence<UInt8>) {
        self.init(SHA256.hash(prefix: 0x00, bytes))
    }
}
