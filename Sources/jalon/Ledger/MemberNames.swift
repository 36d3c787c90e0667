import JalonClient
import JalonSchema

/// The names of a network's members, for people: cn-he is Hebei 河北, cn-hb is Hubei 湖北.
struct MemberNames {
    private let names: [String: API.LocalizedText]

    /// None: ids are shown as they are.
    init() { names = [:] }

    init(_ list: API.MemberList) {
        names = Dictionary(list.members.map { ($0.id, $0.name) }) { first, _ in first }
    }

    /// Asks a node.
    init(asking client: LedgerClient) async throws {
        self.init(try await client.members())
    }

    /// Whether there is a name for the id.
    func knows(_ id: String) -> Bool { names[id] != nil }

    /// The name alone, for example `Hebei 河北`; the id where none is known.
    func name(_ id: String) -> String { names[id].map(Format.name) ?? id }

    /// The name with the id, which is what commands take: `Hebei 河北 (cn-he)`.
    func show(_ id: String) -> String { names[id].map { "\(Format.name($0)) (\(id))" } ?? id }

    /// Several, in their order.
    func show(_ ids: [String]) -> String { ids.map(show).joined(separator: ", ") }
}
