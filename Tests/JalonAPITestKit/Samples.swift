import JalonCodec
import JalonCrypto
package import JalonModel
package import JalonSchema

/// Values such as a node gives.
package enum Samples {
    /// A title that would run if it were not escaped.
    package static let hostileTitle = "<script>alert(\"x\")</script> & 'more'"

    package static func digest(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 64 - digits.count) + digits
    }

    /// Bytes that say what was asked for.
    package static func file(_ kind: String, _ name: String) -> [UInt8] { Array("\(kind) \(name)".utf8) }

    package static func head(_ height: UInt64) -> API.Head {
        API.Head(
            height: height,
            block: digest(height),
            stateRoot: digest(height + 1_000),
            logSize: height,
            logRoot: digest(height + 2_000),
            epoch: 0,
            view: height,
            timestamp: 1_625_097_600_000 + height
        )
    }

    package static func header(_ height: UInt64) -> API.Header {
        API.Header(
            id: digest(height),
            height: height,
            chain: FakeLedger.chain,
            epoch: 0,
            view: height,
            parentView: height,
            parent: digest(height),
            timestamp: 1_625_097_600_000 + height,
            leader: 0,
            logSize: height,
            logRoot: digest(0),
            bodyByteCount: 0,
            stateRoot: digest(height + 1_000),
            validatorsHash: digest(1),
            nextValidatorsHash: digest(1),
            encoded: "80"
        )
    }

    package static let governance = API.Governance(
        height: 3,
        epoch: 1,
        validators: ["cn-gz", "cn-he", "cn-hn", "cn-js"],
        quorum: 3,
        parameters: ["delta": "500", "activation": "automatic", "onTrack": "900000", "atRisk": "700000"],
        proposals: [
            API.Proposal(
                id: String(repeating: "ab", count: 32),
                action: "member.admit",
                summary: API.LocalizedText(zh: "接纳成员 cn-bj", en: "admit cn-bj", fr: "d’admettre cn-bj"),
                member: "cn-bj",
                reason: "北京市加入",
                proposer: "cn-hn",
                height: 2,
                outcome: "open",
                votes: [API.ProposalVote(member: "cn-hn", ballot: "yes")],
                yes: 1,
                no: 0,
                voters: 4,
                needed: 3
            )
        ],
        pending: [
            API.PendingChange(
                id: String(repeating: "cd", count: 32),
                member: "cn-hb",
                change: "seat",
                height: 1,
                expires: 1_700_000_000_000
            )
        ],
        next: [
            API.NextValidators(
                members: ["cn-gz", "cn-hb", "cn-he", "cn-hn", "cn-js"],
                quorum: 4,
                ready: ["cn-gz", "cn-hn"],
                changes: [String(repeating: "cd", count: 32)]
            )
        ]
    )

    /// A validator that voted for two blocks in one view.
    package static let misconduct = API.MisconductList(
        evidence: [
            API.Misconduct(
                member: "cn-he",
                validator: 2,
                epoch: 0,
                view: 7,
                votes: [
                    API.ContradictingVote(kind: "notarize", block: digest(1)),
                    API.ContradictingVote(kind: "notarize", block: digest(2)),
                ],
                proof: "gIA="
            )
        ]
    )

    package static let hebei = API.Name(
        code: "CN-HE",
        name: API.LocalizedText(zh: "河北", en: "Hebei", fr: "Hebei")
    )
    package static let hubei = API.Name(
        code: "CN-HB",
        name: API.LocalizedText(zh: "湖北", en: "Hubei", fr: "Hubei")
    )
    package static let hunan = API.Name(
        code: "CN-HN",
        name: API.LocalizedText(zh: "湖南", en: "Hunan", fr: "Hunan")
    )

    package static let members = [hebei, hubei, hunan].map { region in
        API.Member(
            id: region.code.lowercased(),
            name: API.LocalizedText(zh: region.code),
            region: region,
            roles: ["province"],
            isValidator: true
        )
    }

    package static let plans = [
        API.Plan(
            id: "CN-HN-2020-P1",
            region: hunan,
            title: API.LocalizedText(zh: "湖南省规划"),
            issuer: "湖南省",
            published: API.CalendarDate(date: "2020-04-26", precision: "day", basis: "explicit"),
            source: API.Source(kind: "press"),
            commitmentCount: 1,
            transaction: digest(1),
            height: 1
        )
    ]

    package static let commitments = [
        commitment("CN-HB-2020-001", hubei, title: API.LocalizedText(zh: "20家领军企业"), status: .noData),
        commitment(
            "CN-HE-2020-001",
            hebei,
            title: API.LocalizedText(zh: "培育20家", en: hostileTitle),
            status: .behind
        ),
        commitment(
            "CN-HN-2020-001",
            hunan,
            title: API.LocalizedText(zh: "推动3万家企业上链", en: "Put 30 000 on chain"),
            status: .atRisk,
            value: "9500"
        ),
    ]

    package static func commitment(
        _ id: String,
        _ region: API.Name,
        title: API.LocalizedText,
        status: API.StatusCode,
        value: String? = nil
    ) -> API.Commitment {
        let milestone = value.map { value in
            API.Milestone(
                id: digest(77),
                commitment: id,
                issuer: region.code.lowercased(),
                periodEnd: "2021-06-30",
                value: value,
                valueStatus: "normal",
                evidence: [
                    API.Evidence(
                        name: "<b>q2.pdf",
                        mediaType: "application/pdf",
                        byteCount: 1,
                        sha256: digest(5),
                        access: "public"
                    )
                ],
                isFinal: false,
                isFictional: true,
                life: .effective,
                verificationLevel: "L1",
                height: 1,
                position: 0,
                timestamp: 1
            )
        }
        return API.Commitment(
            id: id,
            plan: "\(region.code)-2020-P1",
            region: region,
            title: title,
            sectors: [API.Name(code: "industry")],
            indicator: API.Indicator(
                code: "ENT_ONCHAIN",
                unit: API.Name(code: "enterprise", name: API.LocalizedText(zh: "家企业", en: "enterprises")),
                scale: 0,
                measure: "count",
                accumulation: "cumulative",
                direction: "up"
            ),
            baseline: "0",
            target: API.Target(op: .ge, value: "30000"),
            start: "2020-04-26",
            deadline: API.CalendarDate(date: "2022-12-31", precision: "year", basis: "explicit"),
            curve: "linear",
            reporting: API.Reporting(every: "yearly", firstDue: "2021-04-26", graceDays: 90),
            minimumLevel: "L1",
            source: API.Source(kind: "press", quote: "« \(hostileTitle) »", url: "javascript:alert(1)"),
            life: "active",
            versions: [],
            status: API.CommitmentStatus(
                asOf: "2021-07-01",
                current: status,
                original: status,
                value: value,
                measuredAt: value.map { _ in "2021-06-30" },
                expected: value.map { _ in "13176" },
                ratio: value.map { _ in 721_007 },
                isFictional: value != nil
            ),
            lastMilestone: milestone,
            milestoneCount: milestone == nil ? 0 : 1,
            transaction: digest(9),
            height: 1
        )
    }

    package static func regions(of commitments: [API.Commitment]) -> [API.RegionSummary] {
        [hubei, hebei, hunan].map { region in
            let own = commitments.filter { $0.region == region }
            let counts = API.StatusCode.allCases.compactMap { status in
                let count = own.filter { $0.status.current == status }.count
                return count > 0 ? API.StatusCount(status: status, count: count) : nil
            }
            let codes = Set(own.flatMap(\.sectors).map(\.code)).sorted()
            let sectors = codes.map { code in
                let count = own.filter { $0.sectors.contains { $0.code == code } }.count
                return API.SectorCount(sector: API.Name(code: code), count: count)
            }
            return API.RegionSummary(region: region, commitments: own.count, counts: counts, sectors: sectors)
        }
    }

    /// A well-formed transaction with a signature of the right length; it is verified by nobody here.
    package static func transaction(
        about subject: String = "CN-HN-2020-001",
        number: UInt8 = 1,
        paddedTo byteCount: Int = 0
    ) throws -> Transaction {
        var body = CBOREncoder(capacity: byteCount + 64)
        body.encodeMap { map in
            map.field("type") { $0.encode("milestone.report") }
            map.field("padding") { $0.encode(bytes: [UInt8](repeating: 7, count: byteCount)) }
        }
        guard let subject = SubjectID(subject), let issuer = MemberID("cn-hn") else { throw BadSample() }
        return try Transaction.signed(
            body: body.bytes,
            subject: subject,
            issuer: issuer,
            chain: ChainID(Digest.zero),
            nonce: [UInt8](repeating: number, count: 16),
            expires: Timestamp(1_625_097_600_000),
            key: PrivateKey(seed: [UInt8](repeating: 5, count: 32))
        )
    }

    private struct BadSample: Error {}
}
