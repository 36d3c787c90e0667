import JalonCodec
public import JalonCrypto

/// The proof that whoever registers a public key holds the private one: a signature that serves nothing else.
///
/// What is signed is `["jalon-possession/1", purpose, digest]`, which no transaction and no vote begins with. The digest
/// is of everything that the key is registered with, so that none of it can be changed by others on the way.
public enum Possession {
    /// What the holder of a key signs.
    public static func statement(_ purpose: KeyPurpose, _ digest: Digest) -> [UInt8] {
        statement(purpose.rawValue, digest)
    }

    private static func statement(_ purpose: String, _ digest: Digest) -> [UInt8] {
        var encoder = CBOREncoder(capacity: 80)
        encoder.encodeArrayHead(3)
        encoder.encode("jalon-possession/1")
        encoder.encode(purpose)
        encoder.encode(digest)
        return encoder.bytes
    }

    /// The digest of a member who joins, as each of its keys signs it.
    public static func digest(of member: Member, validatorKey: PublicKey?) -> Digest {
        var encoder = CBOREncoder(capacity: 512)
        encoder.encodeArrayHead(validatorKey == nil ? 2 : 3)
        encoder.encode("jalon-member/1")
        member.encode(to: &encoder)
        if let validatorKey { encoder.encode(validatorKey) }
        return SHA256.hash(encoder.bytes)
    }

    /// What the holder of a single key signs: that it is to serve this member on this chain.
    ///
    /// The digest is that of `[chain, member, [alg, raw]]`.
    public static func statement(
        purpose: String,
        key: PublicKey,
        member: MemberID,
        chain: ChainID
    ) -> [UInt8] {
        var content = CBOREncoder(capacity: 128)
        content.encodeArrayHead(3)
        content.encode(chain)
        content.encode(member)
        content.encode(key)
        return statement(purpose, SHA256.hash(content.bytes))
    }

    static func signature(
        _ proof: [UInt8],
        purpose: String,
        key: PublicKey,
        member: MemberID,
        chain: ChainID
    ) -> EmbeddedSignature {
        let message = statement(purpose: purpose, key: key, member: member, chain: chain)
        return EmbeddedSignature(key: key, message: message, signature: proof)
    }
}

/// A signature inside a transaction's body, with everything that its check needs: of a key that is registered, or that
/// says it is ready.
public struct EmbeddedSignature: Hashable, Sendable {
    public let key: PublicKey
    public let message: [UInt8]
    public let signature: [UInt8]

    public init(key: PublicKey, message: [UInt8], signature: [UInt8]) {
        (self.key, self.message, self.signature) = (key, message, signature)
    }
}
