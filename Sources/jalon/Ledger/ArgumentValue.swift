import ArgumentParser
import JalonClient
import JalonCrypto
import JalonModel
import JalonNode

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

    /// The id of a transaction: all 64 digits; `list` names the command that lists those that may be meant.
    static func transaction(
        _ text: String,
        list: String = "The ids of a commitment's milestones: jalon milestone list COMMITMENT"
    ) throws -> TransactionID {
        guard let id = TransactionID(hex: text) else {
            throw Failure.usage(
                "'\(text)' is no id of a transaction, expected 64 hexadecimal digits",
                next: list
            )
        }
        return id
    }
}
