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

/// Which node a command asks.
struct NodeOptions: ParsableArguments {
    static let variable = "JALON_NODE"
    static let usual = "http://127.0.0.1:8400"

    @Option(
        help: ArgumentHelp(
            "The node's address (default: JALON_NODE, else \(NodeOptions.usual)).",
            valueName: "url"
        )
    )
    var node: String?

    /// A client of the node.
    func client() throws -> LedgerClient {
        let given = node ?? ProcessInfo.processInfo.environment[NodeOptions.variable] ?? ""
        return try LedgerClient(given.isEmpty ? NodeOptions.usual : given)
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

    func load() throws -> PrivateKey {
        guard let path = key ?? ProcessInfo.processInfo.environment[KeyOptions.variable], !path.isEmpty else {
            throw Failure.usage(
                "no key is given",
                next: "Give the member's authority key: --key FILE, or JALON_KEY."
            )
        }
        return try KeyFile.load(at: path, passphrase: { Passphrase.given(for: path) })
    }
}

/// Passphrases of key files.
enum Passphrase {
    static let variable = "JALON_PASSPHRASE"

    /// From the environment, or asked for at a terminal; `nil` where there is neither.
    static func given(for path: String) -> [UInt8]? {
        if let passphrase = ProcessInfo.processInfo.environment[variable] { return Array(passphrase.utf8) }
        guard isatty(STDIN_FILENO) == 1 else { return nil }
        return ask("Passphrase of \(path): ")
    }

    /// Asks twice for a new one; empty means none.
    static func new(for path: String) throws -> [UInt8]? {
        if let passphrase = ProcessInfo.processInfo.environment[variable] { return Array(passphrase.utf8) }
        guard isatty(STDIN_FILENO) == 1 else {
            throw Failure.usage(
                "no passphrase is given",
                next: "Give it in \(variable), or run this at a terminal."
            )
        }
        let first = ask("New passphrase of \(path): ")
        guard first == ask("Again: ") else { throw Failure.usage("the two passphrases differ") }
        return first
    }

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

    func validate() throws {
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
