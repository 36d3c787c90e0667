package import JalonCodec
package import JalonCrypto
package import JalonModel

/// Where a milestone is in its life.
package enum MilestoneState: String, CodedChoice {
    /// Counts.
    case effective
    /// Corrected: another milestone stands in its place.
    case replaced
    case retracted
    /// Attested refuted.
    case excluded
}

/// A measured progress report, at `milestone/<transaction id>`.
///
/// It holds what rules and statuses need, and the digests of the evidence. Notes, reasons and the evidence's names
/// stand in the transaction, which `id` names.
package struct MilestoneRecord: Hashable, Sendable {
    /// The transaction that reported it; stands in the path alone.
    package let id: TransactionID
    package let commitment: CommitmentID
    package let periodStart: CalendarDay?
    package let periodEnd: CalendarDay
    package let reading: Reading
    package let valueStatus: ValueStatus
    /// SHA-256 of each file of evidence.
    package let evidence: [Digest]
    /// Whether no further milestone is to come.
    package let isFinal: Bool
    /// Whether the value is invented: shown as `DEMO DATA`.
    package let isFictional: Bool
    /// Whether the period ended before the commitment's start.
    package let isBeforeStart: Bool
    package let issuer: MemberID
    /// The key that signed.
    package let key: KeyID
    package let height: Height
    /// The block's timestamp.
    package let time: Timestamp
    /// The place among its block's transactions, from 0.
    package let position: UInt64
    /// The milestone that this one corrects.
    package var replaces: TransactionID? { links.replaces }
    /// Why it was corrected, where this is a correction.
    package var reasonCode: ReasonCode? { links.reasonCode }

    /// Co-signatures of counterparties that it needs before it counts, by the version in force when it was reported.
    package let requiredCosignatures: Int

    package private(set) var state = MilestoneState.effective
    /// The transaction that corrected, retracted or excluded it, or made it count again; of a replaced one the
    /// milestone in its place.
    package var changedBy: TransactionID? { links.changedBy }
    private var links = MilestoneLinks.none
    /// What others say of it: no part of the leaf.
    package internal(set) var voices = MilestoneVoices()

    /// Whether it waits for co-signatures of counterparties: it takes its period, but does not count yet.
    package var isPending: Bool { state == .effective && voices.cosignatureCount < requiredCosignatures }

    /// What rules compare: the value, the level, or the number of items done.
    package var amount: Decimal { reading.amount }

    /// How well it is vouched for, by the strongest of its voices.
    package var verificationLevel: VerificationLevel {
        if voices.confirmedCount > 0 { return .attested }
        if voices.cosignatureCount >= max(1, requiredCosignatures) { return .cosigned }
        return evidence.isEmpty ? .declared : .evidenced
    }

    init(
        _ content: MilestoneContent,
        of commitment: CommitmentID,
        by transaction: Transaction,
        at place: BlockPlace,
        isBeforeStart: Bool,
        requiredCosignatures: Int = 0,
        correcting correction: (replaces: TransactionID, reasonCode: ReasonCode)? = nil
    ) {
        id = transaction.id
        self.commitment = commitment
        (periodStart, periodEnd) = (content.periodStart, content.periodEnd)
        (reading, valueStatus) = (content.reading, content.valueStatus)
        evidence = content.evidence.map(\.sha256)
        (isFinal, isFictional) = (content.isFinal, content.isFictional)
        self.isBeforeStart = isBeforeStart
        self.requiredCosignatures = requiredCosignatures
        (issuer, key) = (transaction.issuer, transaction.keyID)
        (height, time, position) = (place.height, place.time, place.position)
        links = MilestoneLinks(correction?.replaces, correction?.reasonCode, changedBy: nil)
    }

    /// This milestone once another transaction took it out of what counts, or into it again.
    func changed(to state: MilestoneState, by transaction: TransactionID) -> MilestoneRecord {
        var changed = self
        changed.state = state
        changed.links = MilestoneLinks(replaces, reasonCode, changedBy: transaction)
        return changed
    }
}

/// What a milestone corrects, and what took it out of what counts.
///
/// Indirect: nearly all milestones have neither, and each is kept for as long as the chain lasts.
private indirect enum MilestoneLinks: Hashable, Sendable {
    case none
    case some(replaces: TransactionID?, reasonCode: ReasonCode?, changedBy: TransactionID?)

    init(_ replaces: TransactionID?, _ reasonCode: ReasonCode?, changedBy: TransactionID?) {
        let isEmpty = replaces == nil && reasonCode == nil && changedBy == nil
        self = isEmpty ? .none : .some(replaces: replaces, reasonCode: reasonCode, changedBy: changedBy)
    }

    var replaces: TransactionID? { if case .some(let replaces, _, _) = self { replaces } else { nil } }
    var reasonCode: ReasonCode? { if case .some(_, let reasonCode, _) = self { reasonCode } else { nil } }
    var changedBy: TransactionID? { if case .some(_, _, let changedBy) = self { changedBy } else { nil } }
}

