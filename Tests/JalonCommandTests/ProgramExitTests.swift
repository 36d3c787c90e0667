import ArgumentParser
import Foundation
import JalonClient
import JalonCrypto
import JalonModel
import JalonNode
import JalonSchema
import JalonStorage
import Testing

@testable import jalon

@Suite("Every error ends the process with the code that scripts rely on")
struct ExitStatusTests {
    private static func problem(_ code: String, _ status: Int) -> API.Problem {
        API.Problem(code: code, title: "t", status: status, detail: "what", hint: "next")
    }

    private static let transaction = API.Transaction(id: "41d0", state: .pending)

    static let cases: [(error: any Error, status: ProgramExit, code: String)] = [
        (Failure.usage("x"), .usage, "E_USAGE"),
        (ConfigurationError(file: "f", line: 1, column: 1, message: "m"), .usage, "E_CONFIGURATION"),
        (ClientError.badAddress("x"), .usage, "E_USAGE"),
        (ClientError.refused(problem("E_NOT_RESPONSIBLE", 403)), .refused, "E_NOT_RESPONSIBLE"),
        (ClientError.refused(problem("E_DUPLICATE_PERIOD", 409)), .refused, "E_DUPLICATE_PERIOD"),
        (ClientError.refused(problem("E_UNKNOWN_COMMITMENT", 404)), .refused, "E_UNKNOWN_COMMITMENT"),
        (ClientError.refused(problem("E_QUERY", 400)), .usage, "E_QUERY"),
        (ClientError.refused(problem("E_BUSY", 503)), .unreachable, "E_BUSY"),
        (ClientError.unreachable(address: "a", reason: "r"), .unreachable, "E_UNREACHABLE"),
        (ClientError.broken(address: "a", reason: "r"), .unreachable, "E_UNREACHABLE"),
        (ClientError.noneReachable([.timedOut(address: "a")]), .unreachable, "E_UNREACHABLE"),
        (ClientError.untrusted(address: "a", reason: "r"), .unreachable, "E_UNTRUSTED"),
        (ClientError.badTrust(path: "p", reason: "r"), .usage, "E_USAGE"),
        (ClientError.timedOut(address: "a"), .unreachable, "E_UNREACHABLE"),
        (ClientError.badAnswer(address: "a", reason: "r"), .unreachable, "E_BAD_ANSWER"),
        (ClientError.notConfirmedInTime(transaction), .notConfirmed, "E_NOT_CONFIRMED"),
        (problem("E_VALUE_FELL", 409), .refused, "E_VALUE_FELL"),
        (
            VerificationFailure(.block(Height(3)), "r", verified: Height(2)), .verificationFailed,
            "E_VERIFICATION"
        ),
        (StorageError.corrupt(path: "p", reason: "r"), .verificationFailed, "E_DAMAGED"),
        (StorageError.noLedger(path: "p"), .usage, "E_DATA_FOLDER"),
        (StorageError.diskFull(path: "p"), .failed, "E_STORAGE"),
        (StorageError.exists(path: "p"), .usage, "E_DATA_FOLDER"),
        (StorageError.noBackup(path: "p"), .usage, "E_DATA_FOLDER"),
        (StorageError.noSpace(path: "p", needed: 2, available: 1), .failed, "E_STORAGE"),
        (BackupError.exists(path: "p"), .usage, "E_EXISTS"),
        (BackupError.beingWritten(path: "p"), .failed, "E_BACKUP"),
        (BackupError.noSpace(folder: "p", needed: 2, available: 1), .failed, "E_BACKUP"),
        (BackupError.storage(.corrupt(path: "p", reason: "r")), .verificationFailed, "E_DAMAGED"),
        (ArchiveError.otherBlock(path: "p", Height(7)), .usage, "E_ARCHIVE"),
        (ArchiveError.doesNotContinue(path: "p", last: nil, first: Height(7)), .usage, "E_ARCHIVE"),
        (DataFolderError.inUse(path: "p", process: 7), .failed, "E_DATA_FOLDER"),
        (KeyFileError.openToOthers(path: "p", mode: "644"), .usage, "E_KEY_FILE"),
        (KeyFileError.unusable(path: "p", .wrongPassphrase), .usage, "E_KEY_FILE"),
        (KeyFileError.unusable(path: "p", .encrypted), .usage, "E_KEY_FILE"),
        (BodyError.invalid(field: "f", found: "x", expected: "y"), .refused, "E_MALFORMED"),
        (SetupError.exists(path: "p"), .usage, "E_EXISTS"),
        (SetupError.badInvitation(file: "f", reason: "r"), .refused, "E_INVITATION"),
        (SetupError.validators(.empty), .refused, "E_GENESIS"),
        (SetupError.soleValidator(height: Height(7)), .refused, "E_SOLE_VALIDATOR"),
        (SetupError.onlyValidator, .refused, "E_SOLE_VALIDATOR"),
        (SetupError.key(.notFound(path: "p")), .usage, "E_KEY_FILE"),
        (SetupError.configuration(ConfigurationError(file: "f", message: "m")), .usage, "E_CONFIGURATION"),
        (CancellationError(), .failed, "E_INTERRUPTED"),
        (CocoaError(.fileReadUnknown), .failed, "E_FAILED"),
    ]

