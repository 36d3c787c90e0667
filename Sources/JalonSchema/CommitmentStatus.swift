extension API {
    /// How a commitment stands; derived from the ledger and a day, never typed in.
    package enum StatusCode: String, Codable, CaseIterable, Hashable, Sendable {
        case proposed
        case returned
        case withdrawn
        case suspended
        case cancelled
        case superseded
        case notAssessable
        case achieved
        case claimed
        case achievedLate
        case missed
        case awaitingFinal
        case inProgress
        case notStarted
        case noData
        case onTrack
        case atRisk
        case behind
    }

    /// One step of how a status came about.
    package struct ExplanationStep: Codable, Hashable, Sendable {
        /// The rule, for example `6 no deadline`.
        package var rule: String
        /// What was found, for example `9500 ÷ 13176 = 72.1 %`.
        package var text: String
        /// The whole step in a sentence for people.
        package var words: LocalizedText?

        package init(rule: String, text: String, words: LocalizedText? = nil) {
            self.rule = rule
            self.text = text
            self.words = words
        }
    }

    /// The status of a commitment at a height and a day.
    package struct CommitmentStatus: Codable, Hashable, Sendable {
        /// The day it is judged at.
        package var asOf: String
        /// Against the version in force.
        package var current: StatusCode
        /// Against version 1, as promised at first.
        package var original: StatusCode
        /// `overdueReport`, `stale`, `disputed`, `amended`, `baselineUnknown`, `deadlineInferred`,
        /// `regressed` ….
        package var flags: [String]
        /// The value that counts: the latest, or the sum of a flow; items done or level reached.
        package var value: String?
        /// The last day of the period it was measured for.
        package var measuredAt: String?
        /// What the curve expects at `measuredAt`.
        package var expected: String?
        /// Parts per million of what was expected by then.
        package var ratio: Int?
        /// Parts per million of the way from baseline to target, 0 to 1 000 000.
        package var progress: Int?
        /// `L0` declared, `L1` evidence given, `L2` co-signed, `L3` attested.
        package var verificationLevel: String?
        /// Whether the value that counts is invented: show `DEMO DATA`.
        package var isFictional: Bool
        package var explanation: [ExplanationStep]

        package init(
            asOf: String,
            current: StatusCode,
            original: StatusCode,
            flags: [String] = [],
            value: String? = nil,
            measuredAt: String? = nil,
            expected: String? = nil,
            ratio: Int? = nil,
            progress: Int? = nil,
            verificationLevel: String? = nil,
            isFictional: Bool = false,
            explanation: [ExplanationStep] = []
        ) {
            self.asOf = asOf
            self.current = current
            self.original = original
            self.flags = flags
            self.value = value
            self.measuredAt = measuredAt
            self.expected = expected
            self.ratio = ratio
            self.progress = progress
            self.verificationLevel = verificationLevel
            self.isFictional = isFictional
            self.explanation = explanation
        }
    }

    /// How many commitments have a status.
    package struct StatusCount: Codable, Hashable, Sendable {
        package var status: StatusCode
        package var count: Int

        package init(status: StatusCode, count: Int) {
            self.status = status
            self.count = count
        }
    }

    /// How many commitments touch a sector.
    package struct SectorCount: Codable, Hashable, Sendable {
        package var sector: Name
        package var count: Int

        package init(sector: Name, count: Int) {
            self.sector = sector
            self.count = count
        }
    }

    /// A region's commitments by status and by sector.
    package struct RegionSummary: Codable, Hashable, Sendable {
        package var region: Name
        package var commitments: Int
        /// Only statuses that occur, in the order of ``API/StatusCode``.
        package var counts: [StatusCount]
        /// Only sectors that occur, by code; a commitment of two sectors counts in both.
        package var sectors: [SectorCount]

        package init(region: Name, commitments: Int, counts: [StatusCount], sectors: [SectorCount] = []) {
            self.region = region
            self.commitments = commitments
            self.counts = counts
            self.sectors = sectors
        }
    }

    /// Who is where: `GET /v1/status`.
    package struct StatusReport: Codable, Hashable, Sendable {
        package var asOf: String
        package var isDemonstrationDate: Bool
        package var hasDemoData: Bool
        /// What it was read at.
        package var head: Head
        /// By code, those without a commitment too.
        package var regions: [RegionSummary]
        /// By id; a page of them.
        package var commitments: [Commitment]
        /// The cursor of the next page.
        package var next: String?

        package init(
            asOf: String,
            isDemonstrationDate: Bool,
            hasDemoData: Bool,
            head: Head,
            regions: [RegionSummary],
            commitments: [Commitment],
            next: String? = nil
        ) {
            self.asOf = asOf
            self.isDemonstrationDate = isDemonstrationDate
            self.hasDemoData = hasDemoData
            self.head = head
            self.regions = regions
            self.commitments = commitments
            self.next = next
        }
    }
}
