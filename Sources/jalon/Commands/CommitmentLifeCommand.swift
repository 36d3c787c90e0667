import ArgumentParser
import JalonClient
import JalonModel
import JalonSchema

// The steps in a commitment's life: each a command of its own, because each is somebody else's to take.

/// Which commitment takes a step, and why: everybody can read it.
struct LifeOptions: ParsableArguments {
    @Argument(help: "The commitment's id.")
    var id: CommitmentID

    @Option(help: "Why, in words; everybody can read it.")
    var reason: String

    @OptionGroup var send: SendOptions
}

/// Which commitment takes a step that needs no reason.
struct RegulatorLifeOptions: ParsableArguments {
    @Argument(help: "The commitment's id.")
    var id: CommitmentID

    @Option(help: "Why, in words, where there is something to say.")
    var reason: String?

    @OptionGroup var send: SendOptions
}

extension CommitmentCommand {
    /// Signs one step, sends it, and says where the commitment stands then.
    static func take(
        _ step: LifeStep,
        _ id: CommitmentID,
        reason: String?,
        successor: CommitmentID? = nil,
        _ send: SendOptions,
        meaning: String
    ) async throws {
        let reason = try reason.map { try ArgumentValue.text($0, "--reason") }
        try await send.send { _, _ in
            [.commitmentTransition(CommitmentTransition(step, id, reason: reason, successor: successor))]
        } summary: { client, output in
            output.line("  " + (try await client.commitment(id).standing(MemberNames(asking: client))))
            output.line("  \(meaning)")
        }
    }

    /// `jalon commitment activate`.
    struct Activate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "activate",
            abstract: "Let a proposal count, as a regulator of a network that asks for it.",
            discussion: "jalon commitment activate CN-HN-2020-001 --key regulator.pem"
        )

        @OptionGroup var life: RegulatorLifeOptions

        func run() async throws {
            try await CommitmentCommand.take(
                .activate,
                life.id,
                reason: life.reason,
                life.send,
                meaning: "Milestones may be reported from now on: jalon milestone report \(life.id)"
            )
        }
    }

    /// `jalon commitment return`.
    struct Return: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "return",
            abstract: "Send a proposal back, as a regulator; it stays readable.",
            discussion:
                "jalon commitment return CN-HN-2020-001 --reason 'the quote is missing' --key regulator.pem"
        )

        @OptionGroup var life: RegulatorLifeOptions

        func run() async throws {
            try await CommitmentCommand.take(
                .return,
                life.id,
                reason: life.reason,
                life.send,
                meaning:
                    "It stays readable. A better one is proposed under a new id: jalon commitment propose"
            )
        }
    }

    /// `jalon commitment withdraw`.
    struct Withdraw: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "withdraw",
            abstract: "Take a proposal back before it is active; it stays readable.",
            discussion: "jalon commitment withdraw CN-HN-2020-001 --reason 'entered twice' --key cn-hn.pem"
        )

        @OptionGroup var life: LifeOptions

        func run() async throws {
            try await CommitmentCommand.take(
                .withdraw,
                life.id,
                reason: life.reason,
                life.send,
                meaning: "It stays readable and can't become active any more."
            )
        }
    }

    /// `jalon commitment cancel`.
    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "cancel",
            abstract: "Give up an active commitment; it stays readable with its history.",
            discussion:
                "jalon commitment cancel CN-HN-2020-001 --reason 'the programme was ended' --key cn-hn.pem"
        )

        @OptionGroup var life: LifeOptions

        func run() async throws {
            try await CommitmentCommand.take(
                .cancel,
                life.id,
                reason: life.reason,
                life.send,
                meaning: "It stays readable with its history and takes no milestones any more."
            )
        }
    }

    /// `jalon commitment supersede`.
    struct Supersede: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "supersede",
            abstract: "Put another commitment in the place of this one, which stays readable.",
            discussion: """
                jalon commitment supersede CN-HB-2020-001 --successor CN-HE-2020-001 \
                --reason 'registered under the wrong region' --key cn-hb.pem
                The successor is proposed before.
                """
        )

        @Option(help: ArgumentHelp("The commitment that stands in its place.", valueName: "id"))
        var successor: CommitmentID

        @OptionGroup var life: LifeOptions

        func run() async throws {
            try await CommitmentCommand.take(
                .supersede,
                life.id,
                reason: life.reason,
                successor: successor,
                life.send,
                meaning: "What stands in its place: jalon commitment show \(successor)"
            )
        }
    }

    /// `jalon commitment suspend`.
    struct Suspend: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "suspend",
            abstract: "Halt an active commitment for a while.",
            discussion: "jalon commitment suspend CN-HN-2020-001 --reason 'flood' --key cn-hn.pem"
        )

        @OptionGroup var life: LifeOptions

        func run() async throws {
            try await CommitmentCommand.take(
                .suspend,
                life.id,
                reason: life.reason,
                life.send,
                meaning: "To go on: jalon commitment resume \(life.id) --reason …"
            )
        }
    }

    /// `jalon commitment resume`.
    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "resume",
            abstract: "Go on with a suspended commitment.",
            discussion: "jalon commitment resume CN-HN-2020-001 --reason 'work goes on' --key cn-hn.pem"
        )

        @OptionGroup var life: LifeOptions

        func run() async throws {
            try await CommitmentCommand.take(
                .resume,
                life.id,
                reason: life.reason,
                life.send,
                meaning: "Its deadline is what it was: jalon status --explain \(life.id)"
            )
        }
    }

    /// `jalon commitment close`.
    struct Close: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "close",
            abstract: "Close a commitment after its final milestone.",
            discussion: """
                jalon commitment close CN-HN-2020-001 --reason 'reached and checked' --key cn-hn.pem
                A final milestone stands before: jalon milestone report … --final
                """
        )

        @OptionGroup var life: LifeOptions

        func run() async throws {
            try await CommitmentCommand.take(
                .close,
                life.id,
                reason: life.reason,
                life.send,
                meaning: "What was reached stays judged: jalon status --explain \(life.id)"
            )
        }
    }
}
