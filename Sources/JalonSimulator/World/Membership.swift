package import JalonCore
package import JalonCrypto
package import JalonModel

/// A network of n provinces, each a member with an authority key, a validator and a node: the same keys in every run,
/// so that only the seed makes the difference.
package struct Membership: Sendable {
    package let genesis: Genesis
    package let scheme: SignatureScheme
    /// The members' ids and regions, by node: the validators of the genesis in their order, then those that may join.
    package let members: [(id: MemberID, region: RegionCode)]
    /// The peers, by node.
    package let peers: [PeerID]
    /// Each node's validator keys: the first one and those that may follow it.
    private let validatorKeys: [[PrivateKey]]
    private let authorityKeys: [PrivateKey]
    private let nodeKeys: [PrivateKey]
    // Asked by key, never iterated.
    private let nodesByKey: [KeyID: Int]
    /// The members of the genesis, and those that may join, by node.
    private let drafts: [Member]

    /// Validator keys that each node has.
    package static let validatorKeyCount = 3

    /// - Parameters:
    ///   - validatorCount: 1 to 34.
    ///   - joinerCount: Members that are no part of the genesis and may join.
    ///   - parameters: What the genesis says in numbers; `nil` for the defaults.
    ///   - scheme: The signatures of validators and members.
    package init(
        validatorCount: Int,
        joinerCount: Int = 0,
        parameters: Parameters? = nil,
        scheme: SignatureScheme
    ) {
        self.scheme = scheme
        do {
            let drafts = try (0..<validatorCount).map { try Draft.numbered($0) }
            let set = try ValidatorSet(drafts.map(\.validator))
            // From here on everything is by the validator's place in the sorted set.
            let sorted = set.validators.compactMap { validator in drafts.first { $0.id == validator.member } }
            let all = try sorted + (0..<joinerCount).map { try Draft.numbered(validatorCount + $0) }
            members = all.map { ($0.id, $0.region) }
            peers = all.map(\.node.publicKey.id)
            validatorKeys = all.map(\.validatorKeys)
            authorityKeys = all.map(\.authority)
            nodeKeys = all.map(\.node)
            self.drafts = try all.map { try $0.member() }
            var nodesByKey: [KeyID: Int] = [:]
            for (node, draft) in all.enumerated() {
                for key in draft.validatorKeys { nodesByKey[key.publicKey.id] = node }
            }
            self.nodesByKey = nodesByKey
            genesis = try Genesis(
                network: NetworkID(checked: "simulation"),
                time: SimulatedClock.worldStart.reduced(byMilliseconds: 60_000),
                parameters: parameters ?? Parameters(validatorCount: validatorCount),
                members: try sorted.map { draft in try draft.member() },
                validators: set
            )
        } catch {
            preconditionFailure("the network of a simulation keeps every rule of a genesis: \(error)")
        }
    }

    /// The nodes there are, those that may join too.
    package var count: Int { members.count }

    /// The node with this key.
    package func node(of peer: PeerID) -> Int? { peers.firstIndex(of: peer) }

    /// The node that holds a validator key.
    package func node(of key: PublicKey) -> Int? { nodesByKey[key.id] }

    /// The node of a member.
    package func node(of member: MemberID) -> Int? { members.firstIndex { $0.id == member } }

    /// What the votes of the first epoch are bound to.
    package var context: VotingContext {
        VotingContext(
            network: genesis.network,
            chain: genesis.chain,
            epoch: Epoch(0),
            validators: genesis.validators
        )
    }

    /// What signs a node's votes at first.
    package func validatorSigner(_ node: Int) -> any Signing { scheme.signer(validatorKeys[node][0]) }

    /// Everything that a node may ever sign votes with.
    package func validatorSigners(_ node: Int) -> [any Signing] {
        validatorKeys[node].map { scheme.signer($0) }
    }

    /// What the member of a node hands in to join, with its validator key.
    package func admission(of node: Int) -> MemberAdmission {
        let key = validatorKeys[node][0]
        let digest = Possession.digest(of: drafts[node], validatorKey: key.publicKey)
        let keys: [(KeyPurpose, PrivateKey)] = [
            (.authority, authorityKeys[node]), (.node, nodeKeys[node]), (.validator, key),
        ]
        return MemberAdmission(
            member: drafts[node],
            validatorKey: key.publicKey,
            proofs: keys.map { purpose, key in scheme.signer(key).sign(Possession.statement(purpose, digest))
            }
        )
    }

    /// The change of a node's validator key to its next one, whose number among its keys is from 1.
    package func rotation(of node: Int, to number: Int) -> KeyRotate {
        let (old, new) = (validatorKeys[node][number - 1].publicKey, validatorKeys[node][number])
        let statement = Possession.statement(
            purpose: KeyPurpose.validator.rawValue,
            key: new.publicKey,
            member: members[node].id,
            chain: genesis.chain
        )
        return KeyRotate(
            member: members[node].id,
            old: old.id,
            key: new.publicKey,
            purpose: .validator,
            proof: scheme.signer(new).sign(statement)
        )
    }

    /// Which of its keys a node's seat has, from 0.
    package func keyNumber(_ key: PublicKey, of node: Int) -> Int? {
        validatorKeys[node].firstIndex { $0.publicKey == key }
    }

    /// What signs the transactions of a node's member.
    package func authoritySigner(_ node: Int) -> any Signing { scheme.signer(authorityKeys[node]) }

    /// One member while the network is put together.
    private struct Draft {
        let id: MemberID
        let region: RegionCode
        let authority: PrivateKey
        let validatorKeys: [PrivateKey]
        let node: PrivateKey

        /// The first of them, made once: their keys cost more than the rest of a short run.
        private static let prepared: [Draft] = (0..<16).compactMap { try? Draft(number: $0) }

        static func numbered(_ number: Int) throws(KeyError) -> Draft {
            prepared.indices.contains(number) ? prepared[number] : try Draft(number: number)
        }

        private init(number: Int) throws(KeyError) {
            id = MemberID(checked: "member-\(number)")
            guard let region = RegionCode("CN-\(100 + number)") else {
                preconditionFailure("three digits make a region's code")
            }
            self.region = region
            func key(_ purpose: UInt8) throws(KeyError) -> PrivateKey {
                try PrivateKey(seed: SHA256.hash([purpose, UInt8(truncatingIfNeeded: number)]).bytes)
            }
            authority = try key(1)
            validatorKeys = try [key(2), key(4), key(5)]
            node = try key(3)
        }

        var validator: Validator { Validator(key: validatorKeys[0].publicKey, member: id) }

        func member() throws(TextError) -> Member {
            Member(
                id: id,
                roles: [.province],
                name: try LocalizedText(zh: id.text),
                region: region,
                authorityKeys: [authority.publicKey],
                nodes: [NodeEntry(key: node.publicKey)]
            )
        }
    }
}
