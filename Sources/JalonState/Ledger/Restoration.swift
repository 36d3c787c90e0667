import JalonCodec
import JalonCrypto
import JalonModel

/// Puts the leaves of a state together again, and checks what one says of another.
struct Restoration {
    private let parts: [DecodedLeaves]
    private let tree: StateTree
    private let members: PersistentMap<MemberID, Shared<MemberRecord>>
    private let keys: PersistentMap<KeyID, Shared<KeyRecord>>

    /// - Throws: ``StateError/badPath(_:)`` for one that stands there twice.
    init(_ parts: [DecodedLeaves]) throws(StateError) {
        self.parts = parts
        // First of all: from here on, no path stands there twice.
        tree = try Restoration.tree(of: parts)
        members = Restoration.map(parts.flatMap(\.members))
        keys = Restoration.map(parts.flatMap(\.keys))
    }

    private static func tree(of parts: [DecodedLeaves]) throws(StateError) -> StateTree {
        // A milestone's number is its place among all of them.
        var numbers: [MilestoneNumber?] = []
        var milestoneCount: MilestoneNumber = 0
        for part in parts {
            for index in part.milestoneIndices { numbers.append(index.map { milestoneCount + $0 }) }
            milestoneCount += MilestoneNumber(part.milestones.count)
        }
        do {
            return try StateTree(parts.flatMap(\.hashes)) { numbers[$0] }
        } catch {
            throw .badPath(parts.flatMap(\.paths)[error.index])
        }
    }

    private static func map<Key, Value>(_ entries: [(key: Key, value: Value)]) -> PersistentMap<Key, Value> {
        PersistentMap(sorted: entries.sorted { $0.key < $1.key })
    }

    func finish() throws(StateError) -> LedgerState {
        let parameters = try restoredParameters()
        let validators: ValidatorSet
        do {
            validators = try ValidatorSet(
                keys.map(\.value.value).filter { $0.kind == .validator && $0.isActive }
                    .map { Validator(key: $0.key, member: $0.member) }
            )
        } catch {
            throw .validators(error)
        }
        var state = LedgerState(parameters: parameters, validators: validators)
        state.tree = tree
        (state.membersByID, state.keysByID) = (members, keys)
        state.plansByID = Restoration.map(parts.flatMap(\.plans))
        state.unitsByCode = Restoration.map(parts.flatMap(\.units))
        state.sectorsByCode = Restoration.map(parts.flatMap(\.sectors))
        try checkNames(in: state)
        state.delegationsByPlace = try restoredDelegations()
        let excluded = try restoreCommitments(in: &state)
        try restoreGovernance(in: &state)
        var voices = VoiceLeaves()
        for part in parts { voices.append(part.voices) }
        try voices.restore(in: &state, excluded: excluded)
        return state
    }

    private func restoredParameters() throws(StateError) -> Parameters {
        // Asked by name, never iterated.
        var parameters: [Parameter: [UInt8]] = [:]
        for (name, value) in parts.flatMap(\.parameters) { parameters[name] = value }
        for name in Parameter.allCases {
            // Each alone first, so that a bad one is named.
            var one = Parameters()
            do { try one.set(name, encodedValue: parameters[name]) } catch {
                throw .badValue(path: StatePath.parameter(name).text, error)
            }
        }
        do {
            return try Parameters(leaves: { [parameters] in parameters[$0] })
        } catch {
            throw .badValue(path: "parameter/", error)
        }
    }

    /// What a record says its own name is equals the path it stands at.
    private func checkNames(in state: LedgerState) throws(StateError) {
        for (id, shared) in members where shared.value.id != id {
            throw .contradiction(path: StatePath.member(id).text, "it holds the member \(shared.value.id)")
        }
        for (id, shared) in keys {
            let record = shared.value
            let path = StatePath.key(id).text
            guard record.key.id == id else {
                throw .contradiction(path: path, "it holds the key \(record.key.id)")
            }
            guard members[record.member] != nil else {
                throw .missing(path: StatePath.member(record.member).text, neededBy: path)
            }
        }
        for (id, record) in state.plansByID {
            let path = StatePath.plan(id).text
            guard record.body.id == id else {
                throw .contradiction(path: path, "it holds the plan \(record.body.id)")
            }
            // What the bodies' rules forbid could stop the formula of the status, so it does not get in.
            do { try record.body.validate() } catch { throw .contradiction(path: path, error.description) }
        }
        for (code, unit) in state.unitsByCode where unit.code != code {
            throw .contradiction(path: StatePath.unit(code).text, "it holds the unit \(unit.code)")
        }
        for (code, sector) in state.sectorsByCode where sector.code != code {
            throw .contradiction(path: StatePath.sector(code).text, "it holds the sector \(sector.code)")
        }
    }

