package import JalonCrypto
package import JalonModel
package import JalonStorage

/// Why a network can't be set up, or a node can't join one.
package enum SetupError: Error, Equatable, Sendable {
    /// A file or folder stands where a new one should, and nothing is ever overwritten.
    case exists(path: String)
    /// A file can't be read or written.
    case file(path: String, reason: String)
    case configuration(ConfigurationError)
    case key(KeyFileError)
    case dataFolder(DataFolderError)
    case storage(StorageError)
    case snapshot(SnapshotFileError)
    /// A member's file lacks the proof that its maker holds a key, or the proof does not match the file.
    case noPossession(file: String, purpose: KeyPurpose, key: KeyID)
    /// The files together make no genesis.
    case genesis(GenesisError)
    case validators(ValidatorSetError)
    /// A value of a command's own is wrong.
    case invalid(what: String, found: String, expected: String)
    /// The text is not an invitation, or was changed.
    case badInvitation(file: String, reason: String)
    /// The genesis does not name a key of this node.
    case notInGenesis(purpose: KeyPurpose, key: KeyID, path: String, network: NetworkID)
    /// Nobody else sealed blocks at the backup's height, so nobody can say what the node sealed after it.
    case soleValidator(height: Height)
    /// The genesis has this node as its only validator, so that it would ask nobody before it seals a first block again.
    case onlyValidator
}

extension SetupError {
    /// Names what making a ledger threw.
    init(_ error: any Error, path: String) {
        self =
            switch error {
            case let error as SetupError: error
            case let error as StorageError: .storage(error)
            case let error as SnapshotFileError: .snapshot(error)
            case let error as DataFolderError: .dataFolder(error)
            default: .file(path: path, reason: "\(error)")
            }
    }

    /// The stable code.
    package var code: String {
        switch self {
        case .exists: "E_EXISTS"
        case .file: "E_FILE"
        case .configuration: "E_CONFIGURATION"
        case .key: "E_KEY_FILE"
        case .dataFolder, .storage: "E_DATA_FOLDER"
        case .noPossession: "E_POSSESSION"
        case .genesis, .validators: "E_GENESIS"
        case .invalid: "E_USAGE"
        case .badInvitation: "E_INVITATION"
        case .snapshot: "E_SNAPSHOT"
        case .notInGenesis: "E_NOT_IN_GENESIS"
        case .soleValidator, .onlyValidator: "E_SOLE_VALIDATOR"
        }
    }

    /// What to do next.
    package var hint: String? {
        switch self {
        case .exists: "Give another name, or move what is there out of the way."
        case .noPossession: "Ask the member for a new file: jalon member init writes one."
        case .badInvitation: "Ask the coordinator for the file anew; never edit it."
        case .notInGenesis:
            "Give the folder of the keys that the member's file was made with, or ask the coordinator."
        case .soleValidator:
            "If there is no newer copy anywhere, say so with --sole-validator; else restore that one."
        case .onlyValidator: "Restore a backup, of this node or of a member's or mirror's: jalon restore FILE"
        case .snapshot: "Get another one: jalon snapshot, or /v1/snapshot of a node."
        case .file, .configuration, .key, .dataFolder, .storage, .genesis, .validators, .invalid: nil
        }
    }
}

extension SetupError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .exists(let path): "\(path) is there already"
        case .file(let path, let reason): "\(path): \(reason)"
        case .configuration(let error): "\(error)"
        case .key(let error): "\(error)"
        case .dataFolder(let error): "\(error)"
        case .storage(let error): "\(error)"
        case .snapshot(let error): "\(error)"
        case .noPossession(let file, let purpose, let key):
            "\(file): the proof of the \(purpose) key \(key) does not match the file, so nobody showed to hold the key"
        case .genesis(let error): "\(error)"
        case .validators(let error): "\(error)"
        case .invalid(let what, let found, let expected): "\(what) is \(found), expected \(expected)"
        case .badInvitation(let file, let reason): "\(file) is not an invitation: \(reason)"
        case .notInGenesis(let purpose, let key, let path, let network):
            "the \(purpose) key \(key) (\(path)) does not stand in the genesis of \(network)"
        case .soleValidator(let height):
            """
            in the backup, at block \(height), this node is the only validator: nobody can tell it what it sealed since, \
            and it would seal other blocks in their place
            """
        case .onlyValidator:
            """
            this node is the only validator of the genesis: with an empty ledger it would seal a second first block, \
            instead of fetching the ledger
            """
        }
    }
}
