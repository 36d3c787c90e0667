import JalonModel
import Testing

@testable import JalonState

/// A reading at a day, in short form.
struct Reported {
    let reading: Result<Reading, any Error>
    let periodEnd: String
    let evidence: Int
    let status: ValueStatus
    let isFinal: Bool
    /// Co-signatures that it needs, and has.
    var cosignatures: (required: Int, given: UInt32) = (0, 0)
    var isConfirmed = false
    var isRefuted = false

    init(
        _ value: String,
        at periodEnd: String,
        evidence: Int = 0,
        status: ValueStatus = .normal,
        isFinal: Bool = false
    ) {
        reading = Result { .value(try decimal(value)) }
        (self.periodEnd, self.evidence, self.status, self.isFinal) = (periodEnd, evidence, status, isFinal)
    }

    init(_ reading: Reading, at periodEnd: String, evidence: Int = 0, isFinal: Bool = false) {
        self.reading = .success(reading)
        (self.periodEnd, self.evidence, status, self.isFinal) = (periodEnd, evidence, .normal, isFinal)
    }

    func milestone(_ ledger: inout TestLedger, position: UInt64) throws -> MilestoneRecord {
        let content = try TestLedger.content(
            reading.get(),
            at: periodEnd,
            from: periodEnd,
            status: status,
            evidence: evidence,
            isFinal: isFinal
        )
        let body = try TestLedger.report("CN-HN-2020-001", content)
        let transaction = try ledger.sign(body, by: "cn-hn").value
        var record = MilestoneRecord(
            content,
            of: try #require(CommitmentID("CN-HN-2020-001")),
            by: transaction,
            at: BlockPlace(height: Height(1), time: TestLedger.start, position: position),
            isBeforeStart: false,
            requiredCosignatures: cosignatures.required
        )
        record.voices.cosignatureCount = cosignatures.given
        record.voices.count(.confirmed, stands: true)
        if !isConfirmed { record.voices.count(.confirmed, stands: false) }
        return isRefuted ? record.changed(to: .excluded, by: transaction.id) : record
    }
}

/// A commitment with its milestones, judged: the formula alone, without a ledger's rules before it.
struct Judged {
    /// Signs; made once, since its keys cost more than a judgement.
    private static let signer = Result { try TestLedger() }

    let status: CommitmentStatus

    init(
        _ body: CommitmentPropose,
        _ readings: [Reported],
        life: CommitmentLife = .active,
        amendedTo amendment: CommitmentPropose? = nil,
        amendmentClass: AmendmentClass = .material,
        on date: String
    ) throws {
        var ledger = try Judged.signer.get()
        let milestones = try readings.enumerated().map { try $1.milestone(&ledger, position: UInt64($0)) }
        let origin = Origin(
            transaction: TransactionID(ledger.state.root),
            issuer: try #require(MemberID("cn-hn")),
            height: Height(1),
            time: TestLedger.start
        )
        var entry = CommitmentEntry(
            record: CommitmentRecord(
                id: body.id,
                life: life,
                version: amendment == nil ? 1 : 2,
                origin: origin
            ),
            original: CommitmentVersion(body: body, number: 1, origin: origin)
        )
        if let amendment {
            let why = Amendment(
                amendmentClass: amendmentClass,
                reasonCode: try #require(ReasonCode("newPlan")),
                reason: try Text("计划调整")
            )
            entry.append(CommitmentVersion(body: amendment, number: 2, origin: origin, amendment: why))
        }
        status = .derive(
            Commitment(entry),
            milestones: milestones,
            on: try day(date),
            thresholds: StatusThresholds(Parameters())
        )
    }
}