    private func restoreGovernance(in state: inout LedgerState) throws(StateError) {
        for (number, record) in parts.flatMap(\.epochs).sorted(by: { $0.key < $1.key }) {
            let path = StatePath.epoch(number).text
            guard record.epoch == number else {
                throw .contradiction(path: path, "it holds epoch \(record.epoch)")
            }
            guard number == state.epoch.next, record.closing > state.epochStart else {
                throw .contradiction(path: path, "it does not follow epoch \(state.epoch)")
            }
            state.epochs.append(record)
        }
        if let last = state.epochs.last, last.validators != state.validators {
            throw .contradiction(
                path: StatePath.epoch(last.epoch).text,
                "its validators are not those whose keys are active"
            )
        }
        for (id, record) in parts.flatMap(\.proposals).sorted(by: { $0.key < $1.key }) {
            let path = StatePath.governance(id).text
            guard record.id == id else {
                throw .contradiction(path: path, "it holds the proposal \(record.id)")
            }
            do { try record.body.validate() } catch { throw .contradiction(path: path, error.description) }
            let isPassed =
                record.outcome == .passed || record.outcome == .effective || record.outcome == .void
            guard (record.effective != nil) == isPassed, (record.decided == nil) == (record.outcome == .open)
            else { throw .contradiction(path: path, "its heights do not fit its outcome, \(record.outcome)") }
            state.set(record)
        }
        for (id, record) in parts.flatMap(\.pending).sorted(by: { $0.key < $1.key }) {
            let path = StatePath.pending(id).text
            guard record.id == id else {
                throw .contradiction(path: path, "it holds the change \(record.id)")
            }
            guard members[record.member] != nil else {
                throw .missing(path: StatePath.member(record.member).text, neededBy: path)
            }
            try checkReserved(record, path)
            state.set(record)
        }
    }

    /// The key that a change brings in is registered for its member, and not in use yet.
    private func checkReserved(_ record: PendingRecord, _ path: String) throws(StateError) {
        let (reserved, kind): (PublicKey, KeyKind)
        switch record.change {
        case .seat(let key): (reserved, kind) = (key, .validator)
        case .recovery(let key, _, _): (reserved, kind) = (key, .authority)
        case .removal: return
        }
        guard let key = keys[reserved.id]?.value else {
            throw .missing(path: StatePath.key(reserved.id).text, neededBy: path)
        }
        guard key.kind == kind, key.member == record.member, !key.isActive else {
            throw .contradiction(
                path: path,
                "its key is \(key.isActive ? "in use as" : "registered as") a \(key.kind) key of \(key.member)"
            )
        }
    }

    private func restoredDelegations() throws(StateError) -> PersistentMap<
        DelegationPlace, Shared<DelegationRecord>
    > {
        var records = PersistentMap<DelegationPlace, Shared<DelegationRecord>>()
        for (id, record) in parts.flatMap(\.delegations).sorted(by: { $0.key < $1.key }) {
            let path = StatePath.delegation(id).text
            guard record.key == id else {
                throw .contradiction(path: path, "it holds the delegation of the key \(record.key)")
            }
            guard let key = keys[id]?.value else {
                throw .missing(path: StatePath.key(id).text, neededBy: path)
            }
            guard key.kind == .delegate, key.member == record.member else {
                throw .contradiction(path: path, "the key is of the kind \(key.kind), of \(key.member)")
            }
            records[DelegationPlace(member: record.member, key: id)] = Shared(record)
        }
        return records
    }

    // MARK: - Commitments and their milestones

    /// Enters commitments with all that is theirs.
    ///
    /// - Returns: The milestones that are excluded.
    private func restoreCommitments(in state: inout LedgerState) throws(StateError) -> [MilestoneRecord] {
        let records = parts.flatMap(\.commitments).sorted { $0.key < $1.key }
        let milestones = parts.flatMap(\.milestones)
        let owned = try Owned(milestones, of: records.map(\.key))
        var versions = parts.flatMap(\.versions).sorted { $0.key < $1.key }[...]
        var entries: [(key: CommitmentID, value: Shared<CommitmentEntry>)] = []
        entries.reserveCapacity(records.count)
        for (index, (id, record)) in records.enumerated() {
            guard record.id == id else {
                throw .contradiction(
                    path: StatePath.commitment(id).text,
                    "it holds the commitment \(record.id)"
                )
            }
            if let first = versions.first, first.key.id < id { throw Restoration.stray(first.key) }
            let own = versions.prefix { $0.key.id == id }
            versions = versions[own.endIndex...]
            try check(own, of: record)
            let indexes = try MilestoneIndexes(owned.milestones(of: index))
            let entry = CommitmentEntry(
                record: record,
                versions: own.map(\.value),
                effective: indexes.effective,
                past: indexes.past
            )
            entries.append((id, Shared(entry)))
        }
        if let stray = versions.first { throw Restoration.stray(stray.key) }
        state.commitmentsByID = PersistentMap(sorted: entries)
        state.restore(milestones)
        return milestones.filter { $0.value.state == .excluded }.map(\.value)
    }

    private static func stray(_ version: VersionKey) -> StateError {
        let path = StatePath.version(version.id, version.number).text
        return .missing(path: StatePath.commitment(version.id).text, neededBy: path)
    }

