import ArgumentParser
import Foundation
import JalonClient
import JalonCrypto
import JalonModel
import JalonNode
import JalonSchema
import JalonState

/// `jalon evidence`: validators that contradicted themselves, and documents that transactions name.
struct EvidenceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evidence",
        abstract:
            "List validators that were caught voting twice; compare a document with its digest on the ledger.",
        subcommands: [List.self, Check.self]
    )

    /// `jalon evidence list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract:
                "List the contradicting votes that a node holds; with --json in the form that check reads.",
            discussion: "For example: jalon evidence list --json > evidence.json"
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
            commandName: "check",
            abstract:
                "Compare a document with what a transaction says of it, or verify votes that contradict each other.",
            discussion: """
                With --tx or --proof FILE is a document, and its SHA-256 must be one that the transaction names. A node
                is asked for the transaction; with --genesis its proof is checked too, so that the node needs no trust,
                and with --proof none is asked at all. With --genesis alone FILE is what 'jalon evidence list --json'
                printed, and each pair of votes is verified; of votes of later epochs any proof file of then tells who the
                validators were: --epochs. For example:
                jalon evidence check q2.pdf --tx 9a40…
                jalon evidence check q2.pdf --proof 9a40cafe.proof --genesis genesis.cbor
                jalon evidence check evidence.json --genesis genesis.cbor
                """
        )

        @Argument(help: "A document; or the file that 'jalon evidence list --json' printed.")
        var file: String

        @Option(help: ArgumentHelp("The transaction that should name the document.", valueName: "id"))
        var tx: String?

        @Option(help: ArgumentHelp("That transaction's proof file, instead of a node.", valueName: "file"))
        var proof: String?

        @Option(help: ArgumentHelp("The network's genesis file.", valueName: "file"))
        var genesis: String?

        @Option(
            help: ArgumentHelp(
                "For votes of epochs after the first: a proof file that reaches so far, from jalon proof get.",
                valueName: "file"
            )
        )
        var epochs: String?

        @OptionGroup var node: NodeOptions
        @OptionGroup var format: OutputOptions

        func validate() throws {
            guard tx == nil || proof == nil else {
                throw ValidationError(
                    "give --tx ID or --proof FILE: one of them says which transaction it is"
                )
            }
            guard proof == nil || genesis != nil else {
                throw ValidationError("--proof needs --genesis FILE to be checked with")
            }
            guard tx != nil || genesis != nil else {
                throw ValidationError(
                    "what is \(file)? For a document give --tx ID, for votes that contradict each other --genesis FILE"
                )
            }
        }

        func run() async throws {
            let output = format.output
            if let proof, let genesis {
                let digest = try EvidenceFile.digest(of: file, file).0
                return try ProofCommand.check(proof, genesis: genesis, document: digest, output)
            }
            if let tx {
                let id = try await ArgumentValue.transaction(tx, asking: try node.client())
                return try await checkDocument(id, output)
            }
            try checkVotes(output)
        }

        private func checkDocument(_ id: TransactionID, _ output: Output) async throws {
            let client = try node.client()
            let digest = try EvidenceFile.digest(of: file, file).0
            if let genesis {
                let genesis = try GenesisFile.load(at: genesis)
                let bytes = try await client.proof(of: id)
                guard (try? Proof.decode(bytes))?.statement?.transaction.id == id else {
                    throw ClientError.badAnswer(
                        address: client.address,
                        reason: "another transaction's proof"
                    )
                }
                return try ProofCommand.check(
                    bytes,
                    of: "what the node answered",
                    genesis: genesis,
                    document: digest,
                    output
                )
            }
            let bytes = try await client.transactionBytes(id)
            guard let transaction = try? Transaction(bytes: bytes), transaction.id == id else {
                throw ClientError.badAnswer(address: client.address, reason: "another transaction's bytes")
            }
            let documents = (try? transaction.content.get())?.documents ?? []
            guard let document = documents.first(where: { $0.sha256 == digest }) else {
                let named = documents.map { "\($0.name) \($0.sha256)" }.joined(separator: ", ")
                throw Failure(
                    "E_VERIFICATION",
                    "\(file) is none of the files that the transaction names: its SHA-256 is \(digest)",
                    next: "Named: \(named.isEmpty ? "none" : named)",
                    status: .verificationFailed
                )
            }
            if output.isJSON {
                return output.json(
                    Match(file: file, name: "\(document.name)", sha256: digest.hex, transaction: id.hex)
                )
            }
            output.done("\(file) is \(document.name), as transaction \(Format.short(id.hex)) names it")
            output.line("  SHA-256 \(digest)")
            output.line(
                "  That the transaction is final is the node's word. To check that too: --genesis FILE"
            )
        }

        private struct Match: Encodable {
            let file: String
            let name: String
            let sha256: String
            let transaction: String
        }

        private func checkVotes(_ output: Output) throws {
            let genesis = try GenesisFile.load(at: genesis ?? "")
            let list = try EvidenceCommand.list(in: file)
            let contexts = try epochs.map { try ProofCommand.contexts(of: $0, genesis: genesis) }
            for entry in list.evidence {
                guard let reason = entry.fault(in: genesis, contexts) else { continue }
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
    ///
    /// `contexts` are those of the epochs from the first on, as far as they are proven.
    func fault(in genesis: Genesis, _ contexts: [VotingContext]? = nil) -> String? {
        guard let bytes = Data(base64Encoded: proof),
            case .evidence(let pair) = try? PeerMessage(kind: .evidence, body: Array(bytes)[...])
        else { return "it is not two contradicting votes" }
        let first = VotingContext(
            network: genesis.network,
            chain: genesis.chain,
            epoch: Epoch(0),
            validators: genesis.validators
        )
        guard let context = (contexts ?? [first]).first(where: { $0.epoch == pair.first.epoch }) else {
            return "it is of epoch \(pair.first.epoch), whose validators are not known: give --epochs FILE"
        }
        guard context.validators[pair.first.signer]?.member.text == member, pair.first.view.value == view
        else { return "its votes are another validator's, or of another view" }
        guard pair.verified(in: context, by: KeySignatureVerifier()) != nil else {
            return "a signature is not valid"
        }
        return nil
    }
}
