import ArgumentParser
import JalonClient
import JalonCore
import JalonCrypto
import JalonModel
import JalonNode
import JalonSchema
import JalonState
import JalonStorage

/// Why a command did not do what it was asked: a stable code, what happened, what to do next, and how the process ends.
///
/// ``init(_:)`` is the one place that gives an error its code and its exit status.
struct Failure: Error, Hashable, Sendable {
    /// For example `E_DUPLICATE_PERIOD`.
    var code: String
    /// What was found and what was expected.
    var message: String
    /// The next command, or what else to do.
    var next: String?
    var status: ProgramExit

    init(_ code: String, _ message: String, next: String? = nil, status: ProgramExit) {
        (self.code, self.message, self.next, self.status) = (code, message, next, status)
    }

    /// Wrong arguments.
    static func usage(_ message: String, next: String? = nil) -> Failure {
        Failure("E_USAGE", message, next: next, status: .usage)
    }

    /// What any error of a command means.
    init(_ error: any Error) {
        switch error {
        case let error as Failure: self = error
        case let error as ClientError: self.init(client: error)
        case let error as API.Problem: self.init(problem: error)
        case let error as VerificationFailure: self.init(verification: error)
        case let error as SetupError: self.init(setup: error)
        case let error as ConfigurationError:
            self.init("E_CONFIGURATION", error.description, status: .usage)
        case let error as BodyError:
            self.init("E_MALFORMED", "\(error)", next: "Nothing was sent.", status: .refused)
        case let error as KeyFileError: self.init(keyFile: error)
        case let error as DataFolderError: self.init("E_DATA_FOLDER", error.description, status: .failed)
        case let error as StorageError: self.init(storage: error)
        case let error as ExportError: self.init(export: error)
        case let error as SnapshotFileError: self.init(snapshot: error)
        case let error as SnapshotError:
            self.init("E_SNAPSHOT", error.description, status: .verificationFailed)
        case let error as VerificationInterrupted:
            self.init(
                "E_INTERRUPTED",
                "blocks up to \(error.height) are verified, then it was interrupted",
                next: "To go on from there, the same command with --from \(error.checkpoint)",
                status: .failed
            )
        case let error as BackupError: self.init(backup: error)
        case let error as ArchiveError:
            self.init("E_ARCHIVE", error.description, next: error.hint, status: .usage)
        case let error as NodeError: self.init(node: error)
        case let error as CoreError: self.init(core: error)
        case is CancellationError: self.init("E_INTERRUPTED", "interrupted", status: .failed)
        default: self.init(other: error)
        }
    }

    // MARK: - Kinds

    private init(client error: ClientError) {
        switch error {
        case .badAddress: self = .usage(error.description, next: "For example: --node http://127.0.0.1:8400")
        case .refused(let problem): self.init(problem: problem)
        case .badTrust:
            self = .usage(
                error.description,
                next: "Give a PEM file with the authority's certificate: --ca FILE, or JALON_CA."
            )
        case .untrusted:
            self.init(
                "E_UNTRUSTED",
                error.description,
                next: "Trust the authority that signed it: --ca FILE, or JALON_CA.",
                status: .unreachable
            )
        case .noneReachable:
            self.init(
                "E_UNREACHABLE",
                error.description,
                next: "Is one of them running? Give others with --node or JALON_NODE.",
                status: .unreachable
            )
        case .unreachable, .broken, .timedOut:
            self.init(
                "E_UNREACHABLE",
                error.description,
                next: "Is the node running? Give another one with --node or JALON_NODE.",
                status: .unreachable
            )
        case .badAnswer:
            self.init(
                "E_BAD_ANSWER",
                error.description,
                next: "Is this the API's address of a node of this version?",
                status: .unreachable
            )
        case .notConfirmedInTime(let transaction):
            self.init(notConfirmed: transaction)
        }
    }

