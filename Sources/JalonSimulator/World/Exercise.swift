import JalonCore
import JalonModel

/// Which kinds of events and effects a run came across.
package struct Exercise: Hashable, Sendable {
    /// The kinds of events, by bit.
    private static let events: [String] =
        ["connected", "disconnected", "submitted", "timerFired"]
        + ["ample", "low", "exhausted"].map { "diskSpaceChanged.\($0)" }
        + FrameKind.allCases.dropFirst().map { "received.\($0)" }
        + [
            "vote", "certificate", "proposal", "transactions", "evidence", "finalization", "invalid",
            "standing", "readiness",
        ].map { "verified.\($0)" }

    /// The kinds of effects, by bit.
    ///
    /// A core never sends a final block: it has them served from storage.
    private static let effects: [String] =
        ["persist"]
        + FrameKind.allCases.dropFirst().filter { $0 != .finalBlock }.map { "send.\($0)" }
        + [
            "vote", "certificate", "proposal", "transactions", "block", "evidence", "finalization",
            "standing", "readiness",
        ].map { "verify.\($0)" }
        + ["pending", "rejected", "alreadyFinal", "final", "view", "evidence"].map { "notify.\($0)" }
        + ["serve.block", "serve.finalBlocks"]
        + ["invalidSignature", "malformed"].map { "penalize.\($0)" }
        + ["finalBlockInvalid", "conflictingFinalizations", "unknownRules"].map { "halt.\($0)" }

    private var eventBits: UInt64 = 0
    private var effectBits: UInt64 = 0

    package init() {}

    /// Adds what another run came across.
    package mutating func add(_ other: Exercise) {
        eventBits |= other.eventBits
        effectBits |= other.effectBits
    }

    /// Kinds of events that no run came across.
    package var eventsNeverExercised: [String] { Exercise.missing(eventBits, Exercise.events) }

    /// Kinds of effects that no run came across.
    package var effectsNeverExercised: [String] { Exercise.missing(effectBits, Exercise.effects) }

    private static func missing(_ bits: UInt64, _ names: [String]) -> [String] {
        names.indices.filter { bits & (1 << UInt64($0)) == 0 }.map { names[$0] }
    }

    mutating func note(_ event: Event) {
        let bit: UInt64 =
            switch event {
            case .connected: 0
            case .disconnected: 1
            case .submitted: 2
            case .timerFired: 3
            case .diskSpaceChanged(.ample): 4
            case .diskSpaceChanged(.low): 5
            case .diskSpaceChanged(.exhausted): 6
            case .received(let message, _): 5 + UInt64(message.kind.rawValue)
            case .verified(let outcome): 18 + outcome.result.number
            }
        eventBits |= 1 << bit
    }

    mutating func note(_ effect: Effect) {
        let bit: UInt64 =
            switch effect {
            case .persist: 0
            case .send(let message, _):
                UInt64(message.kind.rawValue)
                    - (message.kind.rawValue > FrameKind.finalBlock.rawValue ? 2 : 1)
            case .verify(let verification): 12 + verification.subject.number
            case .notify(let notice): 21 + notice.number
            case .serve(.block, _): 27
            case .serve: 28
            case .penalize(_, .invalidSignature): 29
            case .penalize(_, .malformed): 30
            case .halt(.finalBlockInvalid): 31
            case .halt(.conflictingFinalizations): 32
            case .halt(.unknownRules): 33
            }
        effectBits |= 1 << bit
    }
}

extension JalonCore.Verification.Subject {
    fileprivate var number: UInt64 {
        switch self {
        case .vote: 0
        case .certificate: 1
        case .proposal: 2
        case .transactions: 3
        case .block: 4
        case .evidence: 5
        case .finalization: 6
        case .standing: 7
        case .readiness: 8
        }
    }
}

extension Notice {
    fileprivate var number: UInt64 {
        switch self {
        case .pending: 0
        case .rejected: 1
        case .alreadyFinal: 2
        case .final: 3
        case .view: 4
        case .evidence: 5
        }
    }
}
