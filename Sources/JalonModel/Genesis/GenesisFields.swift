import JalonCodec
import JalonCrypto

/// The fields of a genesis, for its encoding and its rules.
struct GenesisFields {
    let network: NetworkID
    let time: Timestamp
    let parameters: Parameters
    let units: [UnitDefinition]
    let sectors: [SectorDefinition]
    let members: [Member]
    let validators: ValidatorSet

    func encoded(continues: Continuation?) -> [UInt8] {
        var encoder = CBOREncoder(capacity: 1_024 + 512 * members.count)
        encoder.encodeMap { map in
            map.field("time") { $0.encode(time) }
            map.field("units", units)
            map.field("members", members)
            map.field("network", network)
            map.field("sectors", sectors)
            map.field("version") { $0.encode(Genesis.version) }
            map.field("continues", ifPresent: continues)
            map.field("parameters", parameters)
            map.field("validators") { $0.append(encoded: validators.encoded) }
        }
        return encoder.bytes
    }

    static func decode(
        _ decoder: inout CBORDecoder
    ) throws(CBORError) -> (fields: GenesisFields, continues: Continuation?) {
        try decoder.decodeMap { (map) throws(CBORError) in
            let time = try map.field("time") { (decoder) throws(CBORError) in
                try decoder.decode(Timestamp.self)
            }
            let units: [UnitDefinition] = try map.list("units", maximum: Genesis.maximumCount)
            let members: [Member] = try map.list("members", maximum: Genesis.maximumCount)
            let network: NetworkID = try map.field("network")
            let sectors: [SectorDefinition] = try map.list("sectors", maximum: Genesis.maximumCount)
            // The caller has looked at the version already, since another one has other fields.
            _ = try map.field("version") { (decoder) throws(CBORError) in try decoder.decodeText(maximum: 64)
            }
            let continues: Continuation? = try map.optional("continues")
            let parameters: Parameters = try map.field("parameters")
            let validators = try map.field("validators") { (decoder) throws(CBORError) in
                try ValidatorSet(from: &decoder)
            }
            let fields = GenesisFields(
                network: network,
                time: time,
                parameters: parameters,
                units: units,
                sectors: sectors,
                members: members,
                validators: validators
            )
            return (fields, continues)
        }
    }
}

// MARK: - Rules

extension GenesisFields {
    /// 9999-12-31T23:59:59.999Z: a later time has no date.
    private static let maximumTime = Timestamp(253_402_300_799_999)

    func validate() throws(GenesisError) {
        guard time <= GenesisFields.maximumTime else {
            throw .invalid(field: "time", found: "\(time)", expected: "at most \(GenesisFields.maximumTime)")
        }
        try validateParameters()
        try validateDefinitions()
        try validateMembers()
        try validateValidators()
        try validateKeys()
    }

    private func validateParameters() throws(GenesisError) {
        do { try parameters.validate() } catch {
            throw .invalid(field: "parameters", found: "\(error)", expected: "values in their ranges")
        }
        guard parameters.minimumValidatorCount <= UInt64(validators.count) else {
            throw .invalid(
                field: "parameters.minimumValidators",
                found: "\(parameters.minimumValidatorCount)",
                expected: "at most \(validators.count), the validators there are"
            )
        }
    }

    private func validateDefinitions() throws(GenesisError) {
        try GenesisFields.requireUnique(units.map(\.code), "units")
        try GenesisFields.requireUnique(sectors.map(\.code), "sectors")
        for unit in units { try GenesisFields.requireName(unit.name, "units.\(unit.code).name") }
        for sector in sectors { try GenesisFields.requireName(sector.name, "sectors.\(sector.code).name") }
    }

    private func validateMembers() throws(GenesisError) {
        guard members.count <= Genesis.maximumCount else {
            throw .invalid(
                field: "members",
                found: "\(members.count)",
                expected: "at most \(Genesis.maximumCount)"
            )
        }
        try GenesisFields.requireUnique(members.map(\.id), "members")
        for member in members { try GenesisFields.validate(member, "members.\(member.id)") }
        let regions = members.filter { $0.has(.province) }.compactMap(\.region)
        try GenesisFields.requireUnique(regions, "members.region")
    }

