import JalonCodec
import JalonCrypto
import JalonModel

/// Puts the leaves of a state together again, and checks what one says of another.
struct Restoration<Mapping: Mapper> {
    private let parts: [DecodedLeaves]
    private let mapper: Mapping
    private let tree: StateTree
    private let members: PersistentMap<MemberID, Shared<MemberRecord>>
    private let keys: PersistentMap<KeyID, Shared<KeyRecord>>

    /// - Throws: ``StateError/badPath(_:)`` for one that stands there twice.
    init(_ parts: [DecodedLeaves], by mapper: Mapping) throws(StateError) {
        (self.parts, self.mapper) = (parts, mapper)
        // First of all: from here on, no path stands there twice.
        tree = try Restoration.tree(of: parts, by: mapper)
        members = Restoration.map(parts.flatMap(\.members))
        keys = Restoration.map(parts.flatMap(\.keys))
    }

    private static func tree(of parts: [DecodedLeaves], by mapper: Mapping) throws(StateError) -> StateTree {
        // A milestone's number is its place among all of them.
        var firstNumbers: [MilestoneNumber] = []
        var milestoneCount: MilestoneNumber = 0
        for part in parts {
            firstNumbers.append(milestoneCount)
            milestoneCount += MilestoneNumber(part.milestones.count)
        }
        let sections = mapper.map(Array(0..<StateTree.sectionCount)) { [firstNumbers] section in
            Result { () throws(StateTree.DuplicateLeaf) in
                try StateTree.section(
                    of: zip(parts, firstNumbers).map { (leaves: $0.sections[section], firstNote: $1) }
                )
            }
        }
        do throws(StateTree.DuplicateLeaf) {
            var built: [StateTree.Section] = []
            for section in sections { built.append(try section.get()) }
            return StateTree(built)
        } catch {
            throw .badPath(path(at: error.place, in: parts))
        }
    }

    /// The path of a leaf, which the leaves do not keep: only for the message that two have the same.
    private static func path(at place: Digest, in parts: [DecodedLeaves]) -> String {
        for part in parts {
            for path in part.paths where StateTree.place(of: path) == place { return path }
            for milestone in part.milestones {
                let path = StatePath.milestone(milestone.value.id).text
                if StateTree.place(of: path) == place { return path }
            }
        }
        return place.hex
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
        for (id, shared) in state.plansByID {
            let record = shared.value
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
        let owned = try OwnedMilestones(parts, of: records.map(\.key), by: mapper)
        var versions = parts.flatMap(\.versions).sorted { $0.key < $1.key }[...]
        var all: [CommitmentLeaves] = []
        all.reserveCapacity(records.count)
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
            all.append(CommitmentLeaves(record: record, versions: own, place: index))
        }
        if let stray = versions.first { throw Restoration.stray(stray.key) }
        let groupSize = 256
        let groups = mapper.map(Array(stride(from: 0, to: all.count, by: groupSize))) { [all] start in
            Result { () throws(StateError) in
                var entries: [(key: CommitmentID, value: Shared<CommitmentEntry>)] = []
                for own in all[start..<min(start + groupSize, all.count)] {
                    let entry = try own.entry(with: owned.milestones(of: own.place))
                    entries.append((own.record.id, Shared(entry)))
                }
                return entries
            }
        }
        var entries: [(key: CommitmentID, value: Shared<CommitmentEntry>)] = []
        entries.reserveCapacity(records.count)
        for group in groups { entries += try group.get() }
        state.commitmentsByID = PersistentMap(sorted: entries)
        state.restore(owned.milestones, fictionalCount: parts.reduce(0) { $0 + $1.fictionalCount })
        return parts.flatMap(\.excluded)
    }

    private static func stray(_ version: VersionKey) -> StateError {
        let path = StatePath.version(version.id, version.number).text
        return .missing(path: StatePath.commitment(version.id).text, neededBy: path)
    }
}
