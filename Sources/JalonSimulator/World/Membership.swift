package import JalonCore
import JalonCrypto
package import JalonModel

/// A network of n provinces, each a member with an authority key, a validator and a node: the same keys in every run,
/// so that only the seed makes the difference.
package struct Membership: Sendable {
    package let genesis: Genesis
    package let scheme: SignatureScheme
    /// The members' ids and regions, by validator index.
    package let members: [(id: MemberID, region: RegionCode)]
    /// The peers, by validator index.
    package let peers: [PeerID]
    private let validatorKeys: [PrivateKey]
    private let authorityKeys: [PrivateKey]

    /// - Parameters:
    ///   - validatorCount: 1 to 34.
    ///   - scheme: The signatures of validators and members.
    package init(validatorCount: Int, scheme: SignatureScheme) {
        self.scheme = scheme
        do {
            let drafts = try (0..<validatorCount).map(Draft.init)
            let set = try ValidatorSet(drafts.map(\.validator))
            // From here on everything is by the validator's place in the sorted set.
            let sorted = set.validators.compactMap { validator in drafts.first { $0.id == validator.member } }
            members = sorted.map { ($0.id, $0.region) }
            peers = sorted.map(\.node.publicKey.id)
            validatorKeys = sorted.map(\.validatorKey)
            authorityKeys = sorted.map(\.authority)
            genesis = try Genesis(
                network: NetworkID(checked: "simulation"),
                time: SimulatedClock.worldStart.reduced(byMilliseconds: 60_000),
                parameters: Parameters(validatorCount: validatorCount),
                members: try sorted.map { draft in try draft.member() },
                validators: set
            )
        } catch {
            preconditionFailure("the network of a simulation keeps every rule of a genesis: \(error)")
        }
    }

    /// The validators there are.
    package var count: Int { members.count }

    /// The node with this key.
    package func node(of peer: PeerID) -> Int? { peers.firstIndex(of: peer) }

    /// What the votes of the first epoch are bound to.
    package var context: VotingContext {
        VotingContext(
            network: genesis.network,
            chain: genesis.chain,
            epoch: Epoch(0),
            validators: genesis.validators
        )
    }

    /// What signs a node's votes.
    package func validatorSigner(_ node: Int) -> any Signing { scheme.signer(validatorKeys[node]) }

    /// What signs the transactions of a node's member.
    package func authoritySigner(_ node: Int) -> any Signing { scheme.signer(authorityKeys[node]) }

    /// One member while the network is put together.
    private struct Draft {
        let id: MemberID
        let region: RegionCode
        let authority: PrivateKey
        let validatorKey: PrivateKey
        let node: PrivateKey

        init(number: Int) throws(KeyError) {
            id = MemberID(checked: "member-\(number)")
            guard let region = RegionCode("CN-\(100 + number)") else {
                preconditionFailure("three digits make a region's code")
            }
            self.region = region
            func key(_ purpose: UInt8) throws(KeyError) -> PrivateKey {
                try PrivateKey(seed: SHA256.hash([purpose, UInt8(truncatingIfNeeded: number)]).bytes)
            }
            authority = try key(1)
            validatorKey = try key(2)
            node = try key(3)
        }

        var validator: Validator { Validator(key: validatorKey.publicKey, member: id) }

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
