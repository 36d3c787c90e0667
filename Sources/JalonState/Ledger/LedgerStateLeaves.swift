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
        case .plan(let id): plansByID[id]?.value.encoded
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
        leaf.value.map {
            tree.holds([StateTree.PlacedLeaf(path: leaf.path.utf8, value: $0)])
        } ?? false
    }

    /// Whether each of these leaves is one of the state's, on as many processors as the mapper uses.
    ///
    /// `leaves` have each path at most once.
    ///
    /// - Complexity: O(k log n) for k leaves.
    package func holds(_ leaves: PlacedLeaves, by mapper: some Mapper) -> Bool {
        // Each section by one processor: no two of them wait for the same nodes.
        mapper.map(leaves.sections) { [tree] in tree.holds($0) }.allSatisfy { $0 }
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
        self = try LedgerState(restoring: [DecodedLeaves(leaves)])
    }

    /// Rebuilds a state from the leaves that storage gave back.
    package init(restoring restored: RestoredLedger) throws(StateError) {
        self = try LedgerState(restoring: [DecodedLeaves(restored.leaves)])
    }

    /// Rebuilds a state from its leaves, decoded in parts, of which each has leaves in any order.
    package init(restoring parts: [DecodedLeaves]) throws(StateError) {
        self = try LedgerState(restoring: parts, by: InTurn())
    }

    /// Rebuilds a state from its leaves, decoded in parts, on as many processors as the mapper uses.
    package init(restoring parts: [DecodedLeaves], by mapper: some Mapper) throws(StateError) {
        self = try Restoration(parts, by: mapper).finish()
    }
}

extension CommitmentEntry {
    func version(_ number: UInt64) -> CommitmentVersion? {
        guard number > 0, number <= UInt64(versions.count) else { return nil }
        return versions[Int(number - 1)].value
    }
}
