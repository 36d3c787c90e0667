import ArgumentParser

extension KeyCommand {
    /// `jalon key explain`.
    struct Explain: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "explain",
            abstract: "Say what each key is for, and what to do when one is lost or stolen.",
            discussion: "For example: jalon key explain authority"
        )

        @Argument(help: "authority, recovery, validator, node or passphrase; all of them where left out.")
        var key: Topic?

        @OptionGroup var format: OutputOptions

        func run() {
            let topics = key.map { [$0] } ?? Topic.allCases
            let output = format.output
            if output.isJSON {
                return output.json(Dictionary(uniqueKeysWithValues: topics.map { ($0.rawValue, $0.text) }))
            }
            for topic in topics {
                output.line(output.styled(topic.rawValue, .bold))
                for line in topic.text.split(separator: "\n") { output.line("  \(line)") }
                output.line()
            }
        }
    }

    enum Topic: String, CaseIterable, ExpressibleByArgument {
        case authority, recovery, validator, node, passphrase

        var text: String {
            switch self {
            case .authority:
                """
                Signs the member's transactions. Keep it at the office, encrypted, never on the node's machine.
                Keep a copy of the encrypted file in another place. Delegate keys (jalon delegation grant) go on signing
                  what they may, whatever happens to this one.
                Lost: jalon key new NEW --encrypt, then jalon key recover --new NEW --key RECOVERY. A regulator confirms
                  it (jalon cosign), then the parameter recoveryDelay passes.
                Lost, and no recovery key: the validators remove the member and admit it anew with new keys (jalon
                  governance propose remove, then admit). What it signed stays its own.
                Stolen, you still have it: at once jalon key rotate --new NEW --key OLD; the old one signs nothing any more.
                Stolen, and rotated away from you: jalon key recover --compromised-since MILLISECONDS, which flags what
                  it signed since. Whoever holds a current key could end that, so once it is recorded and co-signed ask
                  the validators to refuse the member's transactions: jalon governance propose suspend MEMBER, and
                  reinstate MEMBER when the delay has passed.
                What a thief signed stays in the ledger, marked by your corrections: nothing is ever deleted.
                """
            case .recovery:
                """
                Signs only key.recover; made by jalon member init --recovery FILE. Keep it in a vault, away from the
                  authority key.
                Lost or stolen: jalon key rotate --purpose recovery --old ID --new NEW --key AUTHORITY.
                A thief gains no authority key by it alone: a regulator has to confirm, a delay passes, and your
                  authority key ends it with a key.rotate.
                """
            case .validator:
                """
                Signs votes, on the node's machine; no member has two that count.
                Lost or stolen: jalon key new NEW, name it keys.nextValidator in the node's file, restart the node, then
                  jalon key rotate --purpose validator --old OLD --new NEW --key AUTHORITY. The old one seals until a
                  quorum with the new one is ready.
                A thief can make you vote twice in a view, which shows (jalon evidence list). Alone it finalizes nothing:
                  every block needs a quorum.
                Never run two nodes with one validator key. After a lost disk: jalon node rejoin.
                """
            case .node:
                """
                The node's identity on the network (TLS); it signs no votes and no transactions.
                Lost or stolen: jalon key new NEW, then jalon key rotate --purpose node --old OLD --new NEW
                  --key AUTHORITY, and start the node with keys.node: NEW.
                """
            case .passphrase:
                """
                Encrypts a key's file (jalon key new --encrypt, or openssl pkcs8 -topk8). It is asked for at a terminal;
                  else it is read from --passphrase-file, JALON_PASSPHRASE, the file of JALON_PASSPHRASE_FILE, a node's
                  keys.passphraseFile, or a credential of systemd's called jalon.passphrase.
                Lost: nobody can open the file; treat the key as lost.
                Seen by others: treat the key as stolen if they may have the file too; else write the key anew, for
                  example openssl pkey -in OLD -aes256 -out NEW, and destroy the old file and its copies.
                """
            }
        }
    }
}
