public import JalonCrypto
public import JalonModel

/// Validators with known keys, and what they sign.
public struct TestNetwork: Sendable {
    /// The keys, in the order of the set.
    public let keys: [PrivateKey]
    public let context: VotingContext

    /// Makes `count` validators, the members m-0, m-1 and so on.
    ///
    /// - Parameters:
    ///   - count: From 1 to 34.
    ///   - firstSeed: The byte of which the first validator's private key is made; the next ones follow.
    ///   - epoch: The epoch of the context.
    ///   - network: The network's id.
    /// - Throws: Where the numbers are outside their ranges.
    public init(
        validatorCount count: Int,
        firstSeed: UInt8 = 100,
        epoch: UInt64 = 0,
        network: String = "test-net"
    ) throws {
        let made = try (0..<count).map {
            try PrivateKey(seed: [UInt8](repeating: firstSeed + UInt8($0), count: 32))
        }
        try self.init(
            keys: made,
            members: (0..<count).map { "m-\($0)" },
            epoch: epoch,
            network: network,
            chain: ChainID(SHA256.hash(Array("a chain of the tests".utf8)))
        )
    }

    /// Makes a network of the keys, one for each of `members`, in any order.
    public init(keys: [PrivateKey], members: [String], epoch: UInt64, network: String, chain: ChainID) throws
    {
        let validators = try ValidatorSet(
            zip(keys, members).map { Validator(key: $0.publicKey, member: MemberID(checked: $1)) }
        )
        self.keys = keys.sorted { $0.publicKey.raw.lexicographicallyPrecedes($1.publicKey.raw) }
        context = VotingContext(
            network: NetworkID(checked: network),
            chain: chain,
            epoch: Epoch(epoch),
            validators: validators
        )
    }

    /// The votes of the validators at these indices over one ballot.
    public func votes(_ ballot: Ballot, by signers: some Sequence<Int>) -> [Verified<Vote>] {
        signers.map { Vote.signed(ballot, by: ValidatorIndex($0), key: keys[$0], in: context) }
    }

    /// A certificate that the first quorum of validators signed.
    public func certificate(_ ballot: Ballot) -> Certificate {
        let votes = votes(ballot, by: 0..<context.validators.quorum)
        guard let certificate = Certificate.assembled(from: votes, in: context) else {
            preconditionFailure("a quorum of votes over one ballot makes a certificate")
        }
        return certificate.value
    }
}

extension Digest {
    /// The digest of a text, where a test needs some digest.
    public static func of(_ text: String) -> Digest { SHA256.hash(Array(text.utf8)) }
}

extension BlockID {
    /// The digest of a text, where a test needs some block.
    public static func of(_ text: String) -> BlockID { BlockID(.of(text)) }
}
