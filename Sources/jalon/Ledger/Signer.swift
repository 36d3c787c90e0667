import Foundation
import JalonClient
import JalonCrypto
import JalonModel
import JalonSchema

/// Signs transactions as one member of the network that a node belongs to.
struct Signer: Sendable {
    /// How long a transaction may wait for its block, at the most.
    private static let lifetimeMilliseconds: UInt64 = 600_000

    let key: PrivateKey
    let member: API.Member
    let memberID: MemberID
    let chain: ChainID
    /// The time of the node's last final block: a clock that lags must not make a transaction look expired.
    let tipTime: Timestamp
    /// How long a transaction may wait for its block: less than the network lets any, for clocks that differ.
    private let lifetime: UInt64

    /// Asks the node whose key it is, and in which network; only keys of these `kinds` may sign.
    init(key: PrivateKey, client: LedgerClient, kinds: [String] = ["authority", "delegate"]) async throws {
        let status = try await client.head()
        guard let chain = ChainID(hex: status.chain) else {
            throw ClientError.badAnswer(address: client.address, reason: "the chain '\(status.chain)'")
        }
        let id = key.publicKey.id.hex
        let members = try await client.members().members
        guard let member = members.first(where: { $0.keys.contains { $0.id == id } }),
            let memberID = MemberID(member.id)
        else {
            throw Failure(
                "E_UNKNOWN_KEY",
                "no member of \(status.network) has the key \(Format.short(id))",
                next: "Nothing was sent. The members and their keys: jalon member list",
                status: .refused
            )
        }
        if let entry = member.keys.first(where: { $0.id == id }), !kinds.contains(entry.kind) {
            throw Failure(
                "E_KEY_KIND",
                "this is the \(entry.kind) key of \(member.id), which signs no such transaction",
                next:
                    "Nothing was sent. Give the member's \(kinds.first ?? "authority") key, kept off the node.",
                status: .refused
            )
        }
        (self.key, self.member, self.memberID, self.chain) = (key, member, memberID, chain)
        tipTime = Timestamp(min(status.head.timestamp, UInt64(Int64.max)))
        let genesis: Genesis
        let encoded = try await client.genesis()
        do { genesis = try Genesis.decode(encoded) } catch {
            throw ClientError.badAnswer(address: client.address, reason: "the genesis: \(error)")
        }
        // Fixed for ever: what was signed under one limit must not live longer under another.
        let limit = genesis.parameters.maxLifetimeMilliseconds
        lifetime = min(Signer.lifetimeMilliseconds, limit - limit / 6)
    }

    /// Signs a body, with a nonce of its own and ten minutes, or what the network allows, to get into a block.
    func sign(_ body: TransactionBody) throws -> Transaction {
        try body.validate()
        var generator = SystemRandomNumberGenerator()
        let nonce = (0..<Transaction.nonceByteCount).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let now = Timestamp(UInt64(max(0, Date().timeIntervalSince1970 * 1_000)))
        return try Transaction.signed(
            body: body.encoded,
            subject: body.subject,
            issuer: memberID,
            chain: chain,
            nonce: nonce,
            expires: max(now, tipTime).advanced(byMilliseconds: lifetime),
            key: key
        )
    }
}
