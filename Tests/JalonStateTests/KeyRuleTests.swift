import JalonCrypto
import JalonModel
import Testing

@testable import JalonState

@Suite("Members change their keys")
struct KeyRuleTests {
    private var ledger: TestLedger
    private let fresh: PrivateKey
    private let member: MemberID

    init() throws {
        ledger = try TestLedger(hasGuests: true)
        fresh = try TestLedger.spareKey(200)
        member = try TestLedger.memberID("cn-gz")
    }

    private func key(_ kind: KeyKind = .authority) throws -> PrivateKey { try TestLedger.key("cn-gz", kind) }

    private mutating func recover(since: Timestamp? = nil, to key: PrivateKey? = nil) throws
        -> Verified<Transaction>
    {
        try ledger.sign(
            ledger.recovery(of: "cn-gz", to: key ?? fresh, since: since),
            by: "cn-gz",
            .init(key: self.key(.recovery))
        )
    }

    private func cosign(_ recovery: TransactionID, of id: MemberID? = nil) -> TransactionBody {
        .cosign(Cosign(transaction: recovery, about: .member(id ?? member)))
    }

    // MARK: - Rotating

    @Test("an authority key gives way to its successor at once")
    mutating func authority() throws {
        try ledger.apply(ledger.rotation(of: "cn-gz", .authority, to: fresh), by: "cn-gz")
        #expect(ledger.state.key(fresh.publicKey.id)?.isActive == true)
        #expect(ledger.state.key(fresh.publicKey.id)?.kind == .authority)
        #expect(ledger.state.key(fresh.publicKey.id)?.height == ledger.height)
        #expect(try ledger.state.key(key().publicKey.id)?.isActive == false)
        #expect(ledger.changes.count == 2)
        #expect(try ledger.refusal(.planPublish(TestLedger.plan("CN-GZ")), by: "cn-gz").code == .keyInactive)
        let plan = try ledger.sign(.planPublish(TestLedger.plan("CN-GZ")), by: "cn-gz", .init(key: fresh))
        try ledger.apply([plan])
        #expect(try ledger.restored().root == ledger.state.root)
    }

    @Test("a recovery key and a node's key give way at once, an authority key signing")
    mutating func otherKeys() throws {
        try ledger.apply(ledger.rotation(of: "cn-gz", .recovery, to: fresh), by: "cn-gz")
        #expect(ledger.state.key(fresh.publicKey.id)?.kind == .recovery)
        #expect(try ledger.state.key(key(.recovery).publicKey.id)?.isActive == false)
        let node = try TestLedger.spareKey(201)
        try ledger.apply(ledger.rotation(of: "cn-gz", .node, to: node), by: "cn-gz")
        #expect(ledger.state.key(node.publicKey.id)?.kind == .node)
        #expect(ledger.state.member(member)?.nodes.map(\.key) == [node.publicKey])
        #expect(ledger.changes.contains { $0.path == "member/cn-gz" })
        #expect(try ledger.restored().root == ledger.state.root)
    }

