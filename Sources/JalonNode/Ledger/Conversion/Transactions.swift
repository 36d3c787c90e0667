import JalonAPI
import JalonCodec
import JalonCrypto
import JalonModel
import JalonSchema
import JalonState

extension API.JSON {
    /// Any CBOR of the ledger's subset: byte strings as hexadecimal texts, members sorted by name.
    ///
    /// - Throws: ``CBORError``, also for a map whose keys are no texts, which no body has.
    init(cbor bytes: [UInt8]) throws(CBORError) {
        self = try CBORDecoder.decode(bytes[...]) { (decoder) throws(CBORError) in
            try API.JSON.item(from: &decoder, of: bytes)
        }
    }

    private static func item(from decoder: inout CBORDecoder, of bytes: [UInt8]) throws(CBORError) -> API.JSON
    {
        guard decoder.offset < bytes.count else { throw .truncated(offset: decoder.offset) }
        let initial = bytes[decoder.offset]
        switch (initial >> 5, initial) {
        case (0, _), (1, _): return .integer(try decoder.decodeInteger())
        case (2, _): return .string(Hex.encode(try decoder.decodeBytes(maximum: bytes.count)))
        case (3, _): return .string(try decoder.decodeText(maximum: bytes.count))
        case (4, _):
            return .array(
                try decoder.decodeArray(maximum: bytes.count) { (decoder) throws(CBORError) in
                    try item(from: &decoder, of: bytes)
                }
            )
        case (5, _):
            let members = try decoder.decodeEntries(maximum: bytes.count, keyMaximum: bytes.count) {
                (name, decoder) throws(CBORError) in
                Member(name, try item(from: &decoder, of: bytes))
            }
            return .object(members.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) })
        case (_, 0xF6):
            try decoder.decodeNull()
            return .null
        default: return .bool(try decoder.decodeBool())
        }
    }
}

extension TransactionBody {
    /// Whether it reports an invented value.
    var isFictional: Bool {
        switch self {
        case .milestoneReport(let report): report.content.isFictional
        case .milestoneCorrect(let correction): correction.content.isFictional
        default: false
        }
    }
}

extension API.Transaction {
    /// What a transaction says of itself, and where it stands here.
    ///
    /// `hasBody` is whether the body is shown: whoever hands a transaction in has it already.
    init(
        _ transaction: Transaction,
        state: API.TransactionState,
        problem: API.Problem? = nil,
        hasBody: Bool = true
    ) {
        let body = try? transaction.content.get()
        let type = body == nil ? try? CBORDecoder(transaction.body).peekText(atKey: "type", maximum: 64) : nil
        self.init(
            id: transaction.id.hex,
            state: state,
            problem: problem,
            type: body?.type.rawValue ?? type ?? nil,
            issuer: transaction.issuer.text,
            subject: transaction.subject.text,
            keyID: transaction.keyID.hex,
            expires: transaction.expires.value,
            byteCount: transaction.bytes.count,
            isFictional: body?.isFictional ?? false,
            body: hasBody ? try? API.JSON(cbor: Array(transaction.body)) : nil
        )
    }
}

extension API.Problem {
    init(_ refusal: Refusal, of id: TransactionID) {
        self = .refusal(
            code: refusal.code.rawValue,
            detail: refusal.message,
            hint: refusal.hint,
            transaction: id.hex,
            retryAfter: refusal.retryAfterSeconds
        )
    }
}
