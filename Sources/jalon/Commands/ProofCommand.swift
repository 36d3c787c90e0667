import ArgumentParser
import Foundation
import JalonClient
import JalonCrypto
import JalonModel
import JalonNode
import JalonState

/// `jalon proof`: files that anybody checks with the genesis alone.
struct ProofCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proof",
        abstract: "Fetch a proof file, or check one offline with nothing but the genesis.",
        subcommands: [Get.self, Check.self]
    )

    /// `jalon proof get`.
    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "get",
            abstract: "Fetch a proof file from a node, which needs not be trusted.",
            discussion: """
                Of a transaction and what the state holds of it now; of what the state holds at a path, or that it holds
                nothing there; or that the log of a block begins with that of an earlier one. For example:
                jalon proof get --tx 9a40…
                jalon proof get --path commitment/CN-HN-2020-001
                jalon proof get --from 120 --to 184

                A node that archived the transaction's block has its hash alone: give the statement (its bytes, a receipt or
                a proof file), or the archive's file, out of which it is taken:
                jalon proof get --tx 9a40… --statement q2.tx
                jalon proof get --tx 9a40… --archive old.jalon-export
                """
        )

        @Option(help: ArgumentHelp("A transaction's id, 64 hexadecimal digits.", valueName: "id"))
        var tx: String?

        @Option(
            help: ArgumentHelp(
                "A path of the state, for example commitment/CN-HN-2020-001.",
                valueName: "path"
            )
        )
        var path: String?

        @Option(help: ArgumentHelp("The height of an earlier block.", valueName: "height"))
        var from: UInt64?

        @Option(help: ArgumentHelp("The height of a later block (default: the head's).", valueName: "height"))
        var to: UInt64?

        @Option(
            help: ArgumentHelp("The new file (default: after what is proven, .proof).", valueName: "file")
        )
        var out: String?

        @OptionGroup var given: GivenStatement
        @OptionGroup var node: NodeOptions
        @OptionGroup var format: OutputOptions

        func validate() throws {
            guard tx != nil || given.isEmpty else {
                throw ValidationError("--statement and --archive go with --tx ID")
            }
            let count = [tx != nil, path != nil, from != nil].count { $0 }
            guard count == 1 else {
                throw ValidationError(
                    "give one of --tx ID, --path PATH and --from HEIGHT: what the file is to prove"
                )
            }
            guard to == nil || from != nil else { throw ValidationError("--to goes with --from HEIGHT") }
        }

        func run() async throws {
            let (client, output) = (try node.client(), format.output)
            let (bytes, name) = try await fetch(client)
            let proof: Proof
            do { proof = try Proof.decode(bytes) } catch {
                throw ClientError.badAnswer(address: client.address, reason: "\(error)")
            }
            let file = try NewFile.write(bytes, to: out ?? "\(name).proof", option: "--out")
            let height = proof.seal.header.height.value
            if output.isJSON {
                return output.json(
                    Report(
                        file: file,
                        byteCount: bytes.count,
                        height: height,
                        chain: proof.seal.header.chain.hex
                    )
                )
            }
            output.done("\(file)   \(bytes.count) bytes, as of block \(height)")
            output.line("  Not checked yet: jalon proof check \(file) --genesis FILE")
        }

        private func fetch(_ client: LedgerClient) async throws -> ([UInt8], name: String) {
            if let tx {
                let id = try await ArgumentValue.transaction(tx, asking: client)
                let name = String(id.hex.prefix(8))
                if let given = try given.transaction(id) { return (try await client.proof(of: given), name) }
                return (try await client.proof(of: id), name)
            }
            if let path {
                return (try await client.stateProof(at: path), path.replacing("/", with: "-"))
            }
            let from = from ?? 0
            let bytes = try await client.consistencyProof(from: from, to: to)
            return (bytes, "log-\(from)-\(to.map(String.init) ?? "head")")
        }

        private struct Report: Encodable {
            let file: String
            let byteCount: Int
            let height: UInt64
            let chain: String
        }
    }

    /// `jalon proof check`.
    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check",
            abstract: "Check a proof file offline: signature, place in the log, votes, validators, state.",
            discussion: """
                The genesis is the one thing that has to be believed: compare the chain's id with the one that you know.
                Ends with 0 where every step holds, else with 4. "No longer current" is no failure: the file proves what
                came later. For example:
                jalon proof check 9a40cafe.proof --genesis genesis.cbor --document q2.pdf
                """
        )

        @Argument(help: "The proof file.")
        var file: String

        @Option(help: ArgumentHelp("The network's genesis file.", valueName: "file"))
        var genesis: String

        @Option(help: ArgumentHelp("A document that the transaction should name.", valueName: "file"))
        var document: String?

        @OptionGroup var format: OutputOptions

        func run() async throws {
            let digest = try document.map { try EvidenceFile.digest(of: $0, "--document \($0)").0 }
            try ProofCommand.check(file, genesis: genesis, document: digest, format.output)
        }
    }

    /// Checks a file and says what each step found.
    static func check(_ file: String, genesis path: String, document: Digest?, _ output: Output) throws {
        let genesis = try GenesisFile.load(at: path)
        let bytes = try NewFile.read(file, limit: Proof.maximumByteCount)
        try check(bytes, of: file, genesis: genesis, document: document, output)
    }

    static func check(
        _ bytes: [UInt8],
        of file: String,
        genesis: Genesis,
        document: Digest?,
        _ output: Output
    ) throws {
        let start = ContinuousClock.now
        let proof: Proof
        do { proof = try Proof.decode(bytes) } catch {
            throw failure(file, "it is no proof file: \(error)")
        }
        let report = proof.verify(genesis: genesis, document: document)
        let duration = ContinuousClock.now - start
        if let error = report.failure {
            if !output.isJSON { show(report, output) }
            throw failure(file, error.description)
        }
        let header = proof.seal.header
        if output.isJSON {
            return output.json(
                CheckReport(
                    chain: header.chain.hex,
                    height: header.height.value,
                    block: header.id.hex,
                    timestamp: header.timestamp.value,
                    microseconds: duration / .microseconds(1),
                    steps: report.steps.map {
                        CheckReport.Step(
                            part: $0.part.rawValue,
                            isCurrent: $0.verdict != .outdated,
                            text: $0.text
                        )
                    }
                )
            )
        }
        show(report, output)
        let time = Date(timeIntervalSince1970: Double(header.timestamp.value) / 1_000)
        output.line(
            "  block \(header.height) is of \(time.ISO8601Format()); checked in \(Format.milliseconds(duration))"
        )
    }

    /// The validators of each epoch, as far as a proof file proves them.
    static func contexts(of file: String, genesis: Genesis) throws -> [VotingContext] {
        let bytes = try NewFile.read(file, limit: Proof.maximumByteCount)
        do {
            return try Proof.decode(bytes).votingContexts(genesis: genesis)
        } catch {
            throw failure(file, "\(error)")
        }
    }

    private static func show(_ report: ProofReport, _ output: Output) {
        for step in report.steps {
            let name = step.part.rawValue.padding(to: 13)
            switch step.verdict {
            case .holds: output.done("\(name)\(step.text)")
            case .outdated: output.line("\(output.styled("▲", .yellow)) \(name)\(step.text)")
            case .fails(let error): output.line("\(output.styled("✖", .red)) \(name)\(error)")
            case .unchecked: output.line("– \(name)not checked: what it rests on does not hold")
            }
        }
    }

    private static func failure(_ file: String, _ reason: String) -> Failure {
        Failure("E_VERIFICATION", "\(file) proves nothing: \(reason)", status: .verificationFailed)
    }

    /// What `--json` shows of a file that holds.
    private struct CheckReport: Encodable {
        struct Step: Encodable {
            let part: String
            let isCurrent: Bool
            let text: String
        }

        let chain: String
        let height: UInt64
        let block: String
        let timestamp: UInt64
        /// What reading and checking took.
        let microseconds: Double
        let steps: [Step]
    }
}
