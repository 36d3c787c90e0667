import JalonCodec
public import JalonCrypto

/// What a network starts from: its hash is the chain's id, and every signature of the network is bound to it.
///
/// The genesis stands at height 0, epoch 0, view 0 with an empty log; its own hash is its block id.
public struct Genesis: Hashable, Sendable {
    /// Names the format and the rule set of the first block.
    public static let version = "jalon-genesis/1"
    /// Bytes of the longest encoding.
    public static let maximumByteCount = 1 << 20
    /// The most members, and the most units.
    public static let maximumCount = 256
    /// The log's root before the first transaction: SHA-256 of nothing (RFC 9162 §2.1.1).
    public static let logRoot = SHA256.hash([])

    public let network: NetworkID
    /// The timestamp of height 0.
    public let time: Timestamp
    public let parameters: Parameters
    /// In the order in which they are shown.
    public let units: [UnitDefinition]
    /// In the order in which they are shown.
    public let sectors: [SectorDefinition]
    /// Ascending by id.
    public let members: [Member]
    public let validators: ValidatorSet
    public let continues: Continuation?
    /// The encoding.
    public let encoded: [UInt8]
    /// SHA-256 of the encoding.
    public let chain: ChainID

    /// Makes a genesis; members and their roles may be in any order.
    ///
    /// A continuation's signatures are not looked at here, since they are made over the genesis.
    ///
    /// - Throws: ``GenesisError`` for the first rule that is broken.
    public init(
        network: NetworkID,
        time: Timestamp,
        parameters: Parameters,
        units: [UnitDefinition] = [],
        sectors: [SectorDefinition] = [],
        members: [Member],
        validators: ValidatorSet,
        continues: Continuation? = nil
    ) throws(GenesisError) {
        (self.network, self.time, self.parameters) = (network, time, parameters)
        (self.units, self.sectors, self.validators, self.continues) = (units, sectors, validators, continues)
        self.members = members.sorted { $0.id < $1.id }.map { member in
            var member = member
            member.roles.sort()
            return member
        }
        let fields = GenesisFields(
            network: network,
            time: time,
            parameters: parameters,
            units: units,
            sectors: sectors,
            members: self.members,
            validators: validators
        )
        try fields.validate()
        encoded = fields.encoded(continues: continues)
        chain = ChainID(SHA256.hash(encoded))
        guard encoded.count <= Genesis.maximumByteCount else {
            throw .invalid(
                field: "genesis",
                found: "\(encoded.count) bytes",
                expected: "at most \(Genesis.maximumByteCount)"
            )
        }
    }

    /// Reads a genesis and checks every rule, a continuation's signatures included.
    public static func decode(_ bytes: some Collection<UInt8>) throws(GenesisError) -> Genesis {
        guard bytes.count <= maximumByteCount else {
            throw .malformed(.tooLong(count: UInt64(bytes.count), limit: maximumByteCount, offset: 0))
        }
        let bytes = Array(bytes)
        let version: String?
        do { version = try CBORDecoder(bytes).peekText(atKey: "version", maximum: 64) } catch {
            throw .malformed(error)
        }
        if let version, !version.equalsBytewise(Genesis.version) { throw .unknownVersion(version) }
        let (fields, continues): (GenesisFields, Continuation?)
        do { (fields, continues) = try CBORDecoder.decode(bytes[...], GenesisFields.decode) } catch {
            throw .malformed(error)
        }
        let genesis = try Genesis(
            network: fields.network,
            time: fields.time,
            parameters: fields.parameters,
            units: fields.units,
            sectors: fields.sectors,
            members: fields.members,
            validators: fields.validators,
            continues: continues
        )
        guard genesis.encoded == bytes else {
            throw .invalid(
                field: "members",
                found: "another order",
                expected: "members by id and roles by name, ascending"
            )
        }
        try genesis.verifyContinuation(by: KeySignatureVerifier())
        return genesis
    }

    /// The block id of height 0: the same hash as ``chain``.
    public var blockID: BlockID { BlockID(chain.digest) }

    /// The member with this id.
    ///
    /// - Complexity: O(n).
    public func member(_ id: MemberID) -> Member? { members.first { $0.id == id } }

    func encode(to encoder: inout CBOREncoder, continues: Continuation?) {
        encoder.append(
            encoded: GenesisFields(
                network: network,
                time: time,
                parameters: parameters,
                units: units,
                sectors: sectors,
                members: members,
                validators: validators
            ).encoded(continues: continues)
        )
    }

    public static func == (left: Genesis, right: Genesis) -> Bool { left.chain == right.chain }

    public func hash(into hasher: inout Hasher) { hasher.combine(chain) }
}
