import JalonCrypto
package import JalonModel
import JalonStorage

/// Makes a member's node ready to run: its genesis, its configuration and its empty data folder.
package struct JoinSetup: Sendable {
    package var invitation: Invitation
    /// The node's keys: `node.pem` and, where the member seals blocks, `validator.pem`.
    package var keyFolder: String
    /// For the genesis, the configuration and the data; made where it is not there.
    package var folder: String
    package var listen: SocketAddress
    package var apiListen: SocketAddress
    /// Where other nodes serve the same pages.
    package var apiNodes: [WebOrigin] = []
    /// For keys that are encrypted.
    package var passphrases: PassphraseSource
    /// A snapshot's file, from which the node goes on; `nil` for an empty ledger.
    package var snapshot: String?
    /// Told how much of how much of the snapshot came.
    package var progress: (@Sendable (UInt64, UInt64) -> Void)?

    package init(
        invitation: Invitation,
        keyFolder: String,
        folder: String,
        listen: SocketAddress,
        apiListen: SocketAddress,
        passphrases: PassphraseSource = PassphraseSource(environment: [:]),
        snapshot: String? = nil
    ) {
        self.snapshot = snapshot
        (self.invitation, self.keyFolder, self.folder) = (invitation, keyFolder, folder)
        (self.listen, self.apiListen, self.passphrases) = (listen, apiListen, passphrases)
    }

    /// What was made.
    package struct Joined: Hashable, Sendable {
        /// `nil` for a mirror.
        package let member: MemberID?
        package let isValidator: Bool
        /// The configuration's file, for `jalon node run`.
        package let configuration: String
        package let data: String
        /// What the ledger begins with, where it was made out of a snapshot.
        package let start: JoinedSnapshot?
    }

    /// Checks that the genesis names the node's keys, then makes everything; nothing is overwritten.
    ///
    /// - Parameter isApplicant: Whether the member is to be admitted later, so that the genesis does not name it.
    /// - Returns: What was made.
    /// - Throws: ``SetupError``.
    package func run(isApplicant: Bool = false) throws(SetupError) -> Joined {
        if isApplicant { return try runApplicant() }
        let genesis = invitation.genesis
        let (nodeKeyPath, validatorKeyPath) = ("\(keyFolder)/node.pem", "\(keyFolder)/validator.pem")
        let nodeKey = try load(nodeKeyPath)
        guard let member = genesis.members.first(where: { $0.nodes.contains { $0.key == nodeKey.publicKey } })
        else {
            throw .notInGenesis(
                purpose: .node,
                key: nodeKey.publicKey.id,
                path: nodeKeyPath,
                network: genesis.network
            )
        }
        let isValidator = try checkValidatorKey(of: member, path: validatorKeyPath)
        return try make(member: member.id, isValidator: isValidator)
    }

    private func runApplicant() throws(SetupError) -> Joined {
        let (nodeKeyPath, validatorKeyPath) = ("\(keyFolder)/node.pem", "\(keyFolder)/validator.pem")
        _ = try load(nodeKeyPath)
        var isValidator = true
        do { _ = try load(validatorKeyPath) } catch .key(.notFound) { isValidator = false }
        return try make(member: nil, isValidator: isValidator)
    }

    /// Makes a mirror ready to run: a node of nobody in particular, with a new key, that follows, serves and verifies.
    ///
    /// The key that an earlier attempt left, which failed after it, is taken: it is nobody's.
    ///
    /// - Parameter generator: The system's, but for tests.
    /// - Returns: What was made, of no member.
    /// - Throws: ``SetupError``.
    package func runMirror(using generator: inout some RandomNumberGenerator) throws(SetupError) -> Joined {
        try SetupFiles.requireAbsent("\(folder)/node.yaml")
        try SetupFiles.makeFolder(keyFolder)
        let path = "\(keyFolder)/node.pem"
        do {
            let left = try load(path)
            try requireNobodys(left, path: path)
        } catch .key(.notFound) {
            let key: PrivateKey
            do { key = try PrivateKey(using: &generator) } catch { throw .key(.unusable(path: path, error)) }
            do { try KeyFile.save(key, at: path) } catch { throw .key(error) }
        }
        return try make(member: nil, isValidator: false)
    }

    /// Refuses the key of a member's node: two nodes with one key would push each other out.
    private func requireNobodys(_ key: PrivateKey, path: String) throws(SetupError) {
        try SetupFiles.requireAbsent("\(keyFolder)/validator.pem")
        let isMembers = invitation.genesis.members.contains { member in
            member.nodes.contains { $0.key == key.publicKey }
        }
        guard !isMembers else { throw .exists(path: path) }
    }

    private func make(member: MemberID?, isValidator: Bool) throws(SetupError) -> Joined {
        let genesis = invitation.genesis
        let (configurationPath, genesisPath) = ("\(folder)/node.yaml", "\(folder)/genesis.cbor")
        try SetupFiles.requireAbsent(configurationPath)
        try SetupFiles.requireAbsent(genesisPath)
        try SetupFiles.makeFolder(folder)
        let start = try makeLedger(isValidator: isValidator)
        try SetupFiles.write(genesis.encoded, to: genesisPath)
        let base = SetupFiles.absolute(keyFolder)
        let configuration = NodeConfiguration(
            network: genesis.network,
            genesis: "genesis.cbor",
            data: "data",
            listen: listen,
            apiListen: apiListen,
            apiNodes: apiNodes,
            keys: NodeKeys(node: "\(base)/node.pem", validator: isValidator ? "\(base)/validator.pem" : nil)
        )
        let comment = [
            member.map { "The node of \($0) in \(genesis.network)." } ?? "A mirror of \(genesis.network).",
            "Run it: jalon node run \(configurationPath)",
        ]
        try SetupFiles.write(Array(configuration.yaml(comment: comment).utf8), to: configurationPath)
        return Joined(
            member: member,
            isValidator: isValidator,
            configuration: configurationPath,
            data: "\(folder)/data",
            start: start
        )
    }

    /// A member that seals blocks needs its validator key, and no other.
    private func checkValidatorKey(of member: Member, path: String) throws(SetupError) -> Bool {
        let genesis = invitation.genesis
        let key: PrivateKey
        do {
            key = try load(path)
        } catch .key(.notFound) {
            guard let index = genesis.validators.index(of: member.id),
                let validator = genesis.validators[index]
            else { return false }
            throw .invalid(
                what: "the folder \(keyFolder)",
                found: "without validator.pem",
                expected: "the key \(validator.key.id), since \(member.id) seals blocks"
            )
        }
        guard let index = genesis.validators.index(of: key.publicKey.id),
            genesis.validators[index]?.member == member.id
        else {
            throw .notInGenesis(
                purpose: .validator,
                key: key.publicKey.id,
                path: path,
                network: genesis.network
            )
        }
        return true
    }

    private func load(_ path: String) throws(SetupError) -> PrivateKey {
        do throws(KeyFileError) {
            return try KeyFile.load(at: path) { () throws(KeyFileError) in
                try passphrases.passphrase(of: path)
            }
        } catch {
            throw .key(error)
        }
    }

    private func makeLedger(isValidator: Bool) throws(SetupError) -> JoinedSnapshot? {
        let genesis = invitation.genesis
        let data: DataFolder
        do { data = try DataFolder(creating: "\(folder)/data") } catch { throw .dataFolder(error) }
        do {
            if let snapshot {
                // Whoever seals the first blocks alone can't have lost them to anybody who would tell.
                if isValidator, genesis.validators.count == 1 { throw SetupError.onlyValidator }
                guard try !LedgerReplacement.isThere(in: data) else {
                    throw StorageError.exists(path: data.path)
                }
                return try SnapshotSetup.fill(
                    from: snapshot,
                    genesis: genesis,
                    in: data,
                    rejoins: isValidator,
                    progress: progress ?? { _, _ in }
                )
                .joined
            }
            let identity = LedgerIdentity(network: genesis.network, chain: genesis.chain)
            try LedgerStore.create(in: data, genesis: genesis.encoded, identity: identity).close()
            return nil
        } catch {
            throw SetupError(error, path: snapshot ?? data.path)
        }
    }
}
