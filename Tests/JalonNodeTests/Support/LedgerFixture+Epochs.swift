import JalonCrypto
import JalonModel
import JalonState
import Testing

/// Members that join, keys that change, and the epochs that close for it.
extension LedgerFixture {
    private static func key(_ seed: UInt8) throws -> PrivateKey {
        try PrivateKey(seed: [UInt8](repeating: seed, count: 32))
    }

    /// The first member proposes to admit `xz-0number` with a seat, and its keys are known from now on.
    mutating func admission(of number: Int) throws -> Transaction {
        let seed = UInt8(100 + 4 * number)
        let (authority, node, validator) = (
            try LedgerFixture.key(seed), try LedgerFixture.key(seed + 1), try LedgerFixture.key(seed + 2)
        )
        let member = Member(
            id: try LedgerFixture.member(number),
            roles: [.province],
            name: try LocalizedText(zh: "地区"),
            region: RegionCode("XZ-0\(number)"),
            authorityKeys: [authority.publicKey],
            nodes: [NodeEntry(key: node.publicKey)]
        )
        (authorities[member.id], validatorKeys[validator.publicKey.id]) = (authority, validator)
        let digest = Possession.digest(of: member, validatorKey: validator.publicKey)
        let purposes: [(KeyPurpose, PrivateKey)] = [
            (.authority, authority), (.node, node), (.validator, validator),
        ]
        let admission = MemberAdmission(
            member: member,
            validatorKey: validator.publicKey,
            proofs: purposes.map { $1.sign(Possession.statement($0, digest)) }
        )
        let proposal = GovernancePropose(
            network: genesis.network,
            action: .admit(admission),
            reason: try Text("理由"),
            effectiveHeight: nil
        )
        return try sign(.governancePropose(proposal), nonce: seed)
    }

    /// A member votes for a proposal.
    func vote(by number: Int, on proposal: Transaction) throws -> Transaction {
        let vote = GovernanceVote(network: genesis.network, proposal: proposal.id, ballot: .yes)
        return try sign(.governanceVote(vote), by: number, nonce: UInt8(200 + number))
    }

    /// The first member's seat gets another validator key.
    mutating func rotation(seed: UInt8) throws -> Transaction {
        let (member, key) = (try LedgerFixture.member(1), try LedgerFixture.key(seed))
        let old = try #require(state.validators.validators.first { $0.member == member })
        validatorKeys[key.publicKey.id] = key
        let statement = Possession.statement(
            purpose: KeyPurpose.validator.rawValue,
            key: key.publicKey,
            member: member,
            chain: genesis.chain
        )
        let rotation = KeyRotate(
            member: member,
            old: old.key.id,
            key: key.publicKey,
            purpose: .validator,
            proof: key.sign(statement)
        )
        return try sign(.keyRotate(rotation), nonce: seed)
    }

    /// Closes the epoch for the validators that wait.
    func activation() throws -> Transaction {
        let set = try #require(state.nextValidators.first).validators
        let (epoch, height) = (state.epoch.next, try #require(tip).height)
        let statement = Readiness.statement(
            chain: genesis.chain,
            epoch: epoch,
            validators: set.hash,
            height: height
        )
        let activation = ValidatorsActivate(
            network: genesis.network,
            epoch: epoch,
            validators: set,
            ready: try set.indices.prefix(set.quorum).map { index in
                let key = try #require(set[index].flatMap { validatorKeys[$0.key.id] })
                return (index, Readiness(height: height, signature: key.sign(statement)))
            }
        )
        return try sign(.validatorsActivate(activation), nonce: UInt8(clamping: epoch.value))
    }
}

extension LedgerFixture {
    /// Seventeen blocks, of which 4, 7 and 11 close an epoch: one validator, four, four with another key, five.
    ///
    /// Block 7 was proposed again in two later views before it was final.
    mutating func fillWithEpochs() throws {
        func plans(_ height: Int) throws -> [Transaction] {
            try [plan(2 * height), plan(2 * height + 1)]
        }
        try append(plans(1))
        try append([admission(of: 2), admission(of: 3), admission(of: 4)])
        try append(plans(3), isSealed: false)
        try append([plan(8), activation()])
        try append(plans(5))
        try append([rotation(seed: 90)])
        try append([activation()], reproposals: 2)
        try append(plans(8))
        let fifth = try admission(of: 5)
        try append([fifth, vote(by: 2, on: fifth), vote(by: 3, on: fifth)])
        try append(plans(10), isSealed: false)
        try append([activation()])
        for height in 12...17 { try append(plans(height)) }
    }
}
