package import JalonCodec
package import JalonCrypto
package import JalonModel

/// Where a proposal is in its life.
package enum GovernanceOutcome: String, CodedChoice {
    /// Votes are taken.
    case open
    /// Enough said no, so that it can't pass any more.
    case rejected
    /// Enough said yes; it waits for its height.
    case passed
    /// It had its effect. A change of the validators waits at `pending/` from then on.
    case effective
    /// It passed, but at its height a guard stood against it, or it was overtaken.
    case void
}

/// A validator's word on a proposal.
package struct GovernanceVoteRecord: CBORValue {
    package let member: MemberID
    package let ballot: GovernanceBallot
    /// The transaction that said it: the proposal itself for its proposer.
    package let transaction: TransactionID

    package func encode(to encoder: inout CBOREncoder) {
        encoder.encodeArrayHead(3)
        encoder.encode(member)
        ballot.encode(to: &encoder)
        encoder.encode(transaction)
    }

    init(member: MemberID, ballot: GovernanceBallot, transaction: TransactionID) {
        (self.member, self.ballot, self.transaction) = (member, ballot, transaction)
    }

    package init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeArray(count: 3) { (decoder) throws(CBORError) in
            let member: MemberID = try decoder.decode()
            let ballot = try GovernanceBallot(from: &decoder)
            return GovernanceVoteRecord(member: member, ballot: ballot, transaction: try decoder.decode())
        }
    }
}

/// A proposal and the votes on it, at `governance/<transaction id>`.
package struct GovernanceRecord: CBORValue {
    package let body: GovernancePropose
    package let origin: Origin
    /// In the order in which they came.
    package var votes: [GovernanceVoteRecord]
    package var outcome: GovernanceOutcome
    /// The votes as they were counted when they decided: who is suspended or leaves later changes nothing of that.
    package var counted: GovernanceTally?
    /// The block of the vote that decided.
    package var decided: Height?
    /// The first block in which it has its effect, once it passed.
    package var effective: Height?

    package var id: TransactionID { origin.transaction }

    /// So long votes are taken, in milliseconds after the proposal.
    package static let votingPeriod: UInt64 = 30 * 86_400_000

    init(body: GovernancePropose, origin: Origin) {
        (self.body, self.origin) = (body, origin)
        (votes, outcome) = ([], .open)
    }

    package func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("body", value: body)
            map.originHead(origin)
            map.field("ballots", values: votes)
            map.field("counted", ifPresent: counted) { encoder, counted in
                encoder.encode(array: [counted.voters, counted.yes, counted.no]) { $0.encode(UInt64($1)) }
            }
            map.field("decided", ifPresent: decided) { $0.encode($1) }
            map.field("outcome", value: outcome)
            map.field("effective", ifPresent: effective) { $0.encode($1) }
            map.originTail(origin)
        }
    }

    package init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let body = try map.value("body", GovernancePropose.self)
            let head = try map.originHead()
            let votes = try map.values("ballots", GovernanceVoteRecord.self, maximum: Genesis.maximumCount)
            let counted = try map.optional("counted") { (decoder) throws(CBORError) in
                try GovernanceTally(counted: &decoder, isRemoval: body.action.isRemoval)
            }
            let decided = try map.optional("decided") { (decoder) throws(CBORError) in
                try decoder.decode(Height.self)
            }
            let outcome = try map.value("outcome", GovernanceOutcome.self)
            let effective = try map.optional("effective") { (decoder) throws(CBORError) in
                try decoder.decode(Height.self)
            }
            var record = GovernanceRecord(body: body, origin: try map.originTail(head))
            (record.votes, record.outcome) = (votes, outcome)
            (record.counted, record.decided, record.effective) = (counted, decided, effective)
            return record
        }
    }
}

extension GovernanceAction {
    /// Whether it takes a member its place for ever, for which more must say yes.
    var isRemoval: Bool {
        if case .remove = self { true } else { false }
    }
}

/// The arithmetic of a vote: what every page and every refusal shows.
package struct GovernanceTally: Hashable, Sendable {
    /// Validators whose votes count: the member that it is about and suspended ones are none.
    package let voters: Int
    package let yes: Int
    package let no: Int
    /// The yes votes with which it passes: more than two thirds, to remove a member at least three quarters.
    package let needed: Int

    init(voters: Int, yes: Int, no: Int, isRemoval: Bool) {
        (self.voters, self.yes, self.no) = (voters, yes, no)
        needed = isRemoval ? max((3 * voters + 3) / 4, 1) : 2 * voters / 3 + 1
    }

    /// Reads voters, yes and no.
    fileprivate init(counted decoder: inout CBORDecoder, isRemoval: Bool) throws(CBORError) {
        let at = decoder.offset
        let counts = try decoder.decodeArray(maximum: 3) { (decoder) throws(CBORError) in
            try decoder.decodeUnsigned()
        }
        guard counts.count == 3, let most = counts.max(), most <= UInt64(Genesis.maximumCount) else {
            throw .invalidValue("\(counts) are no counts of voters, yes and no", offset: at)
        }
        self.init(voters: Int(counts[0]), yes: Int(counts[1]), no: Int(counts[2]), isRemoval: isRemoval)
    }

    package var passes: Bool { yes >= needed }
    /// Whether those who have not voted can't make it pass any more.
    package var isLost: Bool { voters - no < needed }
}

