import ArgumentParser
import Foundation
import JalonCodec
import JalonCrypto
import JalonStorage

/// `jalon key`: key files.
struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract:
            "Make a key, show what a key file holds, change one of a member's keys, recover from a lost one.",
        discussion: "What to do when a key is lost or stolen: jalon key explain",
        subcommands: [New.self, Show.self, Rotate.self, Recover.self, Explain.self]
    )

    /// `jalon key new`.
    struct New: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "new",
            abstract: "Make a new Ed25519 key: PKCS#8 PEM, mode 0600, never overwriting a file.",
            discussion: """
                An encrypted one is opened with its passphrase wherever a key is read, and by no other way. For example:
                jalon key new cn-hn-authority/new.pem --encrypt
                """
        )

        @Argument(help: "The new file.")
        var file: String

        @Flag(help: "Encrypt it with a passphrase.")
        var encrypt = false

        @OptionGroup var passphrase: PassphraseOptions

        @OptionGroup var format: OutputOptions

        func run() throws {
            var generator = SystemRandomNumberGenerator()
            let key: PrivateKey
            do { key = try PrivateKey(using: &generator) } catch {
                throw KeyFileError.unusable(path: file, error)
            }
            try KeyFile.save(key, at: file, passphrase: encrypt ? try passphrase.new(for: file) : nil)
            KeyCommand.show(key.publicKey, file: file, format.output)
        }
    }

    /// `jalon key show`.
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Show the public key of a key file, and its id.",
            discussion: "For example: jalon key show cn-hn-authority/authority.pem"
        )

        @Argument(help: "The file.")
        var file: String

        @OptionGroup var passphrase: PassphraseOptions
        @OptionGroup var format: OutputOptions

        func run() throws {
            let key = try passphrase.load(file)
            KeyCommand.show(key.publicKey, file: file, format.output)
        }
    }

    /// A public key as `--json` shows it.
    private struct Report: Encodable {
        let file: String
        let id: String
        let algorithm: String
        let publicKey: String
    }

    static func show(_ key: PublicKey, file: String, _ output: Output) {
        let report = Report(
            file: file,
            id: key.id.hex,
            algorithm: "\(key.algorithm)",
            publicKey: Hex.encode(key.raw)
        )
        if output.isJSON { return output.json(report) }
        output.line("file        \(report.file)")
        output.line("key id      \(report.id)")
        output.line("algorithm   \(report.algorithm)")
        output.line("public key  \(report.publicKey)")
    }
}
