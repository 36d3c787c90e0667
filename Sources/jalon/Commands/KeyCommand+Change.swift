import ArgumentParser
import JalonClient
import JalonCrypto
import JalonModel
import JalonSchema

extension KeyCommand {
    /// `jalon key rotate`.
    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rotate",
            abstract: "Put a new key in the place of one of the member's own.",
            discussion: """
                An authority key signs for its own successor; for a recovery, node or validator key give the old one's \
                file or id with --old. The validator's node is given the new file as keys.nextValidator first; the old \
                key seals until a quorum with the new one is ready. For example:
                jalon key new cn-hn-authority/new.pem
                jalon key rotate --new cn-hn-authority/new.pem --key cn-hn-authority/authority.pem
                jalon key rotate --purpose validator --old cn-hn/validator.pem --new cn-hn/validator-2.pem --key …
                """
        )

        @Option(help: ArgumentHelp("The file of the new key, from jalon key new.", valueName: "file"))
        var new: String

        @Option(help: "What the key is for: authority, recovery, validator or node.")
        var purpose = "authority"

        @Option(
            help: ArgumentHelp(
                "The old key: its file or its id (default: the one that signs).",
                valueName: "file or id"
            )
        )
        var old: String?

        @OptionGroup var send: SendOptions

        func run() async throws {
            let purpose = try ArgumentValue.choice(purpose, "--purpose", KeyPurpose.self)
            let key = try send.key.passphrase.load(new)
            let old = try old.map { try KeyCommand.keyID($0, send.key.passphrase) }
            guard purpose == .authority || old != nil else {
                throw Failure.usage(
                    "--old is missing",
                    next: "Give the \(purpose) key that is to go: --old FILE"
                )
            }
            try await send.send { signer, _ in
                let statement = Possession.statement(
                    purpose: purpose.rawValue,
                    key: key.publicKey,
                    member: signer.memberID,
                    chain: signer.chain
                )
                return [
                    .keyRotate(
                        KeyRotate(
                            member: signer.memberID,
                            old: old ?? signer.key.publicKey.id,
                            key: key.publicKey,
                            purpose: purpose,
                            proof: key.sign(statement)
                        )
                    )
                ]
            } summary: { _, output in
                switch purpose {
                case .authority, .recovery:
                    output.line("  The old key signs nothing any more; keep it to read what it was.")
                case .node: output.line("  Start the node with the new file: keys.node in its configuration.")
                case .validator:
                    output.line(
                        "  The old key seals until a quorum with the new one is ready: jalon governance list"
                    )
                }
            }
        }
    }

    /// `jalon key recover`.
    struct Recover: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "recover",
            abstract:
                "Ask for a new authority key with the member's recovery key, where the old ones are lost.",
            discussion: """
                A regulator co-signs it (jalon cosign); then the network's parameter recoveryDelay passes, in which any \
                current key of the member can end it with a key.rotate. For example:
                jalon key recover --new cn-hn-authority/new.pem --key vault/recovery.pem
                """
        )

        @Option(help: ArgumentHelp("The file of the new authority key.", valueName: "file"))
        var new: String

        @Option(
            help: ArgumentHelp(
                "Since when the lost keys may be in other hands: what they signed from then on is flagged.",
                valueName: "milliseconds"
            )
        )
        var compromisedSince: UInt64?

        @OptionGroup var send: SendOptions

        func run() async throws {
            let key = try send.key.passphrase.load(new)
            guard compromisedSince ?? 0 <= UInt64(Int64.max) else {
                throw Failure.usage("--compromised-since is too large")
            }
            try await send.send(with: ["recovery"]) { signer, _ in
                let statement = Possession.statement(
                    purpose: KeyPurpose.authority.rawValue,
                    key: key.publicKey,
                    member: signer.memberID,
                    chain: signer.chain
                )
                return [
                    .keyRecover(
                        KeyRecover(
                            member: signer.memberID,
                            key: key.publicKey,
                            proof: key.sign(statement),
                            compromisedSince: compromisedSince.map { Timestamp($0) }
                        )
                    )
                ]
            } summary: { _, output in
                output.line("  A regulator must co-sign it: jalon cosign. See: jalon governance list")
            }
        }
    }

    /// A key's id, given as such or as its file.
    private static func keyID(_ text: String, _ passphrase: PassphraseOptions) throws -> KeyID {
        if let id = KeyID(hex: text) { return id }
        return try passphrase.load(text).publicKey.id
    }
}
