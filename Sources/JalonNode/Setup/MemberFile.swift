import JalonCodec
package import JalonCrypto
package import JalonModel

/// What a member hands to the coordinator of a new network: who it is, its public keys, and the proof for each that it
/// holds the private one.
///
/// Each key signs the whole file's content, so that none of it can be changed by others on the way. What it signs is
/// `["jalon-possession/1", purpose, digest]`, which no transaction and no vote begins with.
package struct MemberFile: Hashable, Sendable {
    /// The format's name, the first field of the file.
    package static let version = "jalon-member/1"

    /// The member as the genesis will list it.
    package let member: Member
    /// Signs votes; `nil` for an observer.
    package let validatorKey: PublicKey?
    /// A signature for each key, in the order of ``keys``.
    package let proofs: [[UInt8]]

    /// Makes a member's file with the private keys at hand.
    ///
    /// - Parameters:
    ///   - member: Without keys, which are added.
    ///   - addresses: Where its node may be dialled.
    ///   - authority: Signs transactions.
    ///   - node: The TLS identity.
    ///   - validator: Signs votes; `nil` for an observer.
    ///   - recovery: Signs only key.recover, where the member wants one.
    package init(
        member: Member,
        addresses: [NodeAddress],
        authority: PrivateKey,
        node: PrivateKey,
        validator: PrivateKey?,
        recovery: PrivateKey? = nil
    ) {
        var member = member
        member.roles.sort()
        member.authorityKeys = [authority.publicKey]
        member.recoveryKey = recovery?.publicKey
        member.nodes = [NodeEntry(key: node.publicKey, addresses: addresses)]
        (self.member, validatorKey) = (member, validator?.publicKey)
        let digest = Possession.digest(of: member, validatorKey: validator?.publicKey)
        let keys: [(KeyPurpose, PrivateKey?)] = [
            (.authority, authority), (.recovery, recovery), (.node, node), (.validator, validator),
        ]
        proofs = keys.compactMap { purpose, key in
            key?.sign(Possession.statement(purpose, digest))
        }
    }

    private init(member: Member, validatorKey: PublicKey?, proofs: [[UInt8]]) {
        (self.member, self.validatorKey, self.proofs) = (member, validatorKey, proofs)
    }

    /// Every key with its purpose, in the order of the proofs.
    package var keys: [(purpose: KeyPurpose, key: PublicKey)] {
        var keys: [(purpose: KeyPurpose, key: PublicKey)] = member.authorityKeys.map { (.authority, $0) }
        if let key = member.recoveryKey { keys.append((.recovery, key)) }
        keys += member.nodes.map { (.node, $0.key) }
        if let validatorKey { keys.append((.validator, validatorKey)) }
        return keys
    }

    /// What `governance.propose` says of a member who is to join a network that exists.
    package var admission: MemberAdmission {
        MemberAdmission(member: member, validatorKey: validatorKey, proofs: proofs)
    }

    /// Checks that each key's holder signed this very content; `file` is the name for the error.
    package func verify(file: String) throws(SetupError) {
        let digest = Possession.digest(of: member, validatorKey: validatorKey)
        for ((purpose, key), proof) in zip(keys, proofs) {
            guard key.isValid(signature: proof, for: Possession.statement(purpose, digest)) else {
                throw .noPossession(file: file, purpose: purpose, key: key.id)
            }
        }
    }
}

// MARK: - JSON

extension MemberFile {
    /// The file's text: JSON for people to look at and to send by mail.
    package var json: String {
        var lines = ["{", "  \"version\": \"\(MemberFile.version)\",", "  \"id\": \"\(member.id)\","]
        lines.append("  \"roles\": [\(member.roles.map { "\"\($0)\"" }.joined(separator: ", "))],")
        var names: [String] = []
        for language in Language.allCases {
            if let text = member.name.text(in: language) {
                names.append("\"\(language)\": \(StrictYAML.quoted(text.string))")
            }
        }
        if member.name.official != .zh { names.append("\"official\": \"\(member.name.official)\"") }
        lines.append("  \"name\": {\(names.joined(separator: ", "))},")
        if let region = member.region { lines.append("  \"region\": \"\(region)\",") }
        let addresses = member.nodes.flatMap(\.addresses).map { "\"\($0)\"" }
        lines.append("  \"addresses\": [\(addresses.joined(separator: ", "))],")
        lines.append("  \"keys\": {")
        let entries = zip(keys, proofs).map { entry, proof in
            """
                "\(entry.purpose)": {
                  "algorithm": "\(entry.key.algorithm)",
                  "key": "\(Hex.encode(entry.key.raw))",
                  "proof": "\(Hex.encode(proof))"
                }
            """
        }
        lines.append(entries.joined(separator: ",\n"))
        lines += ["  }", "}"]
        return lines.joined(separator: "\n") + "\n"
    }

    /// Reads a member's file and checks the proofs.
    package init(file: String) throws(SetupError) {
        do { try self.init(StrictYAML(contentsOf: file)) } catch { throw .configuration(error) }
        try verify(file: file)
    }

    init(_ document: StrictYAML) throws(ConfigurationError) {
        let fields = try document.mapping(["version", "id", "roles", "name", "region", "addresses", "keys"])
        _ = try fields.required("version").choice([MemberFile.version])
        let keys = try fields.required("keys").mapping(["authority", "recovery", "node", "validator"])
        let authority = try keys.required("authority").provenKey()
        let recovery = try keys["recovery"]?.provenKey()
        let node = try keys.required("node").provenKey()
        let validator = try keys["validator"]?.provenKey()
        let roles = try fields.required("roles").list(maximum: MemberRole.allCases.count) {
            entry throws(ConfigurationError) in try entry.choice(MemberRole.self)
        }
        let addresses: [NodeAddress] =
            try fields["addresses"]?.identifiers(maximum: NodeEntry.maximumAddressCount) ?? []
        self.init(
            member: Member(
                id: try fields.required("id").identifier(),
                roles: roles,
                name: try fields.required("name").localizedText(),
                region: try fields["region"]?.identifier(),
                authorityKeys: [authority.key],
                recoveryKey: recovery?.key,
                nodes: [NodeEntry(key: node.key, addresses: addresses)]
            ),
            validatorKey: validator?.key,
            proofs: [authority, recovery, node, validator].compactMap { $0?.proof }
        )
    }
}

extension StrictYAML {
    fileprivate func provenKey() throws(ConfigurationError) -> (key: PublicKey, proof: [UInt8]) {
        let fields = try mapping(["algorithm", "key", "proof"])
        let names = SignatureAlgorithm.allCases.map { "\($0)" }
        let name = try fields.required("algorithm").choice(names)
        guard let algorithm = SignatureAlgorithm.allCases.first(where: { "\($0)" == name }) else {
            throw error(expected: names.joined(separator: ", "))
        }
        let (keyField, proofField) = (try fields.required("key"), try fields.required("proof"))
        guard let raw = Hex.decode(try keyField.text()) else {
            throw keyField.error(expected: "hexadecimal digits")
        }
        let key: PublicKey
        do { key = try PublicKey(algorithm: algorithm, raw: raw) } catch { throw keyField.error("\(error)") }
        guard let proof = Hex.decode(try proofField.text()), proof.count == algorithm.signatureByteCount
        else {
            throw proofField.error(expected: "\(2 * algorithm.signatureByteCount) hexadecimal digits")
        }
        return (key, proof)
    }
}
