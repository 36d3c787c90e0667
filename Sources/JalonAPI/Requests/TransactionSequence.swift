import JalonCodec
import JalonModel
import JalonSchema

/// The body of a submission, cut into transactions.
enum TransactionSequence {
    /// The most transactions of one request.
    static let maximumCount = 256

    /// One item of the sequence.
    enum Item: Equatable {
        case transaction(Transaction)
        /// A CBOR item that is no transaction.
        case malformed(API.Problem)
    }

    /// Reads one transaction (`application/cose`), the whole body.
    static func single(_ bytes: [UInt8]) -> Item {
        do {
            return .transaction(try Transaction(bytes: bytes))
        } catch {
            return .malformed(problem(error, at: 0))
        }
    }

    /// Cuts a CBOR sequence (RFC 8742, `application/cbor-seq`).
    ///
    /// - Throws: ``API/Problem`` where the bytes are no sequence, or one that is empty or too long: then nothing of it
    ///   may be submitted, because nobody can say where its items end.
    static func items(_ bytes: [UInt8]) throws(API.Problem) -> [Item] {
        var decoder = CBORDecoder(bytes)
        var items: [Item] = []
        while !decoder.isAtEnd {
            guard items.count < maximumCount else {
                throw .tooLarge("more than \(maximumCount) transactions in one request")
            }
            let offset = decoder.offset
            let item: ArraySlice<UInt8>
            do {
                item = try decoder.decodeEncodedItem()
            } catch {
                throw .malformed(
                    "the sequence breaks off in item \(items.count), at byte \(offset): \(error)"
                )
            }
            do {
                items.append(.transaction(try Transaction(bytes: Array(item))))
            } catch {
                items.append(.malformed(problem(error, at: items.count)))
            }
        }
        guard !items.isEmpty else { throw .malformed("the sequence holds no transaction") }
        return items
    }

    private static func problem(_ error: CBORError, at index: Int) -> API.Problem {
        if case .tooLong(_, BlockLimits.transactionByteCount, 0) = error {
            return .refusal(code: "E_TOO_LARGE", detail: "item \(index): \(error)")
        }
        return .refusal(
            code: "E_MALFORMED",
            detail: "item \(index) is no transaction: \(error)",
            hint: "Make and sign transactions with `jalon`, or see /v1/openapi.json."
        )
    }
}
