import JalonCodec
import JalonCrypto
import JalonModel

extension Voices {
    /// Its leaves in the tree.
    var leafCount: Int { attestations.count + disputes.count + cosigns.count + directives.count }

    /// The paths of its leaves.
    var paths: [StatePath] {
        var paths: [StatePath] = []
        paths.reserveCapacity(leafCount)
        for entry in attestations { paths.append(.attestation(entry.key)) }
        for entry in disputes { paths.append(.dispute(entry.key)) }
        for entry in cosigns { paths.append(.cosign(entry.key.subject, entry.key.member)) }
        for entry in directives { paths.append(.directive(entry.key)) }
        return paths
    }
}

/// The leaves of attestations, disputes, co-signatures and directives, until those that they speak of are there.
struct VoiceLeaves {
    private var attestations: [AttestationRecord] = []
    private var disputes: [DisputeRecord] = []
    private var cosigns: [CosignRecord] = []
    private var directives: [DirectiveRecord] = []

    /// Takes the leaf at one of its paths; others are none of its business.
    mutating func take(_ path: StatePath, _ value: [UInt8]) throws(CBORError) {
        var decoder = CBORDecoder(value)
        switch path {
        case .attestation(let id): attestations.append(try AttestationRecord(id: id, from: &decoder))
        case .dispute(let id): disputes.append(try DisputeRecord(id: id, from: &decoder))
        case .cosign(let subject, let member):
            let record = try CosignRecord(subject: subject, from: &decoder)
            guard record.member == member else {
                throw .invalidValue("the co-signature of \(record.member) stands at \(member)", offset: 0)
            }
            cosigns.append(record)
        case .directive(let id): directives.append(try DirectiveRecord(id: id, from: &decoder))
        case .member, .key, .parameter, .plan, .commitment, .version, .milestone, .delegation, .governance,
            .pending, .epoch, .unit, .sector:
            preconditionFailure("only voices are taken here")
        }
        try decoder.finish()
    }

    /// Takes those of another part of the state.
    mutating func append(_ other: VoiceLeaves) {
        attestations += other.attestations
        disputes += other.disputes
        cosigns += other.cosigns
        directives += other.directives
    }

    /// Enters all of them into a state that has its members, commitments and milestones, `excluded` among those.
    func restore(in state: inout LedgerState, excluded: [MilestoneRecord]) throws(StateError) {
        // In the order of their paths, so that of two that contradict each other always the same one is named.
        for record in attestations.sorted(by: { $0.id < $1.id }) {
            try restore(record, StatePath.attestation(record.id).text, in: &state)
        }
        for record in cosigns.sorted(by: { $0.key < $1.key }) { try restore(record, in: &state) }
        for record in disputes.sorted(by: { $0.id < $1.id }) {
            try restore(record, StatePath.dispute(record.id).text, in: &state)
        }
        for record in directives.sorted(by: { $0.id < $1.id }) {
            try restore(record, StatePath.directive(record.id).text, in: &state)
        }
        try checkExclusions(excluded, in: state)
        try checkJointSignatures(in: state)
    }

    private func restore(
        _ record: AttestationRecord,
        _ path: String,
        in state: inout LedgerState
    ) throws(StateError) {
        try checkMember(record.auditor, path, in: state)
        try checkMilestone(record.milestone, of: record.commitment, path, in: state)
        let others = state.attestations(of: record.milestone).filter { $0.auditor == record.auditor }
        guard !record.isStanding || !others.contains(where: \.isStanding) else {
            throw .contradiction(path: path, "a second attestation of \(record.auditor) that stands")
        }
        guard !others.contains(where: { Age($0.provenance) == Age(record.provenance) }) else {
            throw .contradiction(path: path, "a second attestation from one place in the chain")
        }
        state.set(record)
    }

    private func restore(_ record: CosignRecord, in state: inout LedgerState) throws(StateError) {
        let path = StatePath.cosign(record.subject, record.member).text
        try checkMember(record.member, path, in: state)
        switch record.about {
        case .commitment(let id):
            guard let entry = state.commitmentsByID[id]?.value else {
                throw .missing(path: StatePath.commitment(id).text, neededBy: path)
            }
            // One of a proposal that was returned before this one came is older than it.
            let isOlder =
                state.milestone(record.subject) == nil
                && record.provenance.height <= entry.record.origin.height
            if entry.record.origin.transaction != record.subject, !isOlder {
                try checkMilestone(record.subject, of: id, path, in: state)
            }
        case .member(let id):
            // The recovery itself is gone from the queue once it is over.
            try checkMember(id, path, in: state)
        }
        state.set(record)
    }

    private func restore(
        _ record: DisputeRecord,
        _ path: String,
        in state: inout LedgerState
    ) throws(StateError) {
        try checkMember(record.opener, path, in: state)
        guard state.commitmentsByID[record.commitment] != nil else {
            throw .missing(path: StatePath.commitment(record.commitment).text, neededBy: path)
        }
        if let milestone = record.milestone {
            try checkMilestone(milestone, of: record.commitment, path, in: state)
        }
        let age = AgeKey(record.commitment, record.provenance)
        guard state.voices.value.disputesByCommitment[age] == nil else {
            throw .contradiction(path: path, "a second dispute from one place in the chain")
        }
        state.set(record)
    }

    private func restore(
        _ record: DirectiveRecord,
        _ path: String,
        in state: inout LedgerState
    ) throws(StateError) {
        try checkMember(record.to, path, in: state)
        try checkMember(record.issuer, path, in: state)
        if let id = record.about, state.commitmentsByID[id] == nil {
            throw .missing(path: StatePath.commitment(id).text, neededBy: path)
        }
        guard state.voices.value.directivesByIssuer[AgeKey(record.issuer, record.provenance)] == nil else {
            throw .contradiction(path: path, "a second directive from one place in the chain")
        }
        state.set(record)
    }

    // MARK: - What one leaf says of another

    private func checkMember(_ id: MemberID, _ path: String, in state: LedgerState) throws(StateError) {
        guard state.member(id) != nil else {
            throw .missing(path: StatePath.member(id).text, neededBy: path)
        }
    }

    private func checkMilestone(
        _ id: TransactionID,
        of commitment: CommitmentID,
        _ path: String,
        in state: LedgerState
    ) throws(StateError) {
        guard let record = state.milestone(id) else {
            throw .missing(path: StatePath.milestone(id).text, neededBy: path)
        }
        guard record.commitment == commitment else {
            throw .contradiction(path: path, "its milestone is of \(record.commitment)")
        }
    }

    /// A milestone is excluded where a refutation stands, and only there.
    private func checkExclusions(_ excluded: [MilestoneRecord], in state: LedgerState) throws(StateError) {
        let ids = excluded.map(\.id) + attestations.map(\.milestone)
        for record in ids.compactMap({ state.milestone($0) })
        where (record.state == .excluded) != (record.voices.refutedCount > 0) {
            throw .contradiction(
                path: StatePath.milestone(record.id).text,
                "it is \(record.state), with \(record.voices.refutedCount) refutations that stand"
            )
        }
    }

    /// A commitment that was never amended is active only with the signatures of all its `joint` members.
    private func checkJointSignatures(in state: LedgerState) throws(StateError) {
        for commitment in state.commitments
        where commitment.life == .active && commitment.versions.count == 1 {
            guard let cosigners = state.cosigners(ofProposal: commitment.id), !cosigners.isComplete else {
                continue
            }
            let missing = cosigners.missing.map(\.text).joined(separator: ", ")
            throw .contradiction(
                path: StatePath.commitment(commitment.id).text,
                "it is active without the signature of \(missing)"
            )
        }
    }
}