    @Test("by the one mapping", arguments: cases.indices)
    func mapping(index: Int) {
        let (error, status, code) = ExitStatusTests.cases[index]
        let failure = Failure(error)
        #expect(failure.status == status, "\(error)")
        #expect(failure.code == code)
        #expect(!failure.message.isEmpty)
    }

    @Test("a word that is no command is named, with the one that was meant")
    func unknownCommand() {
        let show = Jalon.unknownCommand(in: ["commitment", "shw", "CN-HN-2020-001", "--json"])
        #expect(show?.message == "there is no command 'jalon commitment shw'")
        #expect(show?.next == "Did you mean 'show'? See: jalon commitment --help")
        #expect(Jalon.unknownCommand(in: ["zzz"])?.next == "See: jalon --help")
        for arguments in [
            ["commitment", "show", "x"], ["milestone", "--help"], ["help", "zzz"], [], ["verify", "x"],
        ] {
            #expect(Jalon.unknownCommand(in: arguments) == nil, "\(arguments)")
        }
    }

    @Test("and the numbers are those of the documentation")
    func numbers() {
        #expect(ProgramExit.allCases.map(\.rawValue) == [0, 1, 2, 3, 4, 5, 6])
    }

    @Test("a missing quorum is named with what is there and what is needed")
    func noQuorum() {
        let validators = API.Validators(total: 7, needed: 5, connected: 4, toleratedFaults: 2)
        let transaction = ExitStatusTests.transaction
        let failure = Failure(notConfirmed: transaction, validators: validators)
        #expect(failure.code == "E_NO_QUORUM")
        #expect(failure.message == "accepted, not confirmed: 4 of 7 validators reachable, 5 needed")
        #expect(failure.next == "Don't resend; jalon transaction wait 41d0")
        #expect(failure.status == .notConfirmed)
        let five = API.Validators(total: 7, needed: 5, connected: 5, toleratedFaults: 2)
        #expect(Failure(notConfirmed: transaction, validators: five).code == "E_NOT_CONFIRMED")
    }

    static let commandLines: [(arguments: [String], status: ProgramExit)] = [
        (["--help"], .ok), (["milestone", "report", "--help"], .ok), (["--version"], .ok),
        (["completions", "bash"], .ok),
        ([], .ok),
        (["nonsense"], .usage), (["milestone", "report", "--nonsense"], .usage),
        (["milestone", "report", "not an id"], .usage), (["verify"], .usage),
        (["completions", "csh"], .usage),
        (["devnet", "--validators", "35"], .usage), (["network", "show"], .usage),
        (["node", "run", "/nowhere.yaml"], .usage), (["key", "show", "/nowhere.pem"], .usage),
        (["status", "--node", "nonsense"], .usage),
        (["milestone", "report", "CN-HN-2020-001", "--value", "1"], .usage),
        (["milestone", "report", "CN-HN-2020-001", "--value", "x", "--at", "2021-06-30"], .usage),
        (
            ["milestone", "report", "CN-HN-2020-001", "--value", "1", "--level", "2", "--at", "2021-06-30"],
            .usage
        ),
        (["transaction", "show", "123", "--node", "http://127.0.0.1:1"], .usage),
        (["status", "--node", "http://127.0.0.1:1"], .unreachable),
        (["feed", "--node", "http://127.0.0.1:1", "--count", "0"], .usage),
        (["verify", "--data", "/nowhere"], .usage),
        (["commitment", "amend", "CN-HN-2020-001", "--value", "1"], .usage),
        (["commitment", "amend", "CN-HN-2020-001", "--reason", "r", "--class", "small"], .usage),
        (["commitment", "supersede", "CN-HN-2020-001", "--reason", "r"], .usage),
        (["commitment", "close", "CN-HN-2020-001"], .usage),
        (["attest", "issue", "12", "--verdict", "confirmed", "--method", "m", "--reason", "r"], .usage),
        (["dispute", "open", "CN-HN-2020-001", "--ground", "wrong", "--text", "t"], .usage),
        (["dispute", "show", "12"], .usage),
        (["dispute", "list", "--node", "http://127.0.0.1:1"], .unreachable),
        (["cosign", "not an id", "--node", "http://127.0.0.1:1"], .usage),
        (["directive", "list", "--to", "not a member"], .usage),
        (["directive", "issue", "cn-he", "--due", "soon", "--title-zh", "t", "--text-zh", "t"], .usage),
        (["delegation", "list", "cn-hn", "--node", "http://127.0.0.1:1"], .unreachable),
        (
            ["delegation", "grant", "/nowhere.json", "--type", "milestone.report", "--until", "2026-12-31"],
            .usage
        ),
        (["status", "--height", "x"], .usage),
        (["backup", "--data", "/nowhere"], .usage),
        (["backup", "--data", "/nowhere", "--out", "/nowhere/backup"], .usage),
        (["restore", "/nowhere/backup"], .usage),
        (["restore", "/nowhere/backup", "--config", "/nowhere.yaml"], .usage),
        (["node", "resync", "/nowhere.yaml"], .usage),
        (["index", "rebuild"], .usage),
        (["index", "rebuild", "/nowhere.yaml"], .usage),
        (["index", "rebuild", "--data", "/nowhere"], .failed),
    ]

