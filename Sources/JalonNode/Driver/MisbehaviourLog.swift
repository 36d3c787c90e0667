import JalonCore
import Logging

/// Writes to the log who broke the rules: known peers by name, of strangers, who come with a new key each time, the number.
final class MisbehaviourLog: Sendable {
    private let logger: Logger
    private let count = LineCount()

    init(_ logger: Logger) { self.logger = logger }

    /// Writes a line of an offence, or counts it.
    ///
    /// - Parameters:
    ///   - peer: Who broke the rules.
    ///   - isKnown: Whether that is a known peer, whose member answers for it.
    ///   - misbehaviour: What it did.
    ///   - error: Why its message does not decode, where that is the offence.
    ///   - now: Monotonic milliseconds.
    func write(_ peer: PeerID, isKnown: Bool, _ misbehaviour: Misbehaviour, _ error: String?, at now: UInt64)
    {
        logger.log(
            level: isKnown ? .warning : .debug,
            "a peer misbehaves: its connection is closed, and refused for 30 seconds",
            metadata: [
                "peer.id": "\(peer)", "misbehaviour": "\(misbehaviour)", "error": "\(error ?? "")",
            ]
        )
        guard !isKnown, let count = count.take(at: now) else { return }
        logger.warning(
            "strangers misbehave, so many since the last such line; each has its own at the level debug",
            metadata: ["count": "\(count)", "misbehaviour": "\(misbehaviour)"]
        )
    }
}