    /// Checks the rules of a member that need nothing else; `field` is its name for the error.
    static func validate(_ member: Member, _ field: String) throws(GenesisError) {
        try GenesisFields.requireName(member.name, "\(field).name")
        guard !member.roles.isEmpty else {
            throw .invalid(
                field: "\(field).roles",
                found: "none",
                expected: "one role at least: \(MemberRole.form)"
            )
        }
        try GenesisFields.requireUnique(member.roles, "\(field).roles")
        if member.has(.province) {
            guard let region = member.region, !region.isCountry else {
                throw .invalid(
                    field: "\(field).region",
                    found: member.region?.text ?? "absent",
                    expected: "a province's code such as CN-HE"
                )
            }
        }
        guard (1...Member.maximumKeyCount).contains(member.authorityKeys.count) else {
            throw .invalid(
                field: "\(field).authorityKeys",
                found: "\(member.authorityKeys.count)",
                expected: "1 to \(Member.maximumKeyCount)"
            )
        }
        guard member.nodes.count <= Member.maximumKeyCount else {
            throw .invalid(
                field: "\(field).nodes",
                found: "\(member.nodes.count)",
                expected: "at most \(Member.maximumKeyCount)"
            )
        }
        for node in member.nodes {
            guard node.addresses.count <= NodeEntry.maximumAddressCount else {
                throw .invalid(
                    field: "\(field).nodes.addresses",
                    found: "\(node.addresses.count)",
                    expected: "at most \(NodeEntry.maximumAddressCount)"
                )
            }
            try GenesisFields.requireUnique(node.addresses, "\(field).nodes.addresses")
        }
    }

    private func validateValidators() throws(GenesisError) {
        for validator in validators.validators {
            guard let member = members.first(where: { $0.id == validator.member }) else {
                throw .invalid(field: "validators", found: "\(validator.member)", expected: "members only")
            }
            guard member.roles != [.observer] else {
                throw .invalid(
                    field: "validators",
                    found: "\(member.id), an observer",
                    expected: "provinces, regulators or auditors: an observer seals no blocks"
                )
            }
            guard !member.nodes.isEmpty else {
                throw .invalid(
                    field: "members.\(member.id).nodes",
                    found: "none",
                    expected: "one at least, since the member is a validator"
                )
            }
        }
    }

    /// No key serves two purposes, stands there twice, or belongs to two members.
    private func validateKeys() throws(GenesisError) {
        var uses: [(key: KeyID, use: KeyUse)] = []
        for member in members {
            func add(_ key: PublicKey, _ purpose: KeyPurpose) {
                uses.append((key.id, KeyUse(member: member.id, purpose: purpose)))
            }
            for key in member.authorityKeys { add(key, .authority) }
            if let key = member.recoveryKey { add(key, .recovery) }
            for node in member.nodes { add(node.key, .node) }
        }
        for validator in validators.validators {
            uses.append((validator.key.id, KeyUse(member: validator.member, purpose: .validator)))
        }
        // Indices break ties, so that the error is the same whatever the sort does with equal keys.
        let order = uses.indices.sorted { (uses[$0].key, $0) < (uses[$1].key, $1) }
        for (left, right) in zip(order, order.dropFirst()) where uses[left].key == uses[right].key {
            throw .repeatedKey(uses[left].key, uses[left].use, uses[right].use)
        }
    }

    private static func requireUnique<Element: Comparable>(
        _ list: [Element],
        _ field: String
    ) throws(GenesisError) {
        do { try JalonModel.requireUnique(list, field) } catch { throw GenesisError(error) }
    }

    private static func requireName(_ name: LocalizedText, _ field: String) throws(GenesisError) {
        do { try name.require(.title, field) } catch { throw GenesisError(error) }
    }
}

extension GenesisError {
    fileprivate init(_ error: BodyError) {
        switch error {
        case .malformed(let error): self = .malformed(error)
        case .unknownType(let type):
            self = .invalid(field: "type", found: type, expected: TransactionType.form)
        case .invalid(let field, let found, let expected):
            self = .invalid(field: field, found: found, expected: expected)
        }
    }
}