    @Test(
        "a damaged copy comes with the command that mends it",
        arguments: [
            (.genesis, "jalon node resync"), (.block(Height(3)), "jalon node resync"),
            (.derived("the stored state"), "jalon index rebuild"), (.file, "jalon index rebuild"),
        ] as [(VerificationFailure.Place, String)]
    )
    func repair(place: VerificationFailure.Place, command: String) {
        let failure = Failure(VerificationFailure(place, "r", verified: nil))
        #expect(failure.next?.contains("must not be served. ") == true)
        #expect(failure.next?.contains(command) == true)
    }

    @Test(
        "and every command of the domain and of operation has help with an example",
        arguments: [
            ["commitment", "amend"], ["commitment", "activate"], ["commitment", "return"],
            ["commitment", "withdraw"], ["commitment", "cancel"], ["commitment", "supersede"],
            ["commitment", "suspend"], ["commitment", "resume"], ["commitment", "close"],
            ["delegation", "prove"], ["delegation", "grant"], ["delegation", "revoke"],
            ["delegation", "list"], ["attest", "issue"], ["attest", "revoke"], ["attest", "list"],
            ["dispute", "open"], ["dispute", "answer"], ["dispute", "resolve"], ["dispute", "list"],
            ["dispute", "show"], ["cosign"], ["directive", "issue"], ["directive", "acknowledge"],
            ["directive", "reply"], ["directive", "list"], ["directive", "show"], ["receipt"],
            ["proof", "get"], ["proof", "check"], ["evidence", "list"], ["evidence", "check"],
            ["key", "new"], ["key", "show"], ["key", "explain"],
            ["backup"], ["restore"], ["node", "resync"], ["index", "rebuild"], ["export"], ["import"],
            ["verify"],
        ]
    )
    func help(command: [String]) throws {
        let help = Jalon.helpMessage(for: try #require(self.command(command)))
        #expect(help.contains("jalon \(command.joined(separator: " "))"))
        #expect(help.contains("--json"))
    }

    private func command(_ path: [String]) -> (any ParsableCommand.Type)? {
        var command: any ParsableCommand.Type = Jalon.self
        for name in path {
            guard
                let next = command.configuration.subcommands.first(where: {
                    $0.configuration.commandName == name || "\($0)".lowercased() == name
                })
            else { return nil }
            command = next
        }
        return command
    }

    @Test("whatever the arguments", arguments: commandLines.indices)
    func commandLine(index: Int) async {
        let (arguments, status) = ExitStatusTests.commandLines[index]
        #expect(await Program.run(arguments) == status, "jalon \(arguments.joined(separator: " "))")
    }
}

@Suite("The nodes that a command asks")
struct NodeOptionTests {
    @Test(
        "are given one by one, with commas, or with blanks as in a variable",
        arguments: [
            (["http://a:1", "http://b:2"], ["http://a:1", "http://b:2"]),
            (["http://a:1,http://b:2"], ["http://a:1", "http://b:2"]),
            (["http://a:1 http://b:2, http://c:3"], ["http://a:1", "http://b:2", "http://c:3"]), ([""], []),
        ]
    )
    func addresses(texts: [String], expected: [String]) {
        #expect(NodeOptions.addresses(in: texts) == expected)
    }

    @Test("may be named by several options of one command")
    func repeated() throws {
        let command = try Jalon.parseAsRoot([
            "status", "--node", "http://a:1", "--node", "http://b:2,http://c:3",
        ])
        let status = try #require(command as? Status)
        #expect(status.node.node == ["http://a:1", "http://b:2,http://c:3"])
    }
}
