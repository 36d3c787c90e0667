import JalonModel

/// A commitment with what stands at paths of its own.
struct CommitmentLeaves: Sendable {
    let record: CommitmentRecord
    let versions: ArraySlice<(key: VersionKey, value: Shared<CommitmentVersion>)>
    /// Among all commitments.
    let place: Int

    func entry(
        with milestones: [(number: MilestoneNumber, record: Shared<MilestoneRecord>)]
    ) throws(StateError) -> CommitmentEntry {
        try checkVersions()
        let indexes = try MilestoneIndexes(milestones)
        return CommitmentEntry(
            record: record,
            versions: versions.map(\.value),
            effective: indexes.effective,
            past: indexes.past
        )
    }

    /// A commitment has all its versions from 1 to the one in force, and no other.
    private func checkVersions() throws(StateError) {
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
}

/// Milestones by the commitment whose they are.
struct OwnedMilestones: Sendable {
    /// By number.
    let milestones: [Shared<MilestoneRecord>]
    /// Numbers of milestones, those of one commitment together.
    private var numbers: [MilestoneNumber]
    /// Where the numbers of each commitment end; they begin where those of the one before end.
    private var ends: [Int]

    /// - Throws: ``StateError/missing(path:neededBy:)`` for a milestone of no commitment.
    init(
        _ parts: [DecodedLeaves],
        of commitments: [CommitmentID],
        by mapper: some Mapper
    ) throws(StateError) {
        milestones = parts.flatMap(\.milestones)
        // Asked by id, never iterated.
        var indices: [CommitmentID: Int] = [:]
        indices.reserveCapacity(commitments.count)
        for (index, id) in commitments.enumerated() { indices[id] = index }
        let ownersByPart = mapper.map(parts.map(\.milestones)) { [indices] milestones in
            Result { () throws(StateError) in try OwnedMilestones.owners(of: milestones, in: indices) }
        }
        var owners: [Int] = []
        owners.reserveCapacity(milestones.count)
        for part in ownersByPart { owners += try part.get() }
        var counts = [Int](repeating: 0, count: commitments.count)
        for owner in owners { counts[owner] += 1 }
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

    private static func owners(
        of milestones: [Shared<MilestoneRecord>],
        in indices: [CommitmentID: Int]
    ) throws(StateError) -> [Int] {
        var owners: [Int] = []
        owners.reserveCapacity(milestones.count)
        for milestone in milestones {
            guard let owner = indices[milestone.value.commitment] else {
                throw .missing(
                    path: StatePath.commitment(milestone.value.commitment).text,
                    neededBy: StatePath.milestone(milestone.value.id).text
                )
            }
            owners.append(owner)
        }
        return owners
    }

    func milestones(of commitment: Int) -> [(number: MilestoneNumber, record: Shared<MilestoneRecord>)] {
        let start = commitment == 0 ? 0 : ends[commitment - 1]
        return numbers[start..<ends[commitment]].map { ($0, milestones[Int($0)]) }
    }
}

/// The milestones of one commitment, as its entry keeps them.
private struct MilestoneIndexes {
    let effective: EffectiveMilestones
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
        self.effective = EffectiveMilestones(PersistentMap(sorted: effective))
        self.past = PersistentMap(sorted: past)
    }
}
