import JalonCodec
public import JalonCrypto

/// What the holder of a new key signs with it, so that nobody registers a key that is not theirs to use.
///
/// `["jalon-possession/1", purpose, digest]`, the form of a member's file too: no transaction and no vote begins so.
/// The digest is that of `[chain, member, [alg, raw]]`: the signature serves no other network, member or key.
public enum KeyPossession {
    /// The bytes to sign.
    ///
    /// - Parameters:
    ///   - purpose: What the key is to be for, for example `delegate`.
    ///   - key: The new key.
    ///   - member: Whom it is to serve.
    ///   - chain: Where.
    /// - Returns: The encoded array; below 100 bytes.
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
        var encoder = CBOREncoder(capacity: 80)
        encoder.encodeArrayHead(3)
        encoder.encode("jalon-possession/1")
        encoder.encode(purpose)
        encoder.encode(SHA256.hash(content.bytes))
        return encoder.bytes
    }
}
