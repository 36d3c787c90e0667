import JalonCodec
package import JalonCrypto
package import JalonModel

/// The ledger's state after a block: records that the rules read, and the tree whose root the block's header carries.
///
/// A value with shared structure: a copy costs a few references, so that each block that is not final yet has its own.
package struct LedgerState: Sendable {
    /// What the network's members agreed on in numbers.
    package internal(set) var parameters: Parameters {
        didSet { updateNextValidators() }
    }
    /// The validators of the epoch that the next block is of.
    package internal(set) var validators: ValidatorSet {
        didSet { updateNextValidators() }
    }
    /// The epochs after the first, ascending, up to the one that the next block is of.
    package internal(set) var epochs: [EpochRecord] = []
    /// What waits for a quorum or for time, in the order in which it came into the queue.
    package internal(set) var pendingChanges: [PendingRecord] = [] {
        didSet { updateNextValidators() }
    }
    /// The sets of validators that may be activated on this state, those that make more changes first.
    ///
    /// Kept, as every node looks at it after every event, and it changes seldom.
    package internal(set) var nextValidators: [NextValidators] = []
    /// Proposals that passed and wait for their heights, by height and then by id.
    var passedProposals: [TransactionID] = []

    var tree = StateTree()
    var membersByID = PersistentMap<MemberID, Shared<MemberRecord>>()
    var keysByID = PersistentMap<KeyID, Shared<KeyRecord>>()
    var plansByID = PersistentMap<PlanID, Shared<PlanRecord>>()
    var commitmentsByID = PersistentMap<CommitmentID, Shared<CommitmentEntry>>()
    /// Milestones in the order in which they came into this state; only memory knows the numbers.
    ///
    /// The other indexes hold numbers: nodes full of references would cost a look at each record whenever one is copied.
    private var milestonesByNumber = PersistentVector<Shared<MilestoneRecord>>()
    /// The numbers of milestones that the tree does not hold yet; it keeps those of the others with their leaves.
    ///
    /// Asked by id, never iterated.
    private var newMilestones: [TransactionID: MilestoneNumber] = [:]
    /// Milestones that were reported as invented, whatever became of them.
    private var fictionalCount = 0
    var governanceByID = PersistentMap<TransactionID, Shared<GovernanceRecord>>()
    var unitsByCode = PersistentMap<UnitCode, UnitDefinition>()
    var sectorsByCode = PersistentMap<SectorCode, SectorDefinition>()
    /// Attestations, disputes, co-signatures and directives.
    var voices = Shared(Voices())
    var delegationsByPlace = PersistentMap<DelegationPlace, Shared<DelegationRecord>>()

    init(parameters: Parameters, validators: ValidatorSet) {
        self.parameters = parameters
        self.validators = validators
    }

    /// The root of the state tree.
    package var root: Digest { tree.root }

    /// Proves what stands, or that nothing stands, at a path.
    package func proof(path: String) -> StateProof {
        tree.proof(path: path)
    }

    // MARK: - Members and keys

    package func member(_ id: MemberID) -> MemberRecord? { membersByID[id]?.value }

    /// Every member, by id.
    package var members: [MemberRecord] { membersByID.map(\.value.value) }

    /// A key that is or was registered.
    package func key(_ id: KeyID) -> KeyRecord? { keysByID[id]?.value }

    /// The keys that are or were registered, to be looked at while the state goes on.
    package var keyDirectory: KeyDirectory { KeyDirectory(records: keysByID) }

    /// Every key that is or was registered, by key id.
    package var keys: [KeyRecord] { keysByID.map(\.value.value) }

    /// The keys of a member, by key id.
    ///
    /// - Complexity: O(keys of the network).
    package func keys(of member: MemberID) -> [KeyRecord] {
        keys.filter { $0.member == member }
    }

    // MARK: - Governance

    package func proposal(_ id: TransactionID) -> GovernanceRecord? { governanceByID[id]?.value }

    /// Every proposal, by its transaction's id.
    package var proposals: [GovernanceRecord] { governanceByID.map(\.value.value) }

    /// Enters a proposal, new or changed, everywhere.
    mutating func set(_ record: GovernanceRecord) {
        governanceByID[record.id] = Shared(record)
        passedProposals.removeAll { $0 == record.id }
        guard record.outcome == .passed else { return }
        passedProposals.append(record.id)
        let records = governanceByID
        func height(of id: TransactionID) -> Height { records[id]?.value.effective ?? Height(0) }
        passedProposals.sort { (height(of: $0), $0) < (height(of: $1), $1) }
    }

    /// Enters what waits, new or changed.
    mutating func set(_ record: PendingRecord) {
        let others = pendingChanges.filter { $0.id != record.id }
        pendingChanges = (others + [record]).sorted(by: PendingRecord.precedes)
    }

    /// The epoch that the next block is of.
    package var epoch: Epoch { epochs.last?.epoch ?? Epoch(0) }

    /// The height of the block that closed the epoch before; 0 in the first.
    package var epochStart: Height { epochs.last?.closing ?? Height(0) }

    /// An epoch after the first.
    ///
    /// - Returns: `nil` for the first one, which the genesis tells of, and for one that there is not yet.
    package func epoch(_ epoch: Epoch) -> EpochRecord? {
        guard epoch.value > 0, epoch.value <= UInt64(epochs.count) else { return nil }
        return epochs[Int(epoch.value) - 1]
    }

    // MARK: - Delegations

    /// What a delegate key was lent, whether it is still in force or not.
    package func delegation(_ id: KeyID) -> DelegationRecord? {
        keysByID[id].flatMap {
            delegationsByPlace[DelegationPlace(member: $0.value.member, key: id)]?.value
        }
    }

    /// What a member ever lent, by key id.
    ///
    /// - Complexity: O(log n), and O(1) amortised for each one read.
    package func delegations(of member: MemberID) -> [DelegationRecord] {
        guard let first = KeyID(bytes: [UInt8](repeating: 0, count: 32)) else { return [] }
        var found: [DelegationRecord] = []
        for (place, record) in delegationsByPlace.entries(from: DelegationPlace(member: member, key: first)) {
            guard place.member == member else { break }
            found.append(record.value)
        }
        return found
    }

    // MARK: - Plans and commitments

    package func plan(_ id: PlanID) -> PlanRecord? { plansByID[id]?.value }

    /// Every plan, by id.
    package var plans: [PlanRecord] { plansByID.map(\.value.value) }

    package func commitment(_ id: CommitmentID) -> Commitment? {
        commitmentsByID[id].map { Commitment($0.value) }
    }

    /// Every commitment, by id.
    package var commitments: [Commitment] { commitmentsByID.map { Commitment($0.value.value) } }

    /// The ids of all commitments, in their order.
    package var commitmentIDs: [CommitmentID] { commitmentsByID.map(\.key) }

    /// The commitments whose ids stand after `id`, in their order; all of them where it is `nil`.
    ///
    /// - Complexity: O(log n), and O(1) amortised for each one read.
    package func commitments(after id: CommitmentID?) -> some Sequence<Commitment> {
        let entries = id.map { commitmentsByID.entries(from: $0) } ?? commitmentsByID.makeIterator()
        return entries.lazy.filter { $0.key != id }.map { Commitment($0.value.value) }
    }

    /// The commitment that somebody who wrote `id` most likely meant; `nil` where none is near.
    ///
    /// - Complexity: O(n) for n commitments.
    package func commitment(nearest id: CommitmentID) -> CommitmentID? {
        nearest(to: id, among: commitmentsByID.lazy.map(\.key))
    }

    // MARK: - Milestones

    package func milestone(_ id: TransactionID) -> MilestoneRecord? {
        number(of: id).map { milestone($0) }
    }

    private func number(of id: TransactionID) -> MilestoneNumber? {
        newMilestones[id] ?? tree.note(at: StateTree.place(of: StatePath.milestone(id).text))
    }

    /// Whether any milestone is invented, also one that counts no more.
    package var hasFictionalMilestones: Bool { fictionalCount > 0 }

    /// Every milestone, in no order that means anything.
    var milestones: some Sequence<MilestoneRecord> {
        milestonesByNumber.indices.lazy.map { [milestonesByNumber] in milestonesByNumber[$0].value }
    }

    /// How many milestones there are, the replaced and retracted ones too.
    package var milestoneCount: Int { milestonesByNumber.count }

    func milestone(_ number: MilestoneNumber) -> MilestoneRecord {
        milestonesByNumber[Int(number)].value
    }

    /// Enters the leaves at paths whose records changed into the tree, which is when its root is computed.
    ///
    /// - Parameters:
    ///   - paths: In any order, a path also more than once.
    ///   - keepsLeaves: Whether the leaves themselves are asked for.
    /// - Returns: The leaves in the order of their places in the tree, each once; none where they are not asked for.
    @discardableResult
    mutating func updateTree(at paths: [StatePath], keepsLeaves: Bool = true) -> [LeafChange] {
        // The first eight bytes all but always decide, and are cheaper to move about than a change.
        var order: [(prefix: UInt64, index: Int)] = []
        var changes: [StateTree.Change] = []
        order.reserveCapacity(paths.count)
        changes.reserveCapacity(paths.count)
        var leaves: [LeafChange] = []
        var encoder = CBOREncoder(capacity: 512)
        for (index, path) in paths.enumerated() {
            let place = path.place
            var (valueHash, note): (Digest?, MilestoneNumber?) = (nil, nil)
            if case .milestone(let id) = path, let number = newMilestones[id] ?? tree.note(at: place) {
                encoder.restart()
                milestonesByNumber[Int(number)].value.encode(to: &encoder)
                (valueHash, note) = (SHA256.hash(encoder.bytes), number)
                if keepsLeaves { leaves.append(LeafChange(path: path.text, value: encoder.bytes)) }
            } else {
                let value = leaf(at: path)
                valueHash = value.map { SHA256.hash($0) }
                if keepsLeaves { leaves.append(LeafChange(path: path.text, value: value)) }
            }
            changes.append(StateTree.Change(place: place, valueHash: valueHash, note: note))
            order.append((place.prefix, index))
        }
        order.sort { left, right in
            left.prefix == right.prefix
                ? changes[left.index].place < changes[right.index].place : left.prefix < right.prefix
        }
        var last: Digest?
        order.removeAll { entry in
            defer { last = changes[entry.index].place }
            return changes[entry.index].place == last
        }
        tree.update(sorted: order.map { changes[$0.index] })
        newMilestones.removeAll(keepingCapacity: true)
        return keepsLeaves ? order.map { leaves[$0.index] } : []
    }

    /// Enters a milestone, new or changed, everywhere.
    mutating func set(_ milestone: Shared<MilestoneRecord>) {
        let number: MilestoneNumber
        // One that counts no more, or again, was entered before.
        if milestone.value.changedBy != nil, let known = self.number(of: milestone.value.id) {
            number = known
            var changed = milestone.value
            // What others said meanwhile stays said.
            changed.voices = self.milestone(known).voices
            milestonesByNumber[Int(number)] = Shared(changed)
        } else {
            // None is ever removed, so that the count is the next number.
            number = MilestoneNumber(milestonesByNumber.count)
            newMilestones[milestone.value.id] = number
            if milestone.value.isFictional { fictionalCount += 1 }
            milestonesByNumber.append(milestone)
        }
        let entered: Void? = commitmentsByID.change(milestone.value.commitment) { shared in
            Shared.change(&shared) { $0.index(milestone.value, number) }
        }
        precondition(entered != nil, "a milestone is entered only where its commitment stands")
    }

    /// Enters the milestones of a state that has none yet: their places here are their numbers, which the tree and the
    /// commitments know already.
    mutating func restore(_ milestones: [Shared<MilestoneRecord>], fictionalCount: Int) {
        milestonesByNumber = PersistentVector(milestones)
        self.fictionalCount = fictionalCount
    }

    /// Changes what others say of a milestone; does nothing where the transaction is none.
    mutating func changeVoices(of id: TransactionID, _ change: (inout MilestoneVoices) -> Void) {
        guard let number = number(of: id) else { return }
        var record = milestone(number)
        change(&record.voices)
        milestonesByNumber[Int(number)] = Shared(record)
    }

    /// Every milestone of a commitment, the replaced and retracted ones too, by `periodEnd` and then by age.
    package func milestones(of id: CommitmentID) -> [MilestoneRecord] {
        guard let entry = commitmentsByID[id]?.value else { return [] }
        // Both parts are sorted; few commitments have many that were replaced.
        let numbers = entry.effective.numbers + entry.past.map(\.value)
        return numbers.map { milestone($0) }
            .sorted { CommitmentEntry.HistoryKey($0) < CommitmentEntry.HistoryKey($1) }
    }

    /// How many milestones of a commitment are effective.
    package func effectiveMilestoneCount(of id: CommitmentID) -> Int {
        commitmentsByID[id]?.value.effective.count ?? 0
    }

    /// The effective milestone of a commitment with the last `periodEnd`.
    package func lastEffectiveMilestone(of id: CommitmentID) -> MilestoneRecord? {
        commitmentsByID[id]?.value.effective.latest.map { milestone($0.value.number) }
    }

    /// The effective milestones of a commitment, by `periodEnd`.
    package func effectiveMilestones(of id: CommitmentID) -> [MilestoneRecord] {
        guard let entry = commitmentsByID[id]?.value else { return [] }
        return entry.effective.numbers.map { milestone($0) }
    }

    // MARK: - Definitions

    /// The units that have display names, by code.
    package var units: [UnitDefinition] { unitsByCode.values }

    package func unit(_ code: UnitCode) -> UnitDefinition? { unitsByCode[code] }

    /// The sectors that commitments may name, by code.
    package var sectors: [SectorDefinition] { sectorsByCode.values }

    package func sector(_ code: SectorCode) -> SectorDefinition? { sectorsByCode[code] }

    // MARK: - Dates

    /// The date of a block: its timestamp in the parameter `utcOffset`.
    package func date(of time: Timestamp) -> CalendarDay {
        CalendarDay(timestamp: time, utcOffsetMinutes: parameters.utcOffsetMinutes)
    }

    /// The date t that statuses are judged at.
    ///
    /// - Parameters:
    ///   - asOf: What a reader asked for; it goes before the parameter `statusDate`.
    ///   - headTime: The head block's timestamp, whose date counts where nothing else says.
    /// - Returns: The first of the three that is given.
    package func statusDate(asOf: CalendarDay? = nil, headTime: Timestamp) -> CalendarDay {
        asOf ?? parameters.statusDate ?? date(of: headTime)
    }
}

/// The keys that were registered in some state: a part of it that is shared without the rest.
package struct KeyDirectory: Sendable {
    fileprivate let records: PersistentMap<KeyID, Shared<KeyRecord>>

    /// The key of an id; `nil` where none was registered.
    package func key(_ id: KeyID) -> PublicKey? { records[id]?.value.key }
}

/// A commitment as the ledger knows it: its life and every version of it.
package struct Commitment: Hashable, Sendable {
    package let record: CommitmentRecord
    /// From version 1 to the one in force; never empty.
    package let versions: [CommitmentVersion]
    /// Disputes about it and its milestones that are not resolved.
    package let openDisputeCount: Int

    package var id: CommitmentID { record.id }
    package var life: CommitmentLife { record.life }

    /// What was promised first.
    package var original: CommitmentVersion { versions[0] }
    /// The version in force.
    package var current: CommitmentVersion { versions[versions.count - 1] }
    /// Whether the promise itself was changed, and not only its words.
    package var isAmended: Bool { versions.contains { $0.amendment?.amendmentClass == .material } }

    init(_ entry: CommitmentEntry) {
        record = entry.record
        versions = entry.versions.map(\.value)
        openDisputeCount = entry.openDisputeCount
    }
}
