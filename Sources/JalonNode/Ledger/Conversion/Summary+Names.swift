import JalonModel
import JalonSchema
import JalonState

// What things are called in a sentence: by name first, by id beside it, since cn-he (Hebei) and cn-hb (Hubei) differ by a
// letter.
extension Summary {
    /// A member; by its id alone where the state does not know it.
    init(_ member: MemberID, in state: LedgerState) {
        self.init(member, named: state.member(member)?.name)
    }

    /// A member by a name at hand.
    init(_ member: MemberID, named name: LocalizedText?) {
        guard let name else {
            self.init(zh: member.text, en: member.text, fr: member.text)
            return
        }
        let zh = name.zh.string
        func western(_ text: Text?) -> String {
            guard let text = text?.string, text != zh else { return "\(zh) (\(member))" }
            return "\(text) \(zh) (\(member))"
        }
        self.init(zh: "\(zh)（\(member)）", en: western(name.en), fr: western(name.fr))
    }

    /// A commitment by its title in force; by its id alone where the state does not know it.
    init(_ commitment: CommitmentID, in state: LedgerState) {
        self.init(commitment.text, titled: state.commitment(commitment)?.current.body.title)
    }

    /// Something with a title and an id.
    init(_ id: String, titled title: LocalizedText?) {
        guard let title else {
            self.init(zh: " \(id) ", en: id, fr: id)
            return
        }
        let zh = title.zh.string
        self.init(
            zh: "“\(zh)”（\(id)）",
            en: "“\(title.en?.string ?? zh)” (\(id))",
            fr: "«\u{A0}\(title.fr?.string ?? zh)\u{A0}» (\(id))"
        )
    }

    /// So many of something, by the number of English and French: only one is singular in the first, none and one in the other.
    ///
    /// - Parameters:
    ///   - count: How many.
    ///   - zh: With its measure word.
    ///   - en: Singular and plural.
    ///   - fr: Singular and plural.
    init(_ count: Int, zh: String, en: (one: String, more: String), fr: (one: String, more: String)) {
        self.init(
            zh: "\(count) \(zh)",
            en: "\(count) \(count == 1 ? en.one : en.more)",
            fr: "\(count) \(count < 2 ? fr.one : fr.more)"
        )
    }
}

/// What sentences hold in the form of their language.
protocol WrittenInLanguages {
    var written: (zh: String, en: String, fr: String) { get }
}

extension WrittenInLanguages {
    var zh: String { written.zh }
    var en: String { written.en }
    var fr: String { written.fr }
}

extension CalendarDay: WrittenInLanguages {
    var written: (zh: String, en: String, fr: String) { WrittenForm.day(description) }
}

extension Decimal: WrittenInLanguages {
    var written: (zh: String, en: String, fr: String) { WrittenForm.number(description) }
}
