public import JalonCodec
import JalonCrypto

/// A quorum of votes of one kind for one view: a notarization, a nullification or a finalization.
///
/// The signers are a bitmap over the epoch's set and the keys are found by index alone: each fact stands
/// there once.
public struct Certificate: Hashable, Sendable {
    /// Bytes of the longest encoding.
    public static let maximumByteCount = 4 << 10

    public let epoch: Epoch
    public let ballot: Ballot
    /// ⌈n/8⌉ bytes; validator i is bit 7 − (i mod 8) of byte i/8; padding bits are zero.
    public let bitmap: [UInt8]
    /// The signers' signatures, one after the other in ascending order of index.
    public let signatures: [UInt8]

    public init(epoch: Epoch, ballot: Ballot, bitmap: [UInt8], signatures: [UInt8]) {
        self.epoch = epoch
        self.ballot = ballot
        self.bitmap = bitmap
        self.signatures = signatures
    }

    /// Feeds the bytes at once: one after the other they cost more than the rest of a look-up.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(epoch)
        hasher.combine(ballot)
        bitmap.withUnsafeBytes { hasher.combine(bytes: $0) }
        signatures.withUnsafeBytes { hasher.combine(bytes: $0) }
    }

    public var view: View { ballot.view }
    public var kind: VoteKind { ballot.kind }
    public var block: BlockID { ballot.block }

    /// Puts verified votes with equal ballots together.
    ///
    /// - Returns: `nil` where there are fewer than a quorum, ballots or epochs differ, or a signer votes
    ///   twice.
    public static func assembled(
        from votes: [Verified<Vote>],
        in context: VotingContext
    ) -> Verified<Certificate>? {
        let sorted = votes.map(\.value).sorted { $0.signer < $1.signer }
        guard let first = sorted.first, sorted.count >= context.quorum else { return nil }
        var bitmap = [UInt8](repeating: 0, count: (context.validators.count + 7) / 8)
        var signatures: [UInt8] = []
        signatures.reserveCapacity(sorted.reduce(0) { $0 + $1.signature.count })
        var previous: ValidatorIndex?
        for vote in sorted {
            guard vote.ballot == first.ballot, vote.epoch == context.epoch, vote.signer != previous,
                context.validators[vote.signer] != nil
            else { return nil }
            previous = vote.signer
            bitmap[vote.signer.value / 8] |= 0x80 >> UInt8(vote.signer.value % 8)
            signatures.append(contentsOf: vote.signature)
        }
        return Verified(
            Certificate(epoch: context.epoch, ballot: first.ballot, bitmap: bitmap, signatures: signatures)
        )
    }

    /// Checks bitmap, count, lengths and every signature (protocol, section 4).
    ///
    /// - Returns: `nil` where any of them is wrong.
    public func verified(
        in context: VotingContext,
        by verifier: some SignatureVerifying
    ) -> Verified<Certificate>? {
        guard let parts = parts(in: context) else { return nil }
        for (signer, validator, signature) in parts {
            let message = ballot.toBeSigned(by: signer, in: context)
            guard verifier.isValid(signature: signature, message: message, key: validator.key) else {
                return nil
            }
        }
        return Verified(self)
    }

    /// The signers, ascending.
    ///
    /// - Returns: `nil` where the bitmap has another length than the set's, a padding bit, or too few
    ///   signers.
    public func signers(in context: VotingContext) -> [ValidatorIndex]? {
        let validators = context.validators
        guard bitmap.count == (validators.count + 7) / 8 else { return nil }
        var signers: [ValidatorIndex] = []
        signers.reserveCapacity(validators.count)
        for index in 0..<bitmap.count * 8 where bitmap[index / 8] & (0x80 >> UInt8(index % 8)) != 0 {
            guard index < validators.count else { return nil }
            signers.append(ValidatorIndex(index))
        }
        return signers.count >= context.quorum ? signers : nil
    }

    /// The votes that this certificate puts together, their signatures not checked.
    ///
    /// - Returns: `nil` where epoch, bitmap, count or the length of the signatures is wrong.
    public func votes(in context: VotingContext) -> [Vote]? {
        parts(in: context)?.map {
            Vote(epoch: epoch, ballot: ballot, signer: $0.signer, signature: Array($0.signature))
        }
    }

    /// The signatures, each with whose it is; `nil` where epoch, bitmap, count or their length is wrong.
    private func parts(
        in context: VotingContext
    ) -> [(signer: ValidatorIndex, validator: Validator, signature: ArraySlice<UInt8>)]? {
        guard epoch == context.epoch, let signers = signers(in: context) else { return nil }
        var parts: [(signer: ValidatorIndex, validator: Validator, signature: ArraySlice<UInt8>)] = []
        parts.reserveCapacity(signers.count)
        var rest = signatures[...]
        for signer in signers {
            guard let validator = context.validators[signer] else { return nil }
            let byteCount = validator.key.algorithm.signatureByteCount
            guard rest.count >= byteCount else { return nil }
            parts.append((signer, validator, rest.prefix(byteCount)))
            rest = rest.dropFirst(byteCount)
        }
        return rest.isEmpty ? parts : nil
    }
}

extension Certificate {
    /// The encoding: `[kind, epoch, view, block, logRoot?, bitmap, signatures]`.
    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeArrayHead(ballot.itemCount + 2)
        ballot.encode(epoch: epoch, to: &encoder)
        encoder.encode(bytes: bitmap)
        encoder.encode(bytes: signatures)
    }

    public var encoded: [UInt8] {
        var encoder = CBOREncoder(capacity: signatures.count + 128)
        encode(to: &encoder)
        return encoder.bytes
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeBallotArray(extraItems: 2) { (decoder, epoch, ballot) throws(CBORError) in
            Certificate(
                epoch: epoch,
                ballot: ballot,
                bitmap: Array(try decoder.decodeBytes(maximum: (ValidatorSet.maximumCount + 7) / 8)),
                signatures: Array(try decoder.decodeBytes(maximum: ValidatorSet.maximumCount * 64))
            )
        }
    }
}
