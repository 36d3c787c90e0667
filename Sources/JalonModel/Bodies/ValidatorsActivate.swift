public import JalonCodec
public import JalonCrypto

/// A validator of the next epoch says that its node runs, holds its key and has the chain up to a height.
public struct Readiness: Hashable, Sendable {
    /// The final height that it had when it signed.
    public let height: Height
    public let signature: [UInt8]

    public init(height: Height, signature: [UInt8]) {
        (self.height, self.signature) = (height, signature)
    }

    /// How many heights ago it may have been signed.
    public static let maximumAge: UInt64 = 1_000

    /// What is signed: `["jalon-ready/1", chain, epoch, hash of the epoch's validators, height]`.
    ///
    /// A height instead of a block's id, since a rule can judge it by the chain alone; an honest validator's word is no
    /// older than it says either way.
    public static func statement(
        chain: ChainID,
        epoch: Epoch,
        validators: Digest,
        height: Height
    ) -> [UInt8] {
        var encoder = CBOREncoder(capacity: 128)
        encoder.encodeArrayHead(5)
        encoder.encode("jalon-ready/1")
        encoder.encode(chain)
        encoder.encode(epoch)
        encoder.encode(validators)
        encoder.encode(height)
        return encoder.bytes
    }
}

/// `validators.activate`: closes the epoch, since a quorum of the next one is ready (protocol, section 5).
///
/// It names the whole set, so that its signatures can be checked before any state is looked at. It is the last
/// transaction of its block.
public struct ValidatorsActivate: BodyContent {
    /// The network's id, which the claim `sub` repeats.
    public var network: NetworkID
    /// The epoch that starts.
    public var epoch: Epoch
    /// Its validators.
    public var validators: ValidatorSet
    /// Who is ready, ascending by index.
    public var ready: [(index: ValidatorIndex, readiness: Readiness)]

    public init(
        network: NetworkID,
        epoch: Epoch,
        validators: ValidatorSet,
        ready: [(index: ValidatorIndex, readiness: Readiness)]
    ) {
        (self.network, self.epoch) = (network, epoch)
        (self.validators, self.ready) = (validators, ready)
    }

    public var subject: SubjectID { SubjectID(checked: network.text) }

    /// Checks the rules that need no state.
    public func validate() throws(BodyError) {
        for (left, right) in zip(ready, ready.dropFirst()) where left.index >= right.index {
            throw .invalid(
                field: "ready",
                found: "\(right.index) after \(left.index)",
                expected: "each index once, ascending"
            )
        }
        for entry in ready where validators[entry.index] == nil {
            throw .invalid(
                field: "ready",
                found: "\(entry.index)",
                expected: "an index below \(validators.count)"
            )
        }
        try require(
            ready.count >= validators.quorum,
            "ready",
            found: "\(ready.count)",
            expected: "at least \(validators.quorum) of \(validators.count), the quorum"
        )
    }

    func signatures(on chain: ChainID) -> [EmbeddedSignature] {
        ready.compactMap { entry in
            validators[entry.index].map { validator in
                EmbeddedSignature(
                    key: validator.key,
                    message: Readiness.statement(
                        chain: chain,
                        epoch: epoch,
                        validators: validators.hash,
                        height: entry.readiness.height
                    ),
                    signature: entry.readiness.signature
                )
            }
        }
    }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.type(.validatorsActivate)
            map.field("epoch") { $0.encode(epoch) }
            map.field("ready") { encoder in
                encoder.encode(array: ready) { encoder, entry in
                    encoder.encodeArrayHead(3)
                    encoder.encode(UInt64(entry.index.value))
                    encoder.encode(entry.readiness.height)
                    encoder.encode(bytes: entry.readiness.signature)
                }
            }
            map.field("network", network)
            map.field("validators") { $0.append(encoded: validators.encoded) }
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            try map.type(.validatorsActivate)
            let epoch = try map.field("epoch") { (decoder) throws(CBORError) in try decoder.decode(Epoch.self)
            }
            let ready = try map.field("ready") { (decoder) throws(CBORError) in
                try decoder.decodeArray(maximum: ValidatorSet.maximumCount) { (decoder) throws(CBORError) in
                    try decoder.decodeArray(count: 3) { (decoder) throws(CBORError) in
                        let index = try decoder.decodeUnsigned(maximum: UInt64(ValidatorSet.maximumCount - 1))
                        let height: Height = try decoder.decode()
                        let signature = Array(try decoder.decodeBytes(maximum: 128))
                        return (
                            index: ValidatorIndex(Int(index)),
                            readiness: Readiness(height: height, signature: signature)
                        )
                    }
                }
            }
            let network: NetworkID = try map.field("network")
            let validators = try map.field("validators") { (decoder) throws(CBORError) in
                try ValidatorSet(from: &decoder)
            }
            return ValidatorsActivate(network: network, epoch: epoch, validators: validators, ready: ready)
        }
    }

    public static func == (left: Self, right: Self) -> Bool {
        left.network == right.network && left.epoch == right.epoch && left.validators == right.validators
            && left.ready.elementsEqual(right.ready) { $0.index == $1.index && $0.readiness == $1.readiness }
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(network)
        hasher.combine(epoch)
        hasher.combine(validators.hash)
    }
}
