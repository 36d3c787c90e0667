import JalonCodec
import JalonCrypto
package import JalonModel

/// Leaves of a state, decoded and hashed: what can be done for each of them alone, so that a large state's can be
/// shared among threads.
package struct DecodedLeaves: Sendable {
    private(set) var parameters: [(name: Parameter, value: [UInt8])] = []
    private(set) var members: [(key: MemberID, value: Shared<MemberRecord>)] = []
    private(set) var keys: [(key: KeyID, value: Shared<KeyRecord>)] = []
    private(set) var plans: [(key: PlanID, value: PlanRecord)] = []
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

    /// What the tree holds of every leaf, in the order in which they came.
    private(set) var hashes: [StateTree.HashedLeaf] = []
    /// Their paths.
    private(set) var paths: [String] = []
    /// Of a leaf with a milestone its place among those, of the others `nil`.
    private(set) var milestoneIndices: [UInt32?] = []

    /// Decodes and hashes leaves, in any order.
    package init(_ leaves: some Sequence<(path: String, value: [UInt8])>) throws(StateError) {
        for leaf in leaves { try take(leaf.path, leaf.value) }
    }

    /// Decodes and hashes leaves as storage gives them; one without a value is none.
    package init(_ leaves: [LeafChange]) throws(StateError) {
        try self.init(leaves.lazy.compactMap { leaf in leaf.value.map { (leaf.path, $0) } })
    }

    private mutating func take(_ text: String, _ value: [UInt8]) throws(StateError) {
        guard let path = StatePath(text) else { throw .badPath(text) }
        var milestoneIndex: UInt32?
        do {
            switch path {
            case .parameter(let name): parameters.append((name, value))
            case .member(let id): members.append((id, Shared(try .decode(value))))
            case .key(let id): keys.append((id, Shared(try .decode(value))))
            case .plan(let id): plans.append((id, try .decode(value)))
            case .commitment(let id): commitments.append((id, try .decode(value)))
            case .version(let id, let number):
                versions.append((VersionKey(id: id, number: number), Shared(try .decode(value))))
            case .milestone(let id):
                milestoneIndex = UInt32(milestones.count)
                milestones.append(
                    Shared(
                        try CBORDecoder.decode(value[...]) { (decoder) throws(CBORError) in
                            try MilestoneRecord(id: id, from: &decoder)
                        }
                    )
                )
            case .governance(let id): proposals.append((id, try .decode(value)))
            case .pending(let id): pending.append((id, try .decode(value)))
            case .epoch(let number): epochs.append((number, try .decode(value)))
            case .attestation, .dispute, .cosign, .directive: try voices.take(path, value)
            case .delegation(let id): delegations.append((id, try .decode(value)))
            case .unit(let code): units.append((code, try .decode(value)))
            case .sector(let code): sectors.append((code, try .decode(value)))
            }
        } catch {
            throw .badValue(path: text, error)
        }
        hashes.append(StateTree.HashedLeaf(path: text, value: value))
        paths.append(text)
        milestoneIndices.append(milestoneIndex)
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