    /// A commitment has all its versions from 1 to the one in force, and no other.
    private func check(
        _ versions: ArraySlice<(key: VersionKey, value: Shared<CommitmentVersion>)>,
        of record: CommitmentRecord
    ) throws(StateError) {
        var number: UInt64 = 0
        for (key, shared) in versions {
            let (path, version) = (StatePath.version(key.id, key.number).text, shared.value)
            number += 1
            guard key.number == number else {
                throw .missing(path: StatePath.version(record.id, number).text, neededBy: path)
            }
            guard version.number == number, version.body.id == record.id else {
                throw .contradiction(
                    path: path,
                    "it holds version \(version.number) of \(version.body.id)"
                )
            }
            guard (version.amendment == nil) == (number == 1) else {
                throw .contradiction(
                    path: path,
                    "version 1 is the proposal, and every later one an amendment's"
                )
            }
            do { try version.body.validate() } catch {
                throw .contradiction(path: path, error.description)
            }
        }
        let path = StatePath.commitment(record.id).text
        guard number >= record.version, number > 0 else {
            throw .missing(path: StatePath.version(record.id, number + 1).text, neededBy: path)
        }
        guard number == record.version else {
            throw .contradiction(
                path: StatePath.version(record.id, number).text,
                "the commitment's version in force is \(record.version)"
            )
        }
    }

    /// Milestones by the commitment whose they are.
    private struct Owned {
        private let milestones: [Shared<MilestoneRecord>]
        /// Numbers of milestones, those of one commitment together.
        private var numbers: [MilestoneNumber]
        /// Where the numbers of each commitment end; they begin where those of the one before end.
        private var ends: [Int]

        /// - Throws: ``StateError/missing(path:neededBy:)`` for a milestone of no commitment.
        init(_ milestones: [Shared<MilestoneRecord>], of commitments: [CommitmentID]) throws(StateError) {
            self.milestones = milestones
            // Asked by id, never iterated.
            var indices: [CommitmentID: Int] = [:]
            indices.reserveCapacity(commitments.count)
            for (index, id) in commitments.enumerated() { indices[id] = index }
            var owners: [Int] = []
            owners.reserveCapacity(milestones.count)
            var counts = [Int](repeating: 0, count: commitments.count)
            for milestone in milestones {
                guard let owner = indices[milestone.value.commitment] else {
                    throw .missing(
                        path: StatePath.commitment(milestone.value.commitment).text,
                        neededBy: StatePath.milestone(milestone.value.id).text
                    )
                }
                owners.append(owner)
                counts[owner] += 1
            }
            // A counting sort: `ends` moves from where a commitment's numbers begin to where they end.
            ends = []
            ends.reserveCapacity(commitments.count)
            var start = 0
            for count in counts {
                ends.append(start)
                start += count
            }
            numbers = [MilestoneNumber](repeating: 0, count: milestones.count)
            for (number, owner) in owners.enumerated() {
                numbers[ends[owner]] = MilestoneNumber(number)
                ends[owner] += 1
            }
        }

        func milestones(
            of commitment: Int
        ) -> [(number: MilestoneNumber, record: Shared<MilestoneRecord>)] {
            let start = commitment == 0 ? 0 : ends[commitment - 1]
            return numbers[start..<ends[commitment]].map { ($0, milestones[Int($0)]) }
        }
    }
}

/// The milestones of one commitment, as its entry keeps them.
private struct MilestoneIndexes {
    let effective: PersistentMap<CalendarDay, EffectiveMilestone>
    let past: PersistentMap<CommitmentEntry.HistoryKey, MilestoneNumber>

    /// - Throws: ``StateError/contradiction(path:_:)`` where two are effective for one `periodEnd`, or two come from one
    ///   place in the chain.
    init(_ milestones: [(number: MilestoneNumber, record: Shared<MilestoneRecord>)]) throws(StateError) {
        var effective: [(key: CalendarDay, value: EffectiveMilestone)] = []
        var past: [(key: CommitmentEntry.HistoryKey, value: MilestoneNumber)] = []
        for (number, record) in milestones {
            if record.value.state == .effective {
                effective.append((record.value.periodEnd, EffectiveMilestone(record.value, number: number)))
            } else {
                past.append((CommitmentEntry.HistoryKey(record.value), number))
            }
        }
        effective.sort { $0.key < $1.key }
        past.sort { $0.key < $1.key }
        func path(of number: MilestoneNumber) -> String {
            milestones.first { $0.number == number }.map { StatePath.milestone($0.record.value.id).text }
                ?? ""
        }
        for (left, right) in zip(effective, effective.dropFirst()) where left.key == right.key {
            throw .contradiction(
                path: path(of: right.value.number),
                "a second effective milestone for \(right.key)"
            )
        }
        for (left, right) in zip(past, past.dropFirst()) where !(left.key < right.key) {
            throw .contradiction(
                path: path(of: right.value),
                "a second milestone from one place in the chain"
            )
        }
        self.effective = PersistentMap(sorted: effective)
        self.past = PersistentMap(sorted: past)
    }
}
