import ArgumentParser
import Foundation
import JalonClient
import JalonCrypto
import JalonModel
import JalonNode
import JalonSchema

/// `jalon evidence`: validators that contradicted themselves.
struct EvidenceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evidence",
        abstract: "Validators that were caught voting twice, with the proof.",
        subcommands: [List.self, Check.self]
    )

    /// `jalon evidence list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what a node holds; with --json in the form that check reads."
        )

        @OptionGroup var node: NodeOptions
        @OptionGroup var format: OutputOptions

        func run() async throws {
            let output = format.output
            let list = try await node.client().evidence()
            if output.isJSON { return output.json(list) }
            guard !list.evidence.isEmpty else {
                return output.note("No validator was caught contradicting itself.")
            }
            output.table(
                ["member", "epoch", "view", "votes"],
                list.evidence.map { [$0.member, "\($0.epoch)", "\($0.view)", $0.words] }
            )
        }
    }

    /// `jalon evidence check`.
    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Verify evidence with the genesis alone: both signatures, and that the votes contradict each other.",
            discussion: "jalon evidence list --json > evidence.json makes the file."
        )

        @Argument(help: "The file that 'jalon evidence list --json' printed.")
        var file: String

        @Option(help: ArgumentHelp("The network's genesis file.", valueName: "file"))
        var genesis: String

        @OptionGroup var format: OutputOptions

        func run() async throws {
            let output = format.output
            let genesis = try GenesisFile.load(at: genesis)
            let list = try EvidenceCommand.list(in: file)
            for entry in list.evidence {
                guard let reason = entry.fault(in: genesis) else { continue }
                throw Failure(
                    "E_VERIFICATION",
                    "the evidence against \(entry.member) in view \(entry.view) proves nothing: \(reason)",
                    status: .verificationFailed
                )
            }
            output.done(
                "\(Format.count(list.evidence.count, "pair")) of contradicting votes, every signature is valid"
            )
        }
    }

    private static func list(in file: String) throws -> API.MisconductList {
        do {
            let data = try Data(contentsOf: URL(fileURLWithPath: file))
            return try JSONDecoder().decode(API.MisconductList.self, from: data)
        } catch {
            throw Failure.usage("\(file) is not what 'jalon evidence list --json' prints: \(error)")
        }
    }
}

extension API.Misconduct {
    /// Both votes in a few words.
    var words: String {
        votes.map { vote in "\(vote.kind)\(vote.block.map { " " + Format.short($0) } ?? "")" }
            .joined(separator: " and ")
    }

    /// Why the proof does not show what the entry says; `nil` where it does.
    func fault(in genesis: Genesis) -> String? {
        guard let bytes = Data(base64Encoded: proof),
            case .evidence(let pair) = try? PeerMessage(kind: .evidence, body: Array(bytes)[...])
        else { return "it is not two contradicting votes" }
        let context = VotingContext(
            network: genesis.network,
            chain: genesis.chain,
            epoch: Epoch(0),
            validators: genesis.validators
        )
        guard pair.first.epoch == context.epoch else { return "it is of epoch \(pair.first.epoch)" }
        guard genesis.validators[pair.first.signer]?.member.text == member, pair.first.view.value == view
        else { return "its votes are another validator's, or of another view" }
        guard pair.verified(in: context, by: KeySignatureVerifier()) != nil else {
            return "a signature is not valid"
        }
        return nil
    }
}
