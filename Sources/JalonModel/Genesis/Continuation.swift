public import JalonCodec
public import JalonCrypto

/// The end of an earlier chain that a network starts anew from, in the open, after losing more than f disks.
public struct Continuation: CBORValue {
    /// The most signatures.
    public static let maximumSignatureCount = 64

    public var chain: ChainID
    public var block: BlockID
    public var height: Height
    public var logRoot: Digest
    public var logSize: UInt64
    public var stateRoot: Digest
    /// By authority keys, ascending by key id.
    public var signatures: [ContinuationSignature]

    public init(
        chain: ChainID,
        block: BlockID,
        height: Height,
        logRoot: Digest,
        logSize: UInt64,
        stateRoot: Digest,
        signatures: [ContinuationSignature] = []
    ) {
        (self.chain, self.block, self.height) = (chain, block, height)
        (self.logRoot, self.logSize, self.stateRoot) = (logRoot, logSize, stateRoot)
        self.signatures = signatures
    }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("block", block)
            map.field("chain", chain)
            map.field("height") { $0.encode(height) }
            map.field("logRoot", logRoot)
            map.field("logSize", logSize)
            map.field("stateRoot", stateRoot)
            map.field("signatures", signatures)
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let block: BlockID = try map.field("block")
            let chain: ChainID = try map.field("chain")
            let height = try map.field("height") { (decoder) throws(CBORError) in
                try decoder.decode(Height.self)
            }
            let logRoot: Digest = try map.field("logRoot")
            let logSize = try map.field("logSize", in: 0...UInt64(Int64.max))
            let stateRoot: Digest = try map.field("stateRoot")
            return Continuation(
                chain: chain,
                block: block,
                height: height,
                logRoot: logRoot,
                logSize: logSize,
                stateRoot: stateRoot,
                signatures: try map.list("signatures", maximum: Continuation.maximumSignatureCount)
            )
        }
    }
}

/// One authority key's signature under a continuation: `[key id, signature]`.
public struct ContinuationSignature: CBORValue {
    public var keyID: KeyID
    public var signature: [UInt8]

    public init(keyID: KeyID, signature: [UInt8]) {
        (self.keyID, self.signature) = (keyID, signature)
    }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeArrayHead(2)
        encoder.encode(keyID)
        encoder.encode(bytes: signature)
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeArray(count: 2) { (decoder) throws(CBORError) in
            let keyID: KeyID = try decoder.decode()
            return ContinuationSignature(
                keyID: keyID,
                signature: Array(try decoder.decodeBytes(maximum: 128))
            )
        }
    }
}

extension Genesis {
    /// What authority keys sign to let a network continue an earlier chain; `nil` where it continues nothing.
    ///
    /// It is the text `jalon-continues/1` and the genesis without these signatures, so that they can't be moved to
    /// another one.
    public var continuationToBeSigned: [UInt8]? {
        guard let continues else { return nil }
        var unsigned = continues
        unsigned.signatures = []
        var encoder = CBOREncoder(capacity: encoded.count + 32)
        encoder.encodeArrayHead(2)
        encoder.encode("jalon-continues/1")
        encode(to: &encoder, continues: unsigned)
        return encoder.bytes
    }

    /// Checks that the authority keys of a quorum of the validators' members signed the continuation, if there is one,
    /// and that no other signature stands there.
    ///
    /// That those keys were the earlier chain's is checked against that chain.
    public func verifyContinuation(by verifier: some SignatureVerifying) throws(GenesisError) {
        guard let continues, let message = continuationToBeSigned else { return }
        let field = "continues.signatures"
        var signers: [MemberID] = []
        for (left, right) in zip(continues.signatures, continues.signatures.dropFirst()) {
            guard left.keyID < right.keyID else {
                throw .invalid(
                    field: field,
                    found: "\(right.keyID)",
                    expected: "key ids in ascending order, each once"
                )
            }
        }
        for entry in continues.signatures {
            let owner = members.first { $0.authorityKeys.contains { $0.id == entry.keyID } }
            guard let owner, let key = owner.authorityKeys.first(where: { $0.id == entry.keyID }),
                validators.index(of: owner.id) != nil
            else {
                throw .invalid(
                    field: field,
                    found: "\(entry.keyID)",
                    expected: "authority keys of validators' members only"
                )
            }
            guard verifier.isValid(signature: entry.signature[...], message: message, key: key) else {
                throw .invalid(
                    field: field,
                    found: "a wrong signature of \(owner.id)",
                    expected: "valid ones"
                )
            }
            if !signers.contains(owner.id) { signers.append(owner.id) }
        }
        guard signers.count >= validators.quorum else {
            throw .invalid(
                field: field,
                found: "\(signers.count) members",
                expected: "\(validators.quorum) at least"
            )
        }
    }
}
