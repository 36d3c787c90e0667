import JalonCodec
public import JalonCrypto

/// The proof that whoever registers a public key holds the private one: a signature that serves nothing else.
///
/// What is signed is `["jalon-possession/1", purpose, digest]`, which no transaction and no vote begins with. The digest
/// is of everything that the key is registered with, so that none of it can be changed by others on the way.
public enum Possession {
    /// What the holder of a key signs.
    public static func statement(_ purpose: KeyPurpose, _ digest: Digest) -> [UInt8] {
        var encoder = CBOREncoder(capacity: 80)
        encoder.encodeArrayHead(3)
        encoder.encode("jalon-possession/1")
        encoder.encode("\(purpose)")
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

    /// The digest of a new key in the place of an old one, or of a lost one where `old` is `nil`, as the new key signs it.
    public static func digest(of key: PublicKey, for member: MemberID, old: KeyID?, on chain: ChainID)
        -> Digest
    {
        var encoder = CBOREncoder(capacity: 192)
        encoder.encodeArrayHead(old == nil ? 4 : 5)
        encoder.encode("jalon-key/1")
        encoder.encode(chain)
        encoder.encode(member)
        encoder.encode(key)
        if let old { encoder.encode(old) }
        return SHA256.hash(encoder.bytes)
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
