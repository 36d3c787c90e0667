import ArgumentParser
import JalonClient
import JalonModel
import JalonNode
import JalonSchema

extension CommitmentCommand {
    /// `jalon commitment amend`.
    struct Amend: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "amend",
            abstract: "Change an active commitment; the original stays and keeps being judged.",
            discussion: """
                jalon commitment amend CN-HN-2020-001 --value 1000 --reason-code budget \
                --reason 'half of the budget was cut' --key cn-hn.pem
                With --file, the fields of a YAML file change; each is written as in Config/demo/commitments.yaml, and
                optional ones that go are named under 'removes', for example 'removes: [deadline]'.
                """
        )

        @Argument(help: "The commitment's id.")
        var id: CommitmentID

        @OptionGroup(title: "Changes") var changes: ChangeOptions

        @Option(
            name: .customLong("class"),
            help: """
                editorial (words) or material (the promise itself); by itself material where more than title, \
                description, sectors, themes, related and source change.
                """
        )
        var amendmentClass: String?

        @Option(help: "Why, in words; everybody can read it.")
        var reason: String

        @Option(help: ArgumentHelp("Why, as a code of the office's own.", valueName: "code"))
        var reasonCode = "amendment"

        @Option(
            help: ArgumentHelp(
                "The version that this one was written against (default: the one in force).",
                valueName: "number"
            )
        )
        var expectedVersion: UInt64?

        @OptionGroup var send: SendOptions

        func run() async throws {
            let code = try ArgumentValue.identifier(reasonCode, "--reason-code", ReasonCode.self)
            let reason = try ArgumentValue.text(reason, "--reason")
            let given = try amendmentClass.map {
                try ArgumentValue.choice($0, "--class", AmendmentClass.self)
            }
            try await send.send { _, client in
                let commitment = try await client.commitment(id)
                let (changes, removes) = try changes.read(for: commitment)
                let isEditorial = (changes.fields + removes).allSatisfy(\.isEditorial)
                return [
                    .commitmentAmend(
                        CommitmentAmend(
                            id: id,
                            expectedVersion: expectedVersion ?? UInt64(max(1, commitment.version)),
                            amendmentClass: given ?? (isEditorial ? .editorial : .material),
                            changes: changes,
                            removes: removes,
                            reasonCode: code,
                            reason: reason
                        )
                    )
                ]
            } summary: { client, output in
                let commitment = try await client.commitment(id)
                let status = commitment.status
                output.line("  version \(commitment.version) is in force: \(commitment.target.text)")
                output.line(
                    "  judged by the original \(status.original.words), by the version in force "
                        + "\(status.current.words)"
                )
            }
        }
    }
}

/// What of a commitment changes.
struct ChangeOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Read the changes from a YAML file.", valueName: "file"))
    var file: String?

    @Option(parsing: .unconditional, help: "The target's new value; its operator stays.")
    var value: String?

    @Option(help: ArgumentHelp("The new deadline: a day, or a year for its end.", valueName: "day"))
    var deadline: String?

    @Option(help: "The new title in Chinese.")
    var titleZh: String?

    @Option(help: "The new title in English.")
    var titleEn: String?

    @Option(help: "The new title in French.")
    var titleFr: String?

    @Option(
        help: ArgumentHelp(
            "An optional field that goes: description, baseline, deadline, counterparties or source; repeatable.",
            valueName: "field"
        )
    )
    var remove: [String] = []

    /// The changes of the file with those of the options over them.
    func read(for commitment: API.Commitment) throws -> (CommitmentChanges, removes: [CommitmentField]) {
        let input = try file.map { try AmendmentInput(file: $0) }
        var changes = input?.changes ?? CommitmentChanges()
        if let value { changes.target = try target(value, instead: commitment.target) }
        if let deadline { changes.deadline = try date(deadline) }
        if titleZh != nil || titleEn != nil || titleFr != nil {
            // What is not given stays as it is.
            changes.title = try ArgumentValue.localized(
                zh: titleZh ?? commitment.title.zh,
                en: titleEn ?? commitment.title.en,
                fr: titleFr ?? commitment.title.fr,
                "--title",
                limit: .title
            )
        }
        let removed = try remove.map { try ArgumentValue.choice($0, "--remove", CommitmentField.self) }
        let removes = (input?.removes ?? []) + removed
        guard !changes.fields.isEmpty || !removes.isEmpty else {
            throw Failure.usage(
                "nothing is to change",
                next: "Give --file, --value, --deadline, --title-zh or --remove."
            )
        }
        return (changes, removes)
    }

    private func target(_ value: String, instead target: API.Target) throws -> Target {
        let value = try ArgumentValue.decimal(value, "--value")
        switch target.op {
        case .ge: return .bound(.ge, value)
        case .gt: return .bound(.gt, value)
        case .le: return .bound(.le, value)
        case .lt: return .bound(.lt, value)
        case .approx:
            return .approx(value, tolerance: try ArgumentValue.decimal(target.tolerance ?? "0", "tolerance"))
        case .range, .checklist, .level:
            throw Failure.usage(
                "--value fits a target with one value, this one is \(target.text)",
                next: "Write the whole target into a file: --file FILE"
            )
        }
    }

    private func date(_ text: String) throws -> CalendarDate {
        let isYear = text.utf8.count == 4
        let day = try ArgumentValue.day(isYear ? "\(text)-12-31" : text, "--deadline")
        guard let date = CalendarDate(date: day, precision: isYear ? .year : .day, basis: .explicit) else {
            throw Failure.usage("--deadline is '\(text)', expected a day or a year")
        }
        return date
    }
}

extension API.Commitment {
    /// The number of the version in force.
    var version: Int { versions.last?.number ?? 1 }
}
