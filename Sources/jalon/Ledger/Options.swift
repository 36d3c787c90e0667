public import ArgumentParser
import Foundation
import JalonClient
import JalonCrypto
public import JalonModel
import JalonNode
import JalonStorage

/// How a command speaks.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print JSON.")
    var json = false

    var output: Output { Output(isJSON: json) }
}

/// Which nodes a command asks.
struct NodeOptions: ParsableArguments {
    static let variable = "JALON_NODE"
    static let trustVariable = "JALON_CA"
    static let usual = "http://127.0.0.1:8400"

    @Option(
        help: ArgumentHelp(
            "A node's address; repeatable, or several with commas: the next is asked where one does not answer or is behind (default: JALON_NODE, else \(NodeOptions.usual)).",
            valueName: "url"
        )
    )
    var node: [String] = []

    @Option(
        help: ArgumentHelp(
            "A PEM file of the certificate authority to trust for https:// (default: JALON_CA, else the system's).",
            valueName: "file"
        )
    )
    var ca: String?

    /// A client of the nodes.
    func client() throws -> LedgerClient {
        let given = node.isEmpty ? [ProcessInfo.processInfo.environment[NodeOptions.variable] ?? ""] : node
        let addresses = NodeOptions.addresses(in: given)
        return try LedgerClient(
            addresses.isEmpty ? [NodeOptions.usual] : addresses,
            trust: NodeOptions.trust(ca),
            didMove: NodeOptions.tell
        )
    }

    /// The addresses in arguments or in the environment's variable, which are separated by commas or blanks.
    static func addresses(in texts: [String]) -> [String] {
        texts.flatMap { $0.split { $0 == "," || $0 == " " }.map(String.init) }
    }

    /// Whose certificates are believed.
    static func trust(_ file: String? = nil) -> Trust {
        let path = file ?? ProcessInfo.processInfo.environment[trustVariable] ?? ""
        return path.isEmpty ? .system : .file(path)
    }

    /// Says that another node is asked: what it knows may be a little behind what was seen before.
    private static func tell(_ change: NodeChange) {
        Output.standard.note("… \(change.from): \(change.reason). Asking \(change.to)")
    }
}

/// Which key a command signs with.
struct KeyOptions: ParsableArguments {
    static let variable = "JALON_KEY"

    @Option(
        help: ArgumentHelp(
            "The file of the authority key to sign with (default: JALON_KEY).",
            valueName: "file"
        )
    )
    var key: String?

    @OptionGroup var passphrase: PassphraseOptions

    func load() throws -> PrivateKey {
        guard let path = key ?? ProcessInfo.processInfo.environment[KeyOptions.variable], !path.isEmpty else {
            throw Failure.usage(
                "no key is given",
                next: "Give the member's authority key: --key FILE, or JALON_KEY."
            )
        }
        return try passphrase.load(path)
    }
}

/// Where the passphrase of an encrypted key comes from.
struct PassphraseOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A file with the passphrase of encrypted keys (default: JALON_PASSPHRASE, JALON_PASSPHRASE_FILE, else the terminal).",
            valueName: "file"
        )
    )
    var passphraseFile: String?

    /// Where to look for passphrases; `configured` is the file that a node's configuration names.
    func source(configured: String? = nil) -> PassphraseSource {
        PassphraseSource(
            file: passphraseFile,
            environment: ProcessInfo.processInfo.environment,
            configured: configured,
            ask: { path in
                isatty(STDIN_FILENO) == 1 ? PassphraseOptions.ask("Passphrase of \(path): ") : nil
            }
        )
    }

    /// Loads a private key, encrypted or not.
    func load(_ path: String) throws -> PrivateKey {
        let source = source()
        return try KeyFile.load(at: path) { () throws(KeyFileError) in try source.passphrase(of: path) }
    }

    /// The passphrase for a new key file; at a terminal it is asked for twice.
    func new(for path: String) throws -> [UInt8] {
        if let given = try source().given(for: path) { return given }
        guard isatty(STDIN_FILENO) == 1 else {
            throw Failure.usage(
                "no passphrase is given",
                next:
                    "Give it with --passphrase-file or \(PassphraseSource.variable), or run this at a terminal."
            )
        }
        let first = PassphraseOptions.ask("New passphrase of \(path): ")
        guard first == PassphraseOptions.ask("Again: ") else {
            throw Failure.usage("the two passphrases differ")
        }
        guard let first else { throw KeyFileError.emptyPassphrase(path: path) }
        return first
    }

    /// Asks at the terminal, without showing what is typed; `nil` where nothing is.
    private static func ask(_ prompt: String) -> [UInt8]? {
        guard let text = getpass(prompt) else { return nil }
        let passphrase = String(cString: text)
        memset(text, 0, strlen(text))
        return passphrase.isEmpty ? nil : Array(passphrase.utf8)
    }
}

/// How a command that sends something goes about it.
struct SendOptions: ParsableArguments {
    @OptionGroup var node: NodeOptions
    @OptionGroup var key: KeyOptions
    @OptionGroup var format: OutputOptions

    @Option(
        help: ArgumentHelp("Seconds to wait until it is final; 0 only hands it in.", valueName: "seconds")
    )
    var wait = 10

    @Option(
        help: ArgumentHelp(
            "Write the signed transactions to a file instead of sending them.",
            valueName: "file"
        )
    )
    var save: String?

    @Option(
        help: ArgumentHelp(
            "Once it is final, write its receipts to a new file, as jalon receipt does.",
            valueName: "file"
        )
    )
    var receipt: String?

    func validate() throws {
        guard receipt == nil || (save == nil && wait > 0) else {
            throw ValidationError(
                "--receipt is for what is sent and waited for: leave --save and --wait 0 away"
            )
        }
        guard (0...86_400).contains(wait) else {
            throw ValidationError("--wait is \(wait), expected 0 to 86400")
        }
    }
}

// MARK: - Arguments of the ledger's own types

extension MemberID: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension CommitmentID: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension NetworkID: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