    private init(problem: API.Problem) {
        // 5xx and a lack of room are the node's trouble, not a rule's answer.
        self.init(
            problem.code,
            problem.detail,
            next: problem.hint,
            status: problem.status >= 500 || problem.code == "E_BUSY"
                ? .unreachable
                : problem.status == 400 && problem.code == "E_QUERY"
                    ? .usage : .refused
        )
    }

    private init(verification error: VerificationFailure) {
        let repair =
            switch error.place {
            case .genesis, .block: "Fetch the ledger anew: jalon node resync NODE.YAML"
            case .derived, .file:
                "With the node stopped: jalon index rebuild NODE.YAML. Where that fails: jalon node resync NODE.YAML"
            }
        self.init(
            "E_VERIFICATION",
            error.description,
            next: "This copy must not be served. \(repair)",
            status: .verificationFailed
        )
    }

    private init(setup error: SetupError) {
        switch error {
        case .configuration(let error): self.init(error)
        case .key(let error): self.init(error)
        case .dataFolder(let error): self.init(error)
        case .storage(let error): self.init(error)
        case .snapshot(let error): self.init(error)
        case .noPossession, .badInvitation, .genesis, .validators, .notInGenesis, .soleValidator,
            .onlyValidator:
            self.init(error.code, error.description, next: error.hint, status: .refused)
        case .exists, .invalid: self.init(error.code, error.description, next: error.hint, status: .usage)
        case .file: self.init(error.code, error.description, next: error.hint, status: .failed)
        }
    }

    private init(keyFile error: KeyFileError) {
        let next: String? =
            switch error {
            case .notFound: "Make one with: jalon key new FILE"
            case .unusable(_, .encrypted):
                "Give its passphrase: --passphrase-file FILE, JALON_PASSPHRASE, or at a terminal."
            case .unusable(_, .wrongPassphrase):
                "Try again. A passphrase that is lost can't be found out: see jalon key explain"
            default: nil
            }
        self.init("E_KEY_FILE", error.description, next: next, status: .usage)
    }

    private init(storage error: StorageError) {
        switch error {
        case .corrupt, .damaged: self.init("E_DAMAGED", error.description, status: .verificationFailed)
        case .fileExists: self.init("E_EXISTS", error.description, status: .usage)
        case .exists(let path):
            self.init(
                "E_DATA_FOLDER",
                error.description,
                next: "Move it away, with what lies beside it: mv \(path)/ledger.sqlite* ELSEWHERE",
                status: .usage
            )
        case .noLedger, .otherLedger, .newerSchema, .noBackup, .beginsLater:
            self.init("E_DATA_FOLDER", error.description, status: .usage)
        default: self.init("E_STORAGE", error.description, status: .failed)
        }
    }

    private init(export error: ExportError) {
        switch error {
        case .notAnExport: self = .usage(error.description)
        case .damaged, .longer: self.init("E_DAMAGED", error.description, status: .verificationFailed)
        case .system: self.init("E_STORAGE", error.description, status: .failed)
        }
    }

    private init(snapshot error: SnapshotFileError) {
        switch error {
        case .notASnapshot: self = .usage(error.description)
        case .damaged, .longer, .doesNotHold:
            self.init("E_SNAPSHOT", error.description, status: .verificationFailed)
        case .system: self.init("E_STORAGE", error.description, status: .failed)
        }
    }

    private init(backup error: BackupError) {
        switch error {
        case .exists: self.init("E_EXISTS", error.description, status: .usage)
        case .beingWritten, .noSpace: self.init("E_BACKUP", error.description, status: .failed)
        case .storage(let error): self.init(storage: error)
        }
    }

    private init(other error: any Error) {
        if let code = ListenFailure.code(of: error) {
            self.init(code, "\(error)", status: ListenFailure.isOfConfiguration(error) ? .usage : .failed)
        } else if Jalon.exitCode(for: error) == .validationFailure {
            self = .usage(Jalon.message(for: error), next: "See: jalon --help, or --help after any command.")
        } else {
            self.init("E_FAILED", "\(error)", status: .failed)
        }
    }
}
