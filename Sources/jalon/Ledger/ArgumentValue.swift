import ArgumentParser
import JalonClient
import JalonCrypto
import JalonModel
import JalonNode
import JalonSchema

/// Reads the values of arguments, each error naming its option, what was found and what was expected.
enum ArgumentValue {
    static func identifier<Value: Identifier>(
        _ text: String,
        _ option: String,
        _ type: Value.Type = Value.self
    ) throws -> Value {
        guard let value = Value(text) else {
            throw Failure.usage("\(option) is '\(text)', expected \(Value.form)")
        }
        return value
    }

    static func choice<Value: CodedChoice>(
        _ text: String,
        _ option: String,
        _ type: Value.Type = Value.self
    ) throws -> Value {
        guard let value = Value(rawValue: text) else {
            let meant = NearestName.nearest(to: text, among: Value.allCases.map(\.rawValue))
            throw Failure.usage(
                "\(option) is '\(text)', expected \(Value.form)",
                next: meant.map { "Did you mean '\($0)'?" }
            )
        }
        return value
    }

    static func day(_ text: String, _ option: String) throws -> CalendarDay {
        guard let day = CalendarDay(text) else {
            throw Failure.usage("\(option) is '\(text)', expected a day such as 2021-06-30")
        }
        return day
    }

    static func decimal(_ text: String, _ option: String) throws -> Decimal {
        guard let value = Decimal(text) else {
            throw Failure.usage("\(option) is '\(text)', expected a decimal number such as 9500 or -0.25")
        }
        return value
    }

    /// A text for people, brought to Unicode's form NFC.
    static func text(_ text: String, _ option: String, limit: TextLimit = .text) throws -> Text {
        do { return try Text(text.normalizedToNFC, limit: limit) } catch {
            throw Failure.usage("\(option): \(error)")
        }
    }

    static func address(_ text: String, _ option: String) throws -> SocketAddress {
        guard let address = SocketAddress(text) else {
            throw Failure.usage(
                "\(option) is '\(text)', expected an address such as 127.0.0.1:7400 or [::1]:7400"
            )
        }
        return address
    }

    /// A text in several languages, whose options begin with `option`.
    static func localized(
        zh: String,
        en: String?,
        fr: String?,
        _ option: String,
        limit: TextLimit
    ) throws -> LocalizedText {
        try LocalizedText(
            zh: text(zh, "\(option)-zh", limit: limit),
            en: en.map { try text($0, "\(option)-en", limit: limit) },
            fr: fr.map { try text($0, "\(option)-fr", limit: limit) }
        )
    }

    /// The id of a transaction: all 64 digits, or the first 8 or more where a node knows one such alone.
    ///
    /// - Parameters:
    ///   - text: The digits.
    ///   - types: What it may be; others with the same first digits are not meant. All where it is empty.
    ///   - list: The command that lists those that may be meant.
    ///   - client: A node to ask where digits are missing. It is believed in that it tells all that there are.
    /// - Returns: The id.
    /// - Throws: ``Failure`` where the text is no id, or begins none or several.
    static func transaction(
        _ text: String,
        of types: [TransactionType] = [],
        list: String = "The ids of a commitment's milestones: jalon milestone list COMMITMENT",
        asking client: LedgerClient
    ) async throws -> TransactionID {
        if let id = TransactionID(hex: text) { return id }
        // As lists show it: 9a40c51e…
        let digits = (text.hasSuffix("…") ? String(text.dropLast()) : text).lowercased()
        let isHex = digits.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) }
        guard isHex, (8..<64).contains(digits.utf8.count) else {
            throw Failure.usage(
                "'\(text)' is no id of a transaction, expected 64 hexadecimal digits or the first 8 or more",
                next: list
            )
        }
        let known = try await client.transactions(beginningWith: String(digits.prefix(16)))
        let meant = known.filter { transaction in
            guard transaction.id?.hasPrefix(digits) == true else { return false }
            return types.isEmpty || types.contains { $0.rawValue == transaction.type }
        }
        guard let first = meant.first?.id.flatMap({ TransactionID(hex: $0) }) else {
            let kinds = types.map(\.rawValue).joined(separator: " or ")
            throw Failure.usage(
                "no \(kinds.isEmpty ? "final transaction" : kinds) of this ledger has an id that begins with '\(digits)'",
                next: list
            )
        }
        guard meant.count == 1 else { throw ambiguous(digits, meant) }
        return first
    }

    /// Several are meant: each with as many of its digits as tell it from the others.
    private static func ambiguous(_ digits: String, _ meant: [API.Transaction]) -> Failure {
        let ids = meant.compactMap(\.id)
        let count = (digits.utf8.count + 1...64).first { count in
            Set(ids.map { $0.prefix(count) }).count == ids.count
        }
        func short(_ id: String?) -> String { String((id ?? "").prefix(count ?? 64)) }
        let candidates = meant.map { one in
            "\(short(one.id))… (\(one.type ?? "") \(one.subject ?? "") in block \(one.height ?? 0))"
        }
        return Failure(
            "E_AMBIGUOUS",
            "'\(digits)' begins \(meant.count) ids: \(candidates.joined(separator: ", "))",
            next:
                "Give the first \(count ?? 64) digits of the one that you mean, for example \(short(ids.first)).",
            status: .usage
        )
    }
}
