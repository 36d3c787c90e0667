import ArgumentParser
import Foundation
import JalonNode

/// The program: parses its arguments, runs one command, and ends with the code that ``ProgramExit`` gives the outcome.
@main
struct Program {
    static func main() async {
        exit(await run(Array(CommandLine.arguments.dropFirst())).rawValue)
    }

    /// Runs one command.
    ///
    /// - Parameter arguments: Without the program's name.
    /// - Returns: The process' exit code; what there is to say was said.
    static func run(_ arguments: [String]) async -> ProgramExit {
        do {
            var command = try Jalon.parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return .ok
        } catch {
            return report(error, arguments)
        }
    }

    /// Says what went wrong, in the form that was asked for.
    private static func report(_ error: any Error, _ arguments: [String]) -> ProgramExit {
        // Help, the version and completions are asked for by an error of the parser's that is none.
        if !(error is Failure), Jalon.exitCode(for: error) == .success {
            Output.standard.line(Jalon.fullMessage(for: error))
            return .ok
        }
        let isParsers = !(error is Failure) && Jalon.exitCode(for: error) == .validationFailure
        let failure = isParsers ? Jalon.unknownCommand(in: arguments) ?? Failure(error) : Failure(error)
        let isJSON = arguments.contains("--json")
        Output(isJSON: isJSON).fail(failure)
        return failure.status
    }
}

/// The root of all commands.
struct Jalon: AsyncParsableCommand {
    /// The program's version.
    static let version = Node.version

    static let configuration = CommandConfiguration(
        commandName: "jalon",
        abstract: "A ledger on which each region records what it promised and how far it has come.",
        discussion: """
            Exit codes: 0 ok, 1 this machine is in the way (a folder, a port, a disk), 2 usage or configuration,
            3 refused by a rule, 4 verification failed, 5 no node can be reached, 6 not confirmed in time (it may yet be
            recorded).
            """,
        version: version,
        subcommands: [
            Devnet.self, MemberCommand.self, NetworkCommand.self, Join.self, NodeCommand.self,
            KeyCommand.self, GovernanceCommand.self, DrillCommand.self,
            PlanCommand.self, CommitmentCommand.self, MilestoneCommand.self, CosignCommand.self,
            AttestCommand.self, DisputeCommand.self, DirectiveCommand.self, DelegationCommand.self,
            TransactionCommand.self,
            Status.self,
            FeedCommand.self, EvidenceCommand.self, ReceiptCommand.self, ProofCommand.self, Verify.self,
            ExportCommand.self, ImportCommand.self, SnapshotCommand.self, Backup.self, Restore.self,
            IndexCommand.self, ArchiveCommand.self,
            Completions.self,
        ]
    )
}

extension Jalon {
    /// What to say where a word stands in the place of a command and is none; `nil` where all are.
    static func unknownCommand(in arguments: [String]) -> Failure? {
        func name(_ command: any ParsableCommand.Type) -> String? { command.configuration.commandName }
        var command: any ParsableCommand.Type = Jalon.self
        var path = "jalon"
        for word in arguments {
            let commands = command.configuration.subcommands
            guard !commands.isEmpty, word != "help", !word.hasPrefix("-") else { return nil }
            guard let next = commands.first(where: { name($0) == word }) else {
                let names = commands.compactMap(name)
                let meant = NearestName.nearest(to: word, among: names).map { "Did you mean '\($0)'? " } ?? ""
                return .usage("there is no command '\(path) \(word)'", next: "\(meant)See: \(path) --help")
            }
            command = next
            path += " \(word)"
        }
        return nil
    }
}

/// `jalon completions`: what a shell needs to complete the commands.
struct Completions: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completions",
        abstract: "Print the completion script of a shell.",
        discussion: "For example: jalon completions bash > /etc/bash_completion.d/jalon"
    )

    @Argument(help: "bash, zsh or fish.")
    var shell: Shell

    enum Shell: String, CaseIterable, ExpressibleByArgument {
        case bash, zsh, fish
    }

    func run() throws {
        let shell: CompletionShell =
            switch shell {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        Output.standard.line(Jalon.completionScript(for: shell))
    }
}
