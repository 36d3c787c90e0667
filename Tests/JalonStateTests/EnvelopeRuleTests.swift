import Foundation
import JalonCodec
import JalonCrypto
import JalonModel
import JalonState
import Testing

@Suite("A transaction's envelope")
struct EnvelopeRuleTests {
    private var ledger: TestLedger
    private let body: TransactionBody

    init() throws {
        ledger = try TestLedger()
        body = .planPublish(try TestLedger.plan("CN-HN"))
    }

    private mutating func code(_ envelope: TestLedger.Envelope, by member: String = "cn-hn") throws
        -> Refusal.Code
    {
        let transaction = try ledger.sign(body, by: member, envelope)
        return try ledger.refusal(transaction).code
    }

    @Test("of this chain is accepted, of another one refused")
    mutating func chain() throws {
        #expect(try code(.init(chain: ChainID(SHA256.hash([1])))) == .wrongChain)
        try ledger.apply(body, by: "cn-hn")
    }

    @Test("expires from the block's time to a lifetime later, at both ends")
    mutating func expiry() throws {
        let time = ledger.time
        let lifetime = Parameters().maxLifetimeMilliseconds
        #expect(try code(.init(expires: time.reduced(byMilliseconds: 1))) == .expired)
        #expect(try code(.init(expires: time.advanced(byMilliseconds: lifetime + 1))) == .notYetValid)
        for expires in [time, time.advanced(byMilliseconds: lifetime)] {
            let transaction = try ledger.sign(body, by: "cn-hn", .init(expires: expires))
            #expect(throws: Never.self) { try ledger.state.check(transaction, context: ledger.context) }
        }
    }

    @Test("of an unknown member is refused, naming the nearest")
    mutating func unknownMember() throws {
        let transaction = try ledger.sign(body, by: "cn-hn", .init(issuer: "cn-hm"))
        let refusal = try ledger.refusal(transaction)
        #expect(refusal.code == .unknownMember)
        #expect(refusal.message.contains("nearest: cn-h"))
    }

    @Test("signed by a key that nobody registered is refused")
    mutating func unknownKey() throws {
        let stranger = try PrivateKey(seed: [UInt8](repeating: 250, count: 32))
        #expect(try code(.init(key: stranger)) == .unknownKey)
    }

    @Test("signed by another member's key is refused")
    mutating func keyNotMembers() throws {
        #expect(try code(.init(key: TestLedger.key("cn-gz"))) == .keyNotMembers)
    }

    @Test("signed by a key of another purpose is refused", arguments: [KeyKind.recovery, .validator, .node])
    mutating func keyKind(kind: KeyKind) throws {
        #expect(try code(.init(key: TestLedger.key("cn-hn", kind))) == .keyKind)
    }

    @Test("with a subject that is not the body's is refused, naming both")
    mutating func subject() throws {
        let transaction = try ledger.sign(body, by: "cn-hn", .init(subject: "CN-HN-2020-P2"))
        let refusal = try ledger.refusal(transaction)
        #expect(refusal.code == .subject)
        #expect(refusal.message.contains("CN-HN-2020-P2") && refusal.message.contains("CN-HN-2020-P1"))
    }

    @Test("with a body that is no statement is refused")
    mutating func malformed() throws {
        var unknown = CBOREncoder()
        unknown.encodeMap { $0.field("type") { $0.encode("plan.burn") } }
        let cases: [([UInt8], Refusal.Code)] = [
            (unknown.bytes, .unknownType), ([0xA0], .malformed), ([0x01], .malformed),
            (Array(body.encoded.prefix(1)) + [0x61, 0x61, 0x01] + body.encoded.dropFirst(4), .malformed),
        ]
        for (bytes, code) in cases.prefix(3) {
            let transaction = try ledger.sign(bytes: bytes, subject: "CN-HN-2020-P1", by: "cn-hn")
            #expect(try ledger.refusal(transaction).code == code)
        }
    }

    @Test("codes are distinct, of one form, and documented")
    func codes() throws {
        let codes = Refusal.Code.allCases.map(\.rawValue)
        #expect(Set(codes).count == codes.count)
        #expect(codes.allSatisfy { $0.hasPrefix("E_") && $0.allSatisfy { $0.isUppercase || $0 == "_" } })
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Sources/JalonState/JalonState.docc/JalonState.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        for code in codes { #expect(text.contains("| `\(code)` |"), "\(code) is not in the page") }
        for flag in StatusFlag.allCases { #expect(text.contains(flag.rawValue)) }
        for name in StatusName.allCases {
            #expect(text.contains(name.rawValue) || CommitmentLife(rawValue: name.rawValue) != nil)
        }
    }
}