/// Where a transaction stands: its block, and its place in it.
struct BlockPlace {
    let height: Height
    let time: Timestamp
    let position: UInt64
}

extension Reading {
    /// What rules compare: the value, the level, or the number of items done.
    package var amount: Decimal {
        switch self {
        case .value(let value): value
        case .level(let level): Decimal(count: UInt32(clamping: level))
        case .doneItems(let items): Decimal(count: UInt32(clamping: items.count))
        }
    }
}

// MARK: - Encoding

extension MilestoneRecord {
    package var encoded: [UInt8] {
        var encoder = CBOREncoder(capacity: 256)
        encode(to: &encoder)
        return encoder.bytes
    }

    package func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("key") { $0.encode(key) }
            map.field("time") { $0.encode(time) }
            map.field("final") { $0.encode(isFinal) }
            if case .level(let level) = reading { map.field("level") { $0.encode(Int64(level)) } }
            map.field("state", value: state)
            if case .value(let value) = reading { map.field("value", value: value) }
            map.field("height") { $0.encode(height) }
            map.field("issuer") { $0.encode(issuer) }
            map.field("evidence") { $0.encode(array: evidence) { $0.encode($1) } }
            map.field("position") { $0.encode(position) }
            map.field("replaces", ifPresent: replaces) { $0.encode($1) }
            if requiredCosignatures > 0 { map.field("required") { $0.encode(Int64(requiredCosignatures)) } }
            map.field("changedBy", ifPresent: changedBy) { $0.encode($1) }
            if case .doneItems(let items) = reading {
                map.field("doneItems") { $0.encode(array: items) { $0.encode($1) } }
            }
            map.field("fictional", ifTrue: isFictional)
            map.field("periodEnd", value: periodEnd)
            map.field("commitment") { $0.encode(commitment) }
            map.field("reasonCode", ifPresent: reasonCode) { $0.encode($1) }
            map.field("beforeStart", ifTrue: isBeforeStart)
            map.field("periodStart", ifPresent: periodStart)
            map.field("valueStatus", value: valueStatus)
        }
    }

    /// Reads the record of the milestone that the transaction `id` reported.
    package init(id: TransactionID, from decoder: inout CBORDecoder) throws(CBORError) {
        let at = decoder.offset
        self = try decoder.decodeMap { (map) throws(CBORError) in
            try MilestoneRecord(id: id, map: &map, offset: at)
        }
    }

    private init(id: TransactionID, map: inout CBORMapDecoder, offset: Int) throws(CBORError) {
        self.id = id
        key = try map.field("key") { (decoder) throws(CBORError) in try decoder.decode(KeyID.self) }
        time = try map.counter("time")
        isFinal = try map.field("final") { (decoder) throws(CBORError) in try decoder.decodeBool() }
        let level = try map.optional("level") { (decoder) throws(CBORError) in
            Int(try decoder.decodeUnsigned(maximum: UInt64(Level.maximumID)))
        }
        state = try map.value("state")
        let value = try map.optionalValue("value", Decimal.self)
        height = try map.counter("height")
        issuer = try map.identifier("issuer")
        evidence = try map.field("evidence") { (decoder) throws(CBORError) in
            try decoder.decodeArray(maximum: MilestoneContent.maximumEvidenceCount) {
                (decoder) throws(CBORError) in
                try decoder.decodeDigest()
            }
        }
        position = try map.field("position") { (decoder) throws(CBORError) in try decoder.decodeUnsigned() }
        let replaces = try map.optionalTransaction("replaces")
        requiredCosignatures =
            try map.optional("required") { (decoder) throws(CBORError) in
                Int(try decoder.decodeInteger(in: 1...Int64(Counterparties.maximumCount)))
            } ?? 0
        let changedBy = try map.optionalTransaction("changedBy")
        let items = try map.optional("doneItems") { (decoder) throws(CBORError) in
            try decoder.decodeArray(maximum: Target.maximumCount) { (decoder) throws(CBORError) in
                try decoder.decode(ItemID.self)
            }
        }
        isFictional = try map.optionalTrue("fictional")
        periodEnd = try map.value("periodEnd")
        commitment = try map.identifier("commitment")
        let reasonCode = try map.optional("reasonCode") { (decoder) throws(CBORError) in
            try decoder.decode(ReasonCode.self)
        }
        links = MilestoneLinks(replaces, reasonCode, changedBy: changedBy)
        isBeforeStart = try map.optionalTrue("beforeStart")
        periodStart = try map.optionalValue("periodStart")
        valueStatus = try map.value("valueStatus")
        switch (value, level, items) {
        case (let value?, nil, nil): reading = .value(value)
        case (nil, let level?, nil): reading = .level(level)
        case (nil, nil, let items?): reading = .doneItems(items)
        default:
            throw .invalidValue("a milestone has exactly one of value, level and doneItems", offset: offset)
        }
    }
}
