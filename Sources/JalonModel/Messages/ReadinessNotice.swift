import JalonCodec
public import JalonCrypto

/// A validator of the next epoch tells that it is ready: gossiped until a leader has a quorum of them for its
/// ``ValidatorsActivate``.
public struct ReadinessNotice: Hashable, Sendable {
    /// Bytes of the longest encoding.
    public static let maximumByteCount = 256

    /// The epoch that would start.
    public let epoch: Epoch
    /// The hash of its validators.
    public let validators: Digest
    /// The signer's place among them.
    public let index: ValidatorIndex
    public let readiness: Readiness

    public init(epoch: Epoch, validators: Digest, index: ValidatorIndex, readiness: Readiness) {
        (self.epoch, self.validators) = (epoch, validators)
        (self.index, self.readiness) = (index, readiness)
    }

    /// Signs that the holder of `key` has the chain up to `height`.
    ///
    /// - Returns: `nil` where the key is none of the set's.
    public static func signed(
        _ validators: ValidatorSet,
        epoch: Epoch,
        height: Height,
        chain: ChainID,
        key: any Signing
    ) -> Verified<ReadinessNotice>? {
        guard let index = validators.index(of: key.publicKey.id) else { return nil }
        let signature = key.sign(
            Readiness.statement(chain: chain, epoch: epoch, validators: validators.hash, height: height)
        )
        return Verified(
            ReadinessNotice(
                epoch: epoch,
                validators: validators.hash,
                index: index,
                readiness: Readiness(height: height, signature: signature)
            )
        )
    }

    /// Checks the signature; `set` are the validators that the notice names by their hash.
    public func verified(
        in set: ValidatorSet,
        chain: ChainID,
        by verifier: some SignatureVerifying
    ) -> Verified<ReadinessNotice>? {
        guard set.hash == validators, let validator = set[index],
            readiness.signature.count == validator.key.algorithm.signatureByteCount
        else { return nil }
        let message = Readiness.statement(
            chain: chain,
            epoch: epoch,
            validators: validators,
            height: readiness.height
        )
        guard verifier.isValid(signature: readiness.signature[...], message: message, key: validator.key)
        else { return nil }
        return Verified(self)
    }

    /// The encoding: `[epoch, hash of the validators, index, height, signature]`.
    func encode(to encoder: inout CBOREncoder) {
        encoder.encodeArrayHead(5)
        encoder.encode(epoch)
        encoder.encode(validators)
        encoder.encode(UInt64(index.value))
        encoder.encode(readiness.height)
        encoder.encode(bytes: readiness.signature)
    }

    init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeArray(count: 5) { (decoder) throws(CBORError) in
            let epoch: Epoch = try decoder.decode()
            let validators = try decoder.decodeDigest()
            let index = try decoder.decodeUnsigned(maximum: UInt64(ValidatorSet.maximumCount - 1))
            let height: Height = try decoder.decode()
            return ReadinessNotice(
                epoch: epoch,
                validators: validators,
                index: ValidatorIndex(Int(index)),
                readiness: Readiness(
                    height: height,
                    signature: Array(try decoder.decodeBytes(maximum: 128))
                )
            )
        }
    }
}

extension ValidatorsActivate {
    /// Makes and signs the transaction that starts an epoch, of notices that were checked.
    ///
    /// `key` is the validator key of `issuer`, or its authority key.
    ///
    /// - Returns: `nil` where it would not be what its own reader accepts.
    public static func signed(
        _ validators: ValidatorSet,
        epoch: Epoch,
        ready: [Verified<ReadinessNotice>],
        network: NetworkID,
        chain: ChainID,
        issuer: MemberID,
        nonce: [UInt8],
        expires: Timestamp,
        key: any Signing
    ) -> Verified<Transaction>? {
        let notices = ready.map(\.value)
            .filter { $0.validators == validators.hash && $0.epoch == epoch }
            .sorted { $0.index < $1.index }
        let body = ValidatorsActivate(
            network: network,
            epoch: epoch,
            validators: validators,
            ready: notices.map { (index: $0.index, readiness: $0.readiness) }
        )
        guard (try? body.validate()) != nil else { return nil }
        func sign(_ key: some Signing) -> Transaction? {
            try? Transaction.signed(
                body: body.encoded,
                subject: body.subject,
                issuer: issuer,
                chain: chain,
                nonce: nonce,
                expires: expires,
                key: key
            )
        }
        return sign(key).map { Verified($0) }
    }
}
