public import JalonCodec

/// What the network's members agreed on in numbers: in the genesis a map, in the state a leaf each.
public struct Parameters: CBORValue {
    /// Δ: the time in which a message of a healthy network arrives.
    public var deltaMilliseconds: UInt64 = 500
    /// From this ratio of the expected value on a commitment is at risk and not behind.
    public var atRisk = PartsPerMillion(700_000)
    /// How far a block's timestamp may be ahead of a voter's clock.
    public var maxSkewMilliseconds: UInt64 = 500
    /// From this ratio of the expected value on a commitment is on track.
    public var onTrack = PartsPerMillion(900_000)
    /// After so long without a block an empty one is made.
    public var heartbeatMilliseconds: UInt64 = 86_400_000
    /// Minutes east of UTC at which a block's timestamp becomes its date.
    public var utcOffsetMinutes = 480
    public var activation = Activation.automatic
    /// The day that statuses are judged at, instead of the head block's.
    public var statusDate: CalendarDay?
    /// The least value that the leader timer's longest span, 2Δ · (3/2)^K, reaches.
    public var timeoutCapMilliseconds: UInt64 = 8_000
    /// How long before its expiry a transaction may stand in a block.
    public var maxLifetimeMilliseconds: UInt64 = 3_600_000
    /// Bytes of a block's transactions.
    public var maxBlockByteCount = UInt64(BlockLimits.bodyByteCount)
    /// How long a recovered key stays revocable before it takes effect.
    public var recoveryDelayMilliseconds: UInt64 = 604_800_000
    /// No removal may leave fewer validators than this.
    public var minimumValidatorCount: UInt64 = 4
    /// Transaction ids in the replay window.
    public var replayWindowLimit: UInt64 = 4_000_000
    /// Transactions of a block.
    public var maxBlockTransactionCount = UInt64(BlockLimits.transactionCount)
    /// The leader's pacing, not validated.
    public var minimumBlockIntervalMilliseconds: UInt64 = 0

    /// The defaults.
    public init() {}

    /// The defaults for a network of `validatorCount` validators: a smaller one than four may not shrink either.
    public init(validatorCount: Int) {
        minimumValidatorCount = UInt64(min(max(validatorCount, 1), 4))
    }

    /// What an unsigned parameter may be; `nil` for those of another kind.
    public static func range(of parameter: Parameter) -> ClosedRange<UInt64>? {
        let day: UInt64 = 86_400_000
        return switch parameter {
        case .delta: 10...60_000
        case .atRisk, .onTrack: 0...1_000_000
        case .maxSkew: 1...60_000
        case .heartbeat: 60_000...(30 * day)
        case .timeoutCap: 100...600_000
        case .maxLifetime: 60_000...day
        // A block must be able to hold the longest transaction, and no decoder reads more than BlockLimits.
        case .maxBlockBytes: UInt64(BlockLimits.transactionByteCount)...UInt64(BlockLimits.bodyByteCount)
        case .recoveryDelay: 0...(365 * day)
        case .minimumValidators: 1...UInt64(ValidatorSet.maximumCount)
        case .replayWindowLimit: UInt64(BlockLimits.transactionCount)...4_000_000
        case .maxBlockTransactions: 1...UInt64(BlockLimits.transactionCount)
        case .minimumBlockInterval: 0...(3_600_000)
        case .utcOffset, .activation, .statusDate: nil
        }
    }

    /// Minutes of an offset from UTC, as the world's clocks have them.
    public static let utcOffsetRange = -720...840
}

// MARK: - By name

extension Parameters {
    /// The encoded value of a parameter; `nil` where it is not set, which only `statusDate` can be.
    public func encodedValue(of parameter: Parameter) -> [UInt8]? {
        var encoder = CBOREncoder(capacity: 16)
        switch parameter {
        case .utcOffset: encoder.encode(Int64(utcOffsetMinutes))
        case .activation: activation.encode(to: &encoder)
        case .statusDate:
            guard let statusDate else { return nil }
            statusDate.encode(to: &encoder)
        case .delta, .atRisk, .maxSkew, .onTrack, .heartbeat, .timeoutCap, .maxLifetime, .maxBlockBytes,
            .recoveryDelay, .minimumValidators, .replayWindowLimit, .maxBlockTransactions,
            .minimumBlockInterval:
            encoder.encode(unsigned(parameter))
        }
        return encoder.bytes
    }

    /// Every parameter that is set, as a leaf of the state: its name and its encoded value, in the order of the genesis.
    public var leaves: [(parameter: Parameter, value: [UInt8])] {
        Parameter.allCases.compactMap { parameter in
            encodedValue(of: parameter).map { (parameter, $0) }
        }
    }

