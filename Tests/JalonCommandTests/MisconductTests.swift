import Foundation
import JalonCrypto
import JalonModel
import JalonSchema
import Testing

@testable import jalon

@Suite("Evidence is checked with the genesis alone")
struct MisconductTests {
    private let keys: [PrivateKey]
    private let genesis: Genesis
    private let context: VotingContext

    init() throws {
        let made = try (1...3).map { try PrivateKey(seed: [UInt8](repeating: $0, count: 32)) }
        let set = try ValidatorSet(
            made.enumerated().map { Validator(key: $1.publicKey, member: MemberID(checked: "m-\($0)")) }
        )
        keys = made.sorted { $0.publicKey.raw.lexicographicallyPrecedes($1.publicKey.raw) }
        genesis = try Genesis(
            network: NetworkID(checked: "evidence"),
            time: Timestamp(1_700_000_000_000),
            parameters: Parameters(validatorCount: 3),
            members: try (0..<3).map { number in
                func key(_ purpose: Int) throws -> PublicKey {
                    try PrivateKey(seed: [UInt8](repeating: UInt8(16 * purpose + number), count: 32))
                        .publicKey
                }
                return Member(
                    id: MemberID(checked: "m-\(number)"),
                    roles: [.province],
                    name: try LocalizedText(zh: "省"),
                    region: RegionCode("XZ-\(number)"),
                    authorityKeys: [try key(2)],
                    nodes: [NodeEntry(key: try key(3))]
                )
            },
            validators: set
        )
        context = VotingContext(
            network: genesis.network,
            chain: genesis.chain,
            epoch: Epoch(0),
            validators: set
        )
    }

    private func entry(
        signature: [UInt8]? = nil,
        member: String? = nil,
        view: UInt64 = 7,
        in other: VotingContext? = nil
    ) throws -> API.Misconduct {
        let context = other ?? context
        let votes = [1, 2].map { number in
            Vote.signed(
                .notarize(View(7), BlockID(SHA256.hash([number]))),
                by: ValidatorIndex(1),
                key: keys[1],
                in: context
            ).value
        }
        let first = Vote(
            epoch: votes[0].epoch,
            ballot: votes[0].ballot,
            signer: votes[0].signer,
            signature: signature ?? votes[0].signature
        )
        let pair = try #require(Equivocation(first, votes[1]))
        return API.Misconduct(
            member: try member ?? #require(genesis.validators[ValidatorIndex(1)]).member.text,
            validator: 1,
            epoch: context.epoch.value,
            view: view,
            votes: [],
            proof: Data(PeerMessage.evidence(pair).encoded).base64EncodedString()
        )
    }

    @Test("and holds where both votes are the validator's")
    func holds() throws {
        #expect(try entry().fault(in: genesis) == nil)
    }

    @Test("and of a later epoch with the validators of that epoch, and not without them")
    func laterEpoch() throws {
        let later = VotingContext(
            network: genesis.network,
            chain: genesis.chain,
            epoch: Epoch(2),
            validators: genesis.validators
        )
        let entry = try entry(in: later)
        #expect(entry.fault(in: genesis)?.contains("it is of epoch 2") == true)
        #expect(entry.fault(in: genesis, [context])?.contains("--epochs") == true)
        #expect(entry.fault(in: genesis, [context, later]) == nil)
    }

    @Test("and is refused with the reason where it proves nothing")
    func refused() throws {
        let forged = try entry(signature: [UInt8](repeating: 0, count: 64))
        #expect(forged.fault(in: genesis) == "a signature is not valid")
        #expect(try entry(member: "m-9").fault(in: genesis)?.contains("another validator's") == true)
        #expect(try entry(view: 8).fault(in: genesis)?.contains("another view") == true)
        var garbage = try entry()
        for proof in ["", "gIA=", "no base64"] {
            garbage.proof = proof
            #expect(garbage.fault(in: genesis) == "it is not two contradicting votes")
        }
    }
}
