import JalonCrypto
package import JalonModel
import JalonStorage

/// Makes the keys of a new member and the file that it hands to the coordinator.
package struct MemberSetup: Sendable {
    package var id: MemberID
    package var roles: [MemberRole]
    package var name: LocalizedText
    package var region: RegionCode?
    /// Where other nodes may dial the member's node.
    package var addresses: [NodeAddress]
    /// An observer's node holds no validator key and seals no blocks.
    package var isObserver: Bool
    /// For the keys of the node: `node.pem` and `validator.pem`.
    package var nodeFolder: String
    /// For the key that signs transactions, `authority.pem`, which is kept off the node's machine.
    package var authorityFolder: String
    /// For the key that signs only key.recover; `nil` makes none.
    package var recoveryKeyPath: String?
    /// The member's file.
    package var file: String

    package init(
        id: MemberID,
        roles: [MemberRole],
        name: LocalizedText,
        region: RegionCode? = nil,
        addresses: [NodeAddress] = [],
        isObserver: Bool = false,
        nodeFolder: String,
        authorityFolder: String,
        recoveryKeyPath: String? = nil,
        file: String
    ) {
        (self.id, self.roles, self.name, self.region) = (id, roles, name, region)
        (self.addresses, self.isObserver) = (addresses, isObserver)
        (self.nodeFolder, self.authorityFolder, self.file) = (nodeFolder, authorityFolder, file)
        self.recoveryKeyPath = recoveryKeyPath
    }

    package var nodeKeyPath: String { "\(nodeFolder)/node.pem" }
    package var validatorKeyPath: String { "\(nodeFolder)/validator.pem" }
    package var authorityKeyPath: String { "\(authorityFolder)/authority.pem" }

    /// Makes everything; where any of it is there already, nothing is made.
    ///
    /// - Parameters:
    ///   - generator: The system's, but for tests.
    ///   - passphrase: Encrypts the authority key and the recovery key; the node's are read without anybody there.
    /// - Returns: What was written.
    /// - Throws: ``SetupError``.
    package func run(
        using generator: inout some RandomNumberGenerator,
        passphrase: [UInt8]? = nil
    ) throws(SetupError) -> MemberFile {
        guard nodeFolder != authorityFolder else {
            throw .invalid(
                what: "the authority key's folder",
                found: "the node's, \(nodeFolder)",
                expected: "another one, which is not kept on the node's machine"
            )
        }
        let paths = [
            file, nodeKeyPath, authorityKeyPath, recoveryKeyPath, isObserver ? nil : validatorKeyPath,
        ]
        for path in paths { if let path { try SetupFiles.requireAbsent(path) } }
        try SetupFiles.makeFolder(nodeFolder)
        try SetupFiles.makeFolder(authorityFolder)
        let authority = try key(at: authorityKeyPath, passphrase: passphrase, using: &generator)
        let node = try key(at: nodeKeyPath, passphrase: nil, using: &generator)
        let validator = isObserver ? nil : try key(at: validatorKeyPath, passphrase: nil, using: &generator)
        var recovery: PrivateKey?
        if let path = recoveryKeyPath {
            recovery = try key(at: path, passphrase: passphrase, using: &generator)
        }
        let member = Member(id: id, roles: roles, name: name, region: region, authorityKeys: [])
        let made = MemberFile(
            member: member,
            addresses: addresses,
            authority: authority,
            node: node,
            validator: validator,
            recovery: recovery
        )
        try SetupFiles.write(Array(made.json.utf8), to: file)
        return made
    }

    private func key(
        at path: String,
        passphrase: [UInt8]?,
        using generator: inout some RandomNumberGenerator
    ) throws(SetupError) -> PrivateKey {
        do {
            let key = try PrivateKey(using: &generator)
            try KeyFile.save(key, at: path, passphrase: passphrase)
            return key
        } catch let error as KeyFileError {
            throw .key(error)
        } catch let error as KeyError {
            throw .key(.unusable(path: path, error))
        } catch {
            preconditionFailure("nothing else is thrown in here")
        }
    }
}
