package import JalonCodec
import JalonCrypto
package import JalonModel

/// Why leaves are not a state.
package enum StateError: Error, Equatable, Sendable {
    /// A path that is none of the listed forms, or that stands there twice.
    case badPath(String)
    /// A value that is not the one encoding of what its path holds.
    case badValue(path: String, CBORError)
    /// A leaf that another one needs is missing.
    case missing(path: String, neededBy: String)
    /// Two leaves contradict each other, in words.
    case contradiction(path: String, String)
    /// The validators do not make a set.
    case validators(ValidatorSetError)
}

extension StateError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .badPath(let path): "'\(path)' is no path of the state, or stands there twice"
        case .badValue(let path, let error): "the leaf \(path) does not decode: \(error)"
        case .missing(let path, let user): "the leaf \(path) is missing, which \(user) needs"
        case .contradiction(let path, let reason): "the leaf \(path) can't be: \(reason)"
        case .validators(let error): "the validators' keys make no set: \(error)"
        }
    }
}

extension LedgerState {
    /// The encoded value at a path, `nil` where nothing stands there: what a proof of presence is checked with.
    package func leaf(at path: StatePath) -> [UInt8]? {
        switch path {
        case .member(let id): membersByID[id]?.value.encoded
        case .key(let id): keysByID[id]?.value.encoded
        case .parameter(let name): parameters.encodedValue(of: name)
        case .plan(let id): plansByID[id]?.encoded
        case .commitment(let id): commitmentsByID[id]?.value.record.encoded
        case .version(let id, let number): commitmentsByID[id]?.value.version(number)?.encoded
        case .milestone(let id): milestone(id)?.encoded
        case .governance(let id): governanceByID[id]?.value.encoded
        case .pending(let id): pendingChanges.first { $0.id == id }?.encoded
        case .epoch(let number): epoch(number)?.encoded
        case .attestation(let id): attestation(id)?.encoded
        case .dispute(let id): dispute(id)?.encoded
        case .cosign(let subject, let member): cosign(of: subject, by: member)?.encoded
        case .directive(let id): directive(id)?.encoded
        case .delegation(let id): delegation(id)?.encoded
        case .unit(let code): unitsByCode[code]?.encoded
        case .sector(let code): sectorsByCode[code]?.encoded
        }
    }

    /// Whether this leaf is one of the state's: by the tree's hashes, without encoding anything.
    ///
    /// - Complexity: O(log n), and two hashes.
    package func holds(_ leaf: LeafChange) -> Bool {
        leaf.value.map { tree.holds(path: leaf.path, value: $0) } ?? false
    }

    /// Leaves in the tree.
    package var leafCount: Int {
        Parameter.allCases.count { parameters.encodedValue(of: $0) != nil } + membersByID.count
            + keysByID.count
            + plansByID.count + commitmentsByID.reduce(0) { $0 + 1 + $1.value.value.versions.count }
            + milestoneCount + voices.value.leafCount + delegationsByPlace.count + governanceByID.count
            + pendingChanges.count + epochs.count + unitsByCode.count + sectorsByCode.count
    }

    /// The encoded value at a path given as text.
    package func leaf(at path: String) -> [UInt8]? {
        StatePath(path).flatMap { leaf(at: $0) }
    }

    /// Every leaf, sorted by path: what a snapshot holds, and what `init(restoring:)` takes.
    ///
    /// - Complexity: O(n log n) for n leaves.
    package var leaves: [(path: String, value: [UInt8])] {
        var paths: [StatePath] = Parameter.allCases.map { .parameter($0) }
        for entry in membersByID { paths.append(.member(entry.key)) }
        for entry in keysByID { paths.append(.key(entry.key)) }
        for entry in plansByID { paths.append(.plan(entry.key)) }
        for entry in commitmentsByID {
            paths.append(.commitment(entry.key))
            for version in entry.value.value.versions {
                paths.append(.version(entry.key, version.value.number))
            }
        }
        for milestone in milestones { paths.append(.milestone(milestone.id)) }
        for entry in governanceByID { paths.append(.governance(entry.key)) }
        for pending in pendingChanges { paths.append(.pending(pending.id)) }
        for epoch in epochs { paths.append(.epoch(epoch.epoch)) }
        paths += voices.value.paths
        for entry in delegationsByPlace { paths.append(.delegation(entry.key.key)) }
        for entry in unitsByCode { paths.append(.unit(entry.key)) }
        for entry in sectorsByCode { paths.append(.sector(entry.key)) }
        return paths.compactMap { path in leaf(at: path).map { (path: path.text, value: $0) } }
            .sorted { $0.path.precedesBytewise($1.path) }
    }