    @Test("a validator's new key waits until a quorum with it is ready")
    mutating func validator() throws {
        let id = try ledger.apply(ledger.rotation(of: "cn-gz", .validator, to: fresh), by: "cn-gz")
        #expect(ledger.state.key(fresh.publicKey.id)?.isActive == false)
        #expect(try ledger.state.key(key(.validator).publicKey.id)?.isActive == true)
        #expect(ledger.state.pendingChanges.map(\.id) == [id])
        let again = try ledger.refusal(
            ledger.rotation(of: "cn-gz", .validator, to: TestLedger.spareKey(201)),
            by: "cn-gz"
        )
        #expect(again.code == .pending)
        #expect(try ledger.restored().root == ledger.state.root)
        try ledger.activate()
        #expect(ledger.state.key(fresh.publicKey.id)?.isActive == true)
        #expect(try ledger.state.key(key(.validator).publicKey.id)?.isActive == false)
        #expect(
            ledger.state.validators.index(of: member).flatMap { ledger.state.validators[$0]?.key }
                == fresh.publicKey
        )
        #expect(ledger.state.validators.count == 7)
        #expect(try ledger.restored().root == ledger.state.root)
        // Its old seat is another key's, and may not come back.
        let back = try ledger.rotation(of: "cn-gz", .validator, from: fresh, to: key(.validator))
        #expect(try ledger.refusal(back, by: "cn-gz").code == .keyTaken)
    }

    @Test("a key that is not the one to go is refused, by what is wrong with it")
    mutating func wrongOld() throws {
        func code(_ purpose: KeyPurpose, from old: PrivateKey) throws -> Refusal.Code {
            try ledger.refusal(ledger.rotation(of: "cn-gz", purpose, from: old, to: fresh), by: "cn-gz").code
        }
        #expect(try code(.authority, from: TestLedger.key("cn-hn")) == .unknownKey)
        #expect(try code(.authority, from: TestLedger.spareKey(202)) == .unknownKey)
        #expect(try code(.authority, from: key(.recovery)) == .keyKind)
        #expect(try code(.recovery, from: key()) == .keyKind)
        #expect(try code(.validator, from: key(.node)) == .keyKind)
        let second = try TestLedger.spareKey(203)
        try ledger.apply(ledger.rotation(of: "cn-gz", .recovery, to: second), by: "cn-gz")
        #expect(try code(.recovery, from: key(.recovery)) == .keyInactive)
    }

    @Test("an authority key signs for its own successor only")
    mutating func ownSuccessor() throws {
        // A member with two of them.
        let admission = try TestLedger.admission(hasSeat: false)
        try ledger.enact(.admit(admission))
        let first = try TestLedger.admittedKey()
        let id = try TestLedger.memberID("cn-sd")
        let statement = Possession.statement(
            purpose: KeyPurpose.authority.rawValue,
            key: fresh.publicKey,
            member: id,
            chain: ledger.genesis.chain
        )
        let body = TransactionBody.keyRotate(
            KeyRotate(
                member: id,
                old: first.publicKey.id,
                key: fresh.publicKey,
                purpose: .authority,
                proof: fresh.sign(statement)
            )
        )
        try ledger.apply([try ledger.sign(body, by: "cn-gz", .init(issuer: "cn-sd", key: first))])
        #expect(ledger.state.key(fresh.publicKey.id)?.isActive == true)
        // By another active key of the same member, which a recovery brings.
        let stranger = try ledger.refusal(
            ledger.rotation(of: "cn-gz", .authority, to: TestLedger.spareKey(204)),
            by: "cn-hn"
        )
        #expect(stranger.code == .notResponsible && stranger.message.contains("cn-gz"))
    }

    @Test("a new key that is registered already is refused", arguments: KeyKind.allCases)
    mutating func taken(kind: KeyKind) throws {
        if kind == .delegate { try ledger.apply(ledger.grant([.cosign], of: "cn-hn"), by: "cn-hn") }
        let other = try TestLedger.key("cn-hn", kind)
        for purpose in [KeyPurpose.authority, .validator] {
            let refusal = try ledger.refusal(ledger.rotation(of: "cn-gz", purpose, to: other), by: "cn-gz")
            #expect(refusal.code == .keyTaken && refusal.message.contains("\(kind) key of cn-hn"))
        }
    }

    @Test("a delegate key rotates nothing, and a recovery key only recovers")
    mutating func signers() throws {
        try ledger.apply(ledger.grant([.cosign], of: "cn-gz"), by: "cn-gz")
        let rotation = try ledger.rotation(of: "cn-gz", .recovery, to: fresh)
        let delegate = try ledger.sign(rotation, by: "cn-gz", .init(key: key(.delegate)))
        #expect(try ledger.refusal(delegate).code == .notDelegated)
        let recovery = try ledger.sign(rotation, by: "cn-gz", .init(key: key(.recovery)))
        #expect(try ledger.refusal(recovery).code == .keyKind)
        for kind in [KeyKind.authority, .delegate, .validator, .node] {
            let body = try ledger.recovery(of: "cn-gz", to: fresh)
            let transaction = try ledger.sign(body, by: "cn-gz", .init(key: key(kind)))
            #expect(try ledger.refusal(transaction).code == .keyKind)
        }
    }

    // MARK: - Recovering

    @Test(
        "a lost key is replaced after a regulator's signature and seven days, and what it signed is flagged"
    )
    mutating func recovery() throws {
        let since = ledger.time
        let transaction = try recover(since: since)
        try ledger.apply([transaction])
        let id = transaction.value.id
        let path = fresh.publicKey.id
        #expect(ledger.state.key(path)?.isActive == false && ledger.state.key(path)?.kind == .authority)
        #expect(ledger.state.pendingChanges.map(\.id) == [id])
        #expect(ledger.state.nextValidators.isEmpty)
        // Without a regulator it waits, however long.
        ledger.advance(days: 8)
        #expect(!ledger.state.hasEffects(at: ledger.height.next, ledger.time))
        let confirmed = ledger.time
        try ledger.apply(cosign(id), by: "regulator")
        #expect(
            ledger.state.pendingChanges.map(\.change) == [
                .recovery(
                    fresh.publicKey,
                    due: confirmed.advanced(byMilliseconds: 7 * 86_400_000),
                    compromisedSince: since
                )
            ]
        )
        #expect(try ledger.restored().root == ledger.state.root)
        // The old key still signs.
        try ledger.apply(.planPublish(TestLedger.plan("CN-GZ")), by: "cn-gz")
        ledger.setTime(confirmed.advanced(byMilliseconds: 7 * 86_400_000 - 1))
        #expect(!ledger.state.hasEffects(at: ledger.height.next, ledger.time))
        ledger.setTime(confirmed.advanced(byMilliseconds: 7 * 86_400_000))
        #expect(ledger.state.hasEffects(at: ledger.height.next, ledger.time))
        try ledger.apply([])
        #expect(ledger.state.key(path)?.isActive == true && ledger.state.pendingChanges.isEmpty)
        let old = try #require(ledger.state.key(key().publicKey.id))
        #expect(!old.isActive && old.compromisedSince == since)
        #expect(try ledger.state.key(key(.recovery).publicKey.id)?.isActive == true)
        #expect(try ledger.restored().root == ledger.state.root)
        #expect(try ledger.refusal(TestLedger.dispute("CN-HN-2020-001"), by: "cn-gz").code == .keyInactive)
    }

    @Test("a second regulator's signature starts no second delay")
    mutating func confirmedTwice() throws {
        let transaction = try recover()
        try ledger.apply([transaction])
        try ledger.apply(cosign(transaction.value.id), by: "regulator")
        let first = ledger.state.pendingChanges
        ledger.advance(days: 1)
        try ledger.apply(cosign(transaction.value.id), by: "regulator-2")
        #expect(ledger.state.pendingChanges == first)
        let again = try ledger.refusal(cosign(transaction.value.id), by: "regulator")
        #expect(again.code == .alreadyCosigned)
    }

    @Test("whoever holds a current key ends a recovery with a new one")
    mutating func cancelled() throws {
        let transaction = try recover()
        try ledger.apply([transaction])
        try ledger.apply(cosign(transaction.value.id), by: "regulator")
        let other = try TestLedger.spareKey(201)
        // Another purpose says nothing of the authority key.
        try ledger.apply(ledger.rotation(of: "cn-gz", .recovery, to: TestLedger.spareKey(202)), by: "cn-gz")
        #expect(ledger.state.pendingChanges.count == 1)
        try ledger.apply(ledger.rotation(of: "cn-gz", .authority, to: other), by: "cn-gz")
        #expect(ledger.state.pendingChanges.isEmpty)
        ledger.advance(days: 10)
        try ledger.apply([])
        #expect(ledger.state.key(fresh.publicKey.id)?.isActive == false)
        #expect(ledger.state.key(other.publicKey.id)?.isActive == true)
        #expect(try ledger.refusal(cosign(transaction.value.id), by: "regulator-2").code == .unknownSubject)
        #expect(try ledger.restored().root == ledger.state.root)
    }

    @Test("a recovery that no regulator signs lapses after 30 days")
    mutating func lapse() throws {
        try ledger.apply([recover()])
        ledger.advance(days: 31)
        #expect(ledger.state.hasEffects(at: ledger.height.next, ledger.time))
        try ledger.apply([])
        #expect(ledger.state.pendingChanges.isEmpty)
        #expect(try ledger.state.key(key().publicKey.id)?.isActive == true)
        #expect(try ledger.restored().root == ledger.state.root)
        // Another one may follow, with another key.
        #expect(try ledger.refusal(recover()).code == .keyTaken)
        try ledger.apply([recover(to: TestLedger.spareKey(201))])
    }

    @Test("one recovery of a member at a time, for itself alone")
    mutating func single() throws {
        let transaction = try recover()
        try ledger.apply([transaction])
        let second = try ledger.refusal(recover(to: TestLedger.spareKey(201)))
        #expect(second.code == .pending && second.message.contains("\(transaction.value.id)"))
        let foreign = try ledger.sign(
            ledger.recovery(of: "cn-hn", to: TestLedger.spareKey(202)),
            by: "cn-gz",
            .init(key: key(.recovery))
        )
        #expect(try ledger.refusal(foreign).code == .notResponsible)
    }

    @Test("a recovery is signed by a regulator that is another member, and as what it is")
    mutating func cosigners() throws {
        let transaction = try recover()
        try ledger.apply([transaction])
        let id = transaction.value.id
        for other in ["cn-hn", "audit", "cn-gz"] {
            #expect(try ledger.refusal(cosign(id), by: other).code == .notNamed)
        }
        let misnamed = try TestLedger.memberID("cn-hn")
        #expect(try ledger.refusal(cosign(id, of: misnamed), by: "regulator").code == .unknownSubject)
        let unknown = TransactionID(SHA256.hash([1]))
        #expect(try ledger.refusal(cosign(unknown), by: "regulator").code == .unknownSubject)
        // A regulator does not confirm its own.
        let own = try ledger.sign(
            ledger.recovery(of: "regulator", to: TestLedger.spareKey(201)),
            by: "regulator",
            .init(key: TestLedger.key("regulator", .recovery))
        )
        try ledger.apply([own])
        let about = try TestLedger.memberID("regulator")
        #expect(try ledger.refusal(cosign(own.value.id, of: about), by: "regulator").code == .notNamed)
        try ledger.apply(cosign(own.value.id, of: about), by: "regulator-2")
    }

    @Test("a signature inside the body that is another's makes the whole transaction invalid")
    mutating func proofs() throws {
        #expect(try ledger.verifies(ledger.rotation(of: "cn-gz", .authority, to: fresh), by: "cn-gz"))
        guard case .keyRotate(var rotation) = try ledger.rotation(of: "cn-gz", .authority, to: fresh) else {
            return
        }
        rotation.purpose = .recovery
        #expect(try !ledger.verifies(.keyRotate(rotation), by: "cn-gz"))
        guard case .keyRecover(var recovery) = try ledger.recovery(of: "cn-gz", to: fresh) else { return }
        #expect(try ledger.verifies(.keyRecover(recovery), by: "cn-gz"))
        recovery.member = try TestLedger.memberID("cn-hn")
        #expect(try !ledger.verifies(.keyRecover(recovery), by: "cn-hn"))
        var admission = try TestLedger.admission()
        #expect(try ledger.verifies(ledger.proposal(.admit(admission)), by: "cn-gz"))
        admission.member.roles = [.regulator]
        #expect(try !ledger.verifies(ledger.proposal(.admit(admission)), by: "cn-gz"))
    }
}
