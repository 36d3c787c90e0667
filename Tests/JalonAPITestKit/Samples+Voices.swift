package import JalonSchema

extension Samples {
    /// A commitment that has gone through everything: co-signed in part, amended, disputed, attested and superseded.
    package static var eventful: API.Commitment {
        var commitment = commitment(
            "CN-JS-2020-001",
            API.Name(code: "CN-JS", name: API.LocalizedText(zh: "江苏", en: "Jiangsu", fr: "Jiangsu")),
            title: API.LocalizedText(zh: "部门数据共享", en: "Shared data"),
            status: .superseded,
            value: "12"
        )
        commitment.life = "superseded"
        commitment.lifeChange = API.SignedStep(
            transaction: digest(60),
            issuer: "cn-js",
            height: 6,
            timestamp: 6,
            text: "<i>registered twice"
        )
        commitment.successor = "CN-JS-2020-002"
        commitment.joint = ["cn-hb", "cn-he"]
        commitment.jointSignatures = API.Cosignatures(
            required: 2,
            named: ["cn-hb", "cn-he"],
            signed: ["cn-hb"],
            missing: ["cn-he"]
        )
        commitment.counterparties = API.Counterparties(required: 1, members: ["cn-hn"])
        commitment.pendingMilestoneCount = 1
        commitment.openDisputeCount = 1
        commitment.disputes = disputes
        commitment.versions = [
            API.CommitmentVersion(
                number: 1,
                transaction: digest(9),
                issuer: "cn-js",
                height: 1,
                timestamp: 1,
                target: API.Target(op: .ge, value: "30000")
            ),
            API.CommitmentVersion(
                number: 2,
                transaction: digest(10),
                issuer: "cn-js",
                height: 2,
                timestamp: 2,
                target: API.Target(op: .ge, value: "1000"),
                change: "material",
                changed: ["target"],
                reasonCode: "budget",
                reason: "<b>less money"
            ),
        ]
        commitment.status.original = .behind
        commitment.status.explanation = [
            API.ExplanationStep(rule: "life", text: "the commitment is superseded")
        ]
        commitment.lastMilestone?.isPending = true
        commitment.lastMilestone?.cosignatures = API.Cosignatures(
            required: 1,
            named: ["cn-hn"],
            signed: [],
            missing: ["cn-hn"]
        )
        commitment.lastMilestone?.attestations = attestations
        return commitment
    }

    package static let attestations = [
        API.Attestation(
            id: digest(30),
            commitment: "CN-JS-2020-001",
            milestone: digest(77),
            auditor: "auditor",
            verdict: "refuted",
            method: "site visit",
            reason: "<b>three of five do not run",
            height: 3,
            timestamp: 3
        ),
        API.Attestation(
            id: digest(31),
            commitment: "CN-JS-2020-001",
            milestone: digest(77),
            auditor: "auditor-2",
            verdict: "confirmed",
            method: "documents",
            sample: "one in ten",
            reason: "as reported",
            height: 4,
            timestamp: 4,
            revoked: API.SignedStep(
                transaction: digest(32),
                issuer: "auditor-2",
                height: 5,
                timestamp: 5,
                text: "counted twice"
            )
        ),
    ]

    package static let disputes = [
        API.Dispute(
            id: digest(40),
            commitment: "CN-JS-2020-001",
            opener: "auditor",
            respondent: "cn-js",
            ground: "wrongRegion",
            text: "<b>the plan is another's",
            state: .upheld,
            height: 3,
            timestamp: 3,
            answer: API.SignedStep(
                transaction: digest(41),
                issuer: "cn-js",
                height: 4,
                timestamp: 4,
                text: "it was a slip"
            ),
            resolution: API.SignedStep(
                transaction: digest(42),
                issuer: "regulator",
                height: 5,
                timestamp: 5,
                text: "supersede it"
            )
        ),
        API.Dispute(
            id: digest(43),
            commitment: "CN-JS-2020-001",
            milestone: digest(77),
            opener: "cn-hb",
            respondent: "cn-js",
            ground: "wrongValue",
            text: "too high",
            state: .open,
            height: 4,
            timestamp: 4
        ),
    ]

    package static let directives = [
        API.Directive(
            id: digest(50),
            from: "regulator",
            to: "cn-he",
            commitment: "CN-HE-2020-001",
            due: "2021-07-31",
            title: API.LocalizedText(zh: "请说明进展", en: "Explain the progress"),
            text: API.LocalizedText(zh: "请说明为何滞后。", en: "Say why it is behind."),
            height: 3,
            timestamp: 3,
            acknowledgement: API.SignedStep(
                transaction: digest(51),
                issuer: "cn-he",
                height: 4,
                timestamp: 4
            ),
            replies: [
                API.SignedStep(
                    transaction: digest(52),
                    issuer: "cn-he",
                    height: 5,
                    timestamp: 5,
                    text: "in August",
                    isLate: true
                )
            ]
        )
    ]

    package static let delegations = [
        API.Delegation(
            key: digest(90),
            member: "cn-hn",
            types: ["milestone.report"],
            isForAll: false,
            commitments: ["CN-HN-2020-001"],
            expires: 1_640_966_399_000,
            isInForce: true,
            transaction: digest(91),
            height: 2,
            timestamp: 2
        )
    ]
}