    /// Rebuilds a state from its leaves, in any order, with everything that follows from them.
    ///
    /// It does not trust them: every value is decoded, and what one leaf says of another is checked. Whether they are
    /// the state of a block is for the caller to judge by ``root``.
    package init(restoring leaves: some Sequence<(path: String, value: [UInt8])>) throws(StateError) {
        var restoration = StateRestoration()
        for leaf in leaves { try restoration.take(leaf.path, leaf.value) }
        self = try restoration.finish()
    }
}

extension CommitmentEntry {
    func version(_ number: UInt64) -> CommitmentVersion? {
        guard number > 0, number <= UInt64(versions.count) else { return nil }
        return versions[Int(number - 1)].value
    }
}

/// A state that is put together again leaf by leaf: the leaves sorted by what they hold, until all are there.
package struct StateRestoration {
    // Asked by name, never iterated.
    private var parameters: [Parameter: [UInt8]] = [:]
    private var members = PersistentMap<MemberID, Shared<MemberRecord>>()
    private var keys = PersistentMap<KeyID, Shared<KeyRecord>>()
    private var plans = PersistentMap<PlanID, PlanRecord>()
    private var commitments = PersistentMap<CommitmentID, CommitmentRecord>()
    private var versions = PersistentMap<VersionKey, CommitmentVersion>()
    private var milestones: [MilestoneRecord] = []
    // Asked whether an id is new, never iterated.
    private var milestoneIDs: Set<TransactionID> = []
    private var proposals = PersistentMap<TransactionID, GovernanceRecord>()
    private var pending = PersistentMap<TransactionID, PendingRecord>()
    private var epochs = PersistentMap<Epoch, EpochRecord>()
    private var voices = VoiceLeaves()
    private var delegations = PersistentMap<KeyID, DelegationRecord>()
    private var units = PersistentMap<UnitCode, UnitDefinition>()
    private var sectors = PersistentMap<SectorCode, SectorDefinition>()
    private var rows: [(path: StatePath, leaf: LeafChange)] = []

    package init() {}

    /// Takes a leaf, in any order; its value is decoded.
    package mutating func take(_ text: String, _ value: [UInt8]) throws(StateError) {
        guard let path = StatePath(text) else { throw .badPath(text) }
        rows.append((path: path, leaf: LeafChange(path: text, value: value)))
        let isNew: Bool
        do {
            switch path {
            case .parameter(let name): isNew = parameters.updateValue(value, forKey: name) == nil
            case .member(let id): isNew = StateRestoration.set(&members, id, Shared(try .decode(value)))
            case .key(let id): isNew = StateRestoration.set(&keys, id, Shared(try .decode(value)))
            case .plan(let id): isNew = StateRestoration.set(&plans, id, try .decode(value))
            case .commitment(let id): isNew = StateRestoration.set(&commitments, id, try .decode(value))
            case .version(let id, let number):
                isNew = StateRestoration.set(
                    &versions,
                    VersionKey(id: id, number: number),
                    try .decode(value)
                )
            case .milestone(let id):
                let record = try CBORDecoder.decode(value[...]) { (decoder) throws(CBORError) in
                    try MilestoneRecord(id: id, from: &decoder)
                }
                milestones.append(record)
                isNew = milestoneIDs.insert(id).inserted
            case .governance(let id): isNew = StateRestoration.set(&proposals, id, try .decode(value))
            case .pending(let id): isNew = StateRestoration.set(&pending, id, try .decode(value))
            case .epoch(let number): isNew = StateRestoration.set(&epochs, number, try .decode(value))
            case .attestation, .dispute, .cosign, .directive: isNew = try voices.take(path, value)
            case .delegation(let id): isNew = StateRestoration.set(&delegations, id, try .decode(value))
            case .unit(let code): isNew = StateRestoration.set(&units, code, try .decode(value))
            case .sector(let code): isNew = StateRestoration.set(&sectors, code, try .decode(value))
            }
        } catch {
            throw .badValue(path: text, error)
        }
        guard isNew else { throw .badPath(text) }
    }

    /// The state of all leaves taken, once what they say of each other was checked.
    package func finish() throws(StateError) -> LedgerState {
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
        try checkNames()
        (state.membersByID, state.keysByID, state.plansByID) = (members, keys, plans)
        (state.unitsByCode, state.sectorsByCode) = (units, sectors)
        state.commitmentsByID = try restoredCommitments()
        state.delegationsByPlace = try restoredDelegations()
        try restoreMilestones(in: &state)
        try restoreGovernance(in: &state)
        try voices.restore(in: &state)
        state.updateTree(rows)
        return state
    }

    private func restoredParameters() throws(StateError) -> Parameters {
        for name in Parameter.allCases {
            // Each alone first, so that a bad one is named.
            var one = Parameters()
            do { try one.set(name, encodedValue: parameters[name]) } catch {
                throw .badValue(path: StatePath.parameter(name).text, error)
            }
        }
        do {
            return try Parameters(leaves: { parameters[$0] })
        } catch {
            throw .badValue(path: "parameter/", error)
        }
    }

    /// What a record says its own name is equals the path it stands at.
    private func checkNames() throws(StateError) {
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
        for (id, record) in plans {
            let path = StatePath.plan(id).text
            guard record.body.id == id else {
                throw .contradiction(path: path, "it holds the plan \(record.body.id)")
            }
            // What the bodies' rules forbid could stop the formula of the status, so it does not get in.
            do { try record.body.validate() } catch { throw .contradiction(path: path, error.description) }
        }
        for (code, unit) in units where unit.code != code {
            throw .contradiction(path: StatePath.unit(code).text, "it holds the unit \(unit.code)")
        }
        for (code, sector) in sectors where sector.code != code {
            throw .contradiction(path: StatePath.sector(code).text, "it holds the sector \(sector.code)")
        }
    }

    private func restoredCommitments() throws(StateError) -> PersistentMap<
        CommitmentID, Shared<CommitmentEntry>
    > {
        var entries = PersistentMap<CommitmentID, Shared<CommitmentEntry>>()
        var versionCount = 0
        for (id, record) in commitments {
            let path = StatePath.commitment(id).text
            guard record.id == id else {
                throw .contradiction(path: path, "it holds the commitment \(record.id)")
            }
            var entry: CommitmentEntry?
            for number in 1...max(1, record.version) {
                let key = VersionKey(id: id, number: number)
                guard let version = versions[key] else {
                    throw .missing(path: StatePath.version(id, number).text, neededBy: path)
                }
                guard version.number == number, version.body.id == id else {
                    throw .contradiction(
                        path: StatePath.version(id, number).text,
                        "it holds version \(version.number) of \(version.body.id)"
                    )
                }
                guard (version.amendment == nil) == (number == 1) else {
                    throw .contradiction(
                        path: StatePath.version(id, number).text,
                        "version 1 is the proposal, and every later one an amendment's"
                    )
                }
                do { try version.body.validate() } catch {
                    throw .contradiction(path: StatePath.version(id, number).text, error.description)
                }
                if entry == nil {
                    entry = CommitmentEntry(record: record, original: version)
                } else {
                    entry?.append(version)
                }
                versionCount += 1
            }
            entries[id] = entry.map { Shared($0) }
        }
        guard versionCount == versions.count else {
            throw .contradiction(
                path: "version/",
                "\(versions.count) versions for \(versionCount) in the commitments"
            )
        }
        return entries
    }

    private func restoreGovernance(in state: inout LedgerState) throws(StateError) {
        for (number, record) in epochs {
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
        for (id, record) in proposals {
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
        for (id, record) in pending {
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
        for (id, record) in delegations {
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

    private func restoreMilestones(in state: inout LedgerState) throws(StateError) {
        // In the order of the chain, as a state that was executed has them.
        for record in milestones.sorted(by: { ($0.height, $0.position) < ($1.height, $1.position) }) {
            let path = StatePath.milestone(record.id).text
            guard let entry = state.commitmentsByID[record.commitment]?.value else {
                throw .missing(path: StatePath.commitment(record.commitment).text, neededBy: path)
            }
            if record.state == .effective, entry.effective[record.periodEnd] != nil {
                throw .contradiction(path: path, "a second effective milestone for \(record.periodEnd)")
            }
            state.set(record)
        }
    }

    private static func set<Key, Value>(_ map: inout PersistentMap<Key, Value>, _ key: Key, _ value: Value)
        -> Bool
    {
        guard map[key] == nil else { return false }
        map[key] = value
        return true
    }
}

private struct VersionKey: Comparable {
    let id: CommitmentID
    let number: UInt64

    static func < (left: VersionKey, right: VersionKey) -> Bool {
        left.id != right.id ? left.id < right.id : left.number < right.number
    }
}