extension GovernanceTally: CustomStringConvertible {
    package var description: String { "yes \(yes), no \(no) of \(voters), needed \(needed)" }
}

/// What waits for a quorum or for time, at `pending/<transaction id>`.
package struct PendingRecord: CBORValue {
    package enum Change: Hashable, Sendable {
        /// The member gets a seat among the validators with this key, in the place of the one that it may have.
        case seat(PublicKey)
        /// The member loses its seat and is removed.
        case removal
        /// The member's authority keys give way to this one: once a regulator co-signed, at `due`.
        case recovery(PublicKey, due: Timestamp?, compromisedSince: Timestamp?)
    }

    package let id: TransactionID
    package let member: MemberID
    package var change: Change
    /// Where it entered the queue.
    package let height: Height
    package let time: Timestamp
    /// Its place among what entered in the same block.
    package let position: UInt64

    /// A change of the validators that nobody was ready for lapses after so long, in milliseconds.
    package static let lifetime: UInt64 = 30 * 86_400_000

    init(
        id: TransactionID,
        member: MemberID,
        change: Change,
        height: Height,
        time: Timestamp,
        position: UInt64
    ) {
        (self.id, self.member, self.change) = (id, member, change)
        (self.height, self.time, self.position) = (height, time, position)
    }

    /// Whether it changes the validators.
    package var isSeatChange: Bool {
        if case .recovery = change { return false }
        return true
    }

    /// When it lapses: nobody became ready, or no regulator co-signed.
    package var expires: Timestamp { time.advanced(byMilliseconds: PendingRecord.lifetime) }

    static func precedes(_ left: PendingRecord, _ right: PendingRecord) -> Bool {
        if left.height != right.height { return left.height < right.height }
        if left.position != right.position { return left.position < right.position }
        return left.id < right.id
    }

    private enum Kind: String, CodedChoice { case seat, removal, recovery }

    package func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            switch change {
            case .seat(let key):
                map.field("key") { $0.encode(key) }
                map.field("kind", value: Kind.seat)
            case .removal: map.field("kind", value: Kind.removal)
            case .recovery(let key, let due, _):
                map.field("due", ifPresent: due) { $0.encode($1) }
                map.field("key") { $0.encode(key) }
                map.field("kind", value: Kind.recovery)
            }
            map.field("time") { $0.encode(time) }
            map.field("height") { $0.encode(height) }
            map.field("member") { $0.encode(member) }
            map.field("position") { $0.encode(position) }
            map.field("transaction") { $0.encode(id) }
            if case .recovery(_, _, let since) = change {
                map.field("compromisedSince", ifPresent: since) { $0.encode($1) }
            }
        }
    }

    package init(from decoder: inout CBORDecoder) throws(CBORError) {
        let at = decoder.offset
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let due = try map.optional("due") { (decoder) throws(CBORError) in
                try decoder.decode(Timestamp.self)
            }
            let key = try map.optional("key") { (decoder) throws(CBORError) in try decoder.decodeKeyEntry() }
            let kind = try map.value("kind", Kind.self)
            let time = try map.counter("time", Timestamp.self)
            let height = try map.counter("height", Height.self)
            let member = try map.identifier("member", MemberID.self)
            let position = try map.field("position") { (decoder) throws(CBORError) in
                try decoder.decodeUnsigned()
            }
            let id = try map.transaction("transaction")
            let since = try map.optional("compromisedSince") { (decoder) throws(CBORError) in
                try decoder.decode(Timestamp.self)
            }
            let change: Change
            switch (kind, key, due, since) {
            case (.seat, let key?, nil, nil): change = .seat(key)
            case (.removal, nil, nil, nil): change = .removal
            case (.recovery, let key?, let due, let since):
                change = .recovery(key, due: due, compromisedSince: since)
            default: throw .invalidValue("the fields are not those of a pending \(kind)", offset: at)
            }
            return PendingRecord(
                id: id,
                member: member,
                change: change,
                height: height,
                time: time,
                position: position
            )
        }
    }
}

/// An epoch after the genesis' own, at `epoch/<number>`: who seals its blocks, for whoever checks an old certificate.
package struct EpochRecord: CBORValue {
    package let epoch: Epoch
    /// The height of the block that closed the one before: it shifts the rotation of leaders.
    package let closing: Height
    package let validators: ValidatorSet

    init(epoch: Epoch, closing: Height, validators: ValidatorSet) {
        (self.epoch, self.closing, self.validators) = (epoch, closing, validators)
    }

    package func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("epoch") { $0.encode(epoch) }
            map.field("height") { $0.encode(closing) }
            map.field("validators") { $0.append(encoded: validators.encoded) }
        }
    }

    package init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let epoch = try map.counter("epoch", Epoch.self)
            let closing = try map.counter("height", Height.self)
            let validators = try map.field("validators") { (decoder) throws(CBORError) in
                try ValidatorSet(from: &decoder)
            }
            return EpochRecord(epoch: epoch, closing: closing, validators: validators)
        }
    }
}
