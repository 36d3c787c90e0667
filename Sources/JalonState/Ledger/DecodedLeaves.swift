import JalonCodec
import JalonCrypto
package import JalonModel

/// Leaves of a state, decoded and hashed: what can be done for each of them alone, so that a large state's can be
/// shared among threads.
package struct DecodedLeaves: Sendable {
    private(set) var parameters: [(name: Parameter, value: [UInt8])] = []
    private(set) var members: [(key: MemberID, value: Shared<MemberRecord>)] = []
    private(set) var keys: [(key: KeyID, value: Shared<KeyRecord>)] = []
    private(set) var plans: [(key: PlanID, value: Shared<PlanRecord>)] = []
    private(set) var commitments: [(key: CommitmentID, value: CommitmentRecord)] = []
    private(set) var versions: [(key: VersionKey, value: Shared<CommitmentVersion>)] = []
    private(set) var milestones: [Shared<MilestoneRecord>] = []
    private(set) var proposals: [(key: TransactionID, value: GovernanceRecord)] = []
    private(set) var pending: [(key: TransactionID, value: PendingRecord)] = []
    private(set) var epochs: [(key: Epoch, value: EpochRecord)] = []
    private(set) var voices = VoiceLeaves()
    private(set) var delegations: [(key: KeyID, value: DelegationRecord)] = []
    private(set) var units: [(key: UnitCode, value: UnitDefinition)] = []
    private(set) var sectors: [(key: SectorCode, value: SectorDefinition)] = []

    /// Milestones that were reported as invented.
    private(set) var fictionalCount = 0
    /// Milestones that were attested refuted.
    private(set) var excluded: [MilestoneRecord] = []

    /// What the tree holds of every leaf, by the section of the tree; the note is a milestone's place among those here.
    private(set) var sections = [[StateTree.HashedLeaf]](repeating: [], count: StateTree.sectionCount)
    /// The paths of all leaves but the milestones'.
    private(set) var paths: [String] = []

    /// Decodes and hashes leaves, in any order.
    package init(_ leaves: some Sequence<(path: String, value: [UInt8])>) throws(StateError) {
        for leaf in leaves { try take(Array(leaf.path.utf8)[...], leaf.value[...]) }
    }

    /// Decodes and hashes leaves as storage gives them; one without a value is none.
    package init(_ leaves: [LeafChange]) throws(StateError) {
        try self.init(leaves.lazy.compactMap { leaf in leaf.value.map { (leaf.path, $0) } })
    }

    /// Decodes and hashes leaves as storage reads them by the million.
    package init(_ leaves: LeafBatch) throws(StateError) {
        milestones.reserveCapacity(leaves.count)
        for index in 0..<leaves.count {
            let leaf = leaves[index]
            try take(leaf.path, leaf.value)
        }
    }

    private mutating func take(_ bytes: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) throws(StateError) {
        guard let path = StatePath(utf8: bytes) else {
            throw .badPath(String(decoding: bytes, as: UTF8.self))
        }
        var note: UInt32?
        if case .milestone(let id) = path {
            note = UInt32(milestones.count)
            try take(milestone: id, value)
        } else {
            paths.append(path.text)
            do { try take(path, Array(value)) } catch { throw .badValue(path: path.text, error) }
        }
        let leaf = StateTree.HashedLeaf(path: bytes, value: value, note: note)
        sections[leaf.section].append(leaf)
    }

    private mutating func take(milestone id: TransactionID, _ value: ArraySlice<UInt8>) throws(StateError) {
        let record: MilestoneRecord
        do {
            record = try CBORDecoder.decode(value) { (decoder) throws(CBORError) in
                try MilestoneRecord(id: id, from: &decoder)
            }
        } catch {
            throw .badValue(path: StatePath.milestone(id).text, error)
        }
        if record.isFictional { fictionalCount += 1 }
        if record.state == .excluded { excluded.append(record) }
        milestones.append(Shared(record))
    }

    private mutating func take(_ path: StatePath, _ value: [UInt8]) throws(CBORError) {
        switch path {
        case .parameter(let name): parameters.append((name, value))
        case .member(let id): members.append((id, Shared(try .decode(value))))
        case .key(let id): keys.append((id, Shared(try .decode(value))))
        case .plan(let id): plans.append((id, Shared(try .decode(value))))
        case .commitment(let id): commitments.append((id, try .decode(value)))
        case .version(let id, let number):
            versions.append((VersionKey(id: id, number: number), Shared(try .decode(value))))
        case .milestone: preconditionFailure("milestones are taken apart from the others")
        case .governance(let id): proposals.append((id, try .decode(value)))
        case .pending(let id): pending.append((id, try .decode(value)))
        case .epoch(let number): epochs.append((number, try .decode(value)))
        case .attestation, .dispute, .cosign, .directive: try voices.take(path, value)
        case .delegation(let id): delegations.append((id, try .decode(value)))
        case .unit(let code): units.append((code, try .decode(value)))
        case .sector(let code): sectors.append((code, try .decode(value)))
        }
    }
}

/// Orders versions by their commitment, then by their number.
struct VersionKey: Comparable {
    let id: CommitmentID
    let number: UInt64

    static func < (left: VersionKey, right: VersionKey) -> Bool {
        left.id != right.id ? left.id < right.id : left.number < right.number
    }
}