    /// Sets a parameter to an encoded value, `nil` for one that is not set.
    ///
    /// - Throws: `CBORError` where the value is not of the parameter's kind or outside its range, or missing where
    ///   only `statusDate` may be.
    public mutating func set(_ parameter: Parameter, encodedValue: [UInt8]?) throws(CBORError) {
        guard let encodedValue else {
            guard parameter == .statusDate else {
                throw .missingKey("\"\(parameter.rawValue)\"", found: nil, offset: 0)
            }
            statusDate = nil
            return
        }
        var decoder = CBORDecoder(encodedValue)
        try set(parameter, from: &decoder)
        try decoder.finish()
    }

    /// Reads the parameters back from leaves, given by name.
    ///
    /// - Parameter leaf: The encoded value of a parameter's leaf, `nil` where there is none.
    /// - Throws: `CBORError` where a leaf is missing, of another kind or outside its range.
    public init(leaves leaf: (Parameter) -> [UInt8]?) throws(CBORError) {
        self.init()
        for parameter in Parameter.allCases { try set(parameter, encodedValue: leaf(parameter)) }
        try checkThresholds(offset: 0)
    }

    private mutating func set(_ parameter: Parameter, from decoder: inout CBORDecoder) throws(CBORError) {
        switch parameter {
        case .utcOffset:
            let range = Parameters.utcOffsetRange
            utcOffsetMinutes = Int(
                try decoder.decodeInteger(in: Int64(range.lowerBound)...Int64(range.upperBound))
            )
        case .activation: activation = try Activation(from: &decoder)
        case .statusDate: statusDate = try CalendarDay(from: &decoder)
        case .delta, .atRisk, .maxSkew, .onTrack, .heartbeat, .timeoutCap, .maxLifetime, .maxBlockBytes,
            .recoveryDelay, .minimumValidators, .replayWindowLimit, .maxBlockTransactions,
            .minimumBlockInterval:
            guard let range = Parameters.range(of: parameter) else {
                preconditionFailure("every unsigned parameter has a range")
            }
            setUnsigned(parameter, try decoder.decodeUnsigned(in: range))
        }
    }

    private func unsigned(_ parameter: Parameter) -> UInt64 {
        switch parameter {
        case .delta: deltaMilliseconds
        case .atRisk: UInt64(clamping: atRisk.value)
        case .maxSkew: maxSkewMilliseconds
        case .onTrack: UInt64(clamping: onTrack.value)
        case .heartbeat: heartbeatMilliseconds
        case .timeoutCap: timeoutCapMilliseconds
        case .maxLifetime: maxLifetimeMilliseconds
        case .maxBlockBytes: maxBlockByteCount
        case .recoveryDelay: recoveryDelayMilliseconds
        case .minimumValidators: minimumValidatorCount
        case .replayWindowLimit: replayWindowLimit
        case .maxBlockTransactions: maxBlockTransactionCount
        case .minimumBlockInterval: minimumBlockIntervalMilliseconds
        case .utcOffset, .activation, .statusDate: preconditionFailure("\(parameter) is no unsigned number")
        }
    }

    private mutating func setUnsigned(_ parameter: Parameter, _ value: UInt64) {
        switch parameter {
        case .delta: deltaMilliseconds = value
        case .atRisk: atRisk = PartsPerMillion(Int64(clamping: value))
        case .maxSkew: maxSkewMilliseconds = value
        case .onTrack: onTrack = PartsPerMillion(Int64(clamping: value))
        case .heartbeat: heartbeatMilliseconds = value
        case .timeoutCap: timeoutCapMilliseconds = value
        case .maxLifetime: maxLifetimeMilliseconds = value
        case .maxBlockBytes: maxBlockByteCount = value
        case .recoveryDelay: recoveryDelayMilliseconds = value
        case .minimumValidators: minimumValidatorCount = value
        case .replayWindowLimit: replayWindowLimit = value
        case .maxBlockTransactions: maxBlockTransactionCount = value
        case .minimumBlockInterval: minimumBlockIntervalMilliseconds = value
        case .utcOffset, .activation, .statusDate: preconditionFailure("\(parameter) is no unsigned number")
        }
    }

    private func checkThresholds(offset: Int) throws(CBORError) {
        guard atRisk <= onTrack else {
            throw .invalidValue("atRisk, \(atRisk), is above onTrack, \(onTrack)", offset: offset)
        }
    }
}

// MARK: - Encoding

extension Parameters {
    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            for (parameter, value) in leaves {
                map.field(.text(parameter.rawValue)) { $0.append(encoded: value) }
            }
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        let at = decoder.offset
        self = try decoder.decodeMap { (map) throws(CBORError) in
            var parameters = Parameters()
            for parameter in Parameter.allCases {
                let key = CBORKey.text(parameter.rawValue)
                if parameter == .statusDate {
                    parameters.statusDate = try map.optional(key)
                } else {
                    parameters = try map.field(key) { (decoder) throws(CBORError) in
                        var changed = parameters
                        try changed.set(parameter, from: &decoder)
                        return changed
                    }
                }
            }
            return parameters
        }
        try checkThresholds(offset: at)
    }

    /// Whether every value is inside its range, so that the encoding's own decoder accepts it.
    public func validate() throws(CBORError) {
        _ = try Parameters(leaves: encodedValue(of:))
    }
}
