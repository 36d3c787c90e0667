import JalonCodec

/// The name of a parameter: its key in the genesis, and in the state the path `parameter/<name>`.
///
/// The cases stand in the order of the genesis' map, the bytewise order of the encoded names. Times are in milliseconds
/// but for `utcOffset`, in minutes.
public enum Parameter: String, CaseIterable, Sendable {
    case delta
    case atRisk
    case maxSkew
    case onTrack
    case heartbeat
    case utcOffset
    case activation
    case statusDate
    case timeoutCap
    case maxLifetime
    case maxBlockBytes
    case recoveryDelay
    case minimumValidators
    case replayWindowLimit
    case maxBlockTransactions
    case minimumBlockInterval
}

/// Who makes a proposed commitment active.
public enum Activation: String, CodedChoice {
    /// Nobody: it is active at once, or as soon as every member named in `joint` has co-signed.
    case automatic
    /// A regulator, with `commitment.activate`.
    case regulator
}
