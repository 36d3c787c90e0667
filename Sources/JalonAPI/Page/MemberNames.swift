import JalonSchema

/// Shows members so that nobody takes one for another: cn-he is 河北, cn-hb is 湖北.
struct MemberNames {
    let language: Language
    private let names: [String: API.LocalizedText]

    /// Knows nobody: ids stand alone.
    static let none = MemberNames(API.MemberList(height: 0, members: []), language: .zh)

    init(_ members: API.MemberList, language: Language) {
        self.language = language
        names = Dictionary(members.members.map { ($0.id, $0.name) }) { first, _ in first }
    }

    /// The member's hanzi, its id and, in another language, its name in that one.
    func show(_ id: String) -> HTML {
        guard let name = names[id] else { return "<code>\(id)</code>" }
        let hanzi: HTML =
            "<span class=\"member\"><span lang=\"zh-Hans\">\(name.zh)</span> <code>\(id)</code></span>"
        guard language != .zh, (language == .en ? name.en : name.fr) != nil else { return hanzi }
        return "\(hanzi) \(language.show(name))"
    }

    /// The name in the page's language with the id, for lines in which many members stand.
    func short(_ id: String) -> HTML {
        guard let name = names[id] else { return "<code>\(id)</code>" }
        return "<strong class=\"member\">\(language.show(name))</strong> <code>\(id)</code>"
    }

    /// The member's name alone, in the language of the page where it has one in it.
    func name(_ id: String) -> String {
        names[id].map(language.text) ?? id
    }

    /// Several members, in the order given.
    func show(_ ids: [String]) -> HTML {
        ids.isEmpty ? "–" : HTML.join(ids.map { show($0) }, separator: ", ")
    }
}
