import ArgumentParser
import JalonSchema
import Testing

@testable import jalon

@Suite("The help of every command")
struct HelpTests {
    /// A command that does something, with its words.
    struct Leaf: CustomTestStringConvertible, Sendable {
        let path: String
        let type: any ParsableCommand.Type
        var testDescription: String { path }
    }

    static let leaves: [Leaf] = leaves(of: Jalon.self, "jalon")

    private static func leaves(of command: any ParsableCommand.Type, _ path: String) -> [Leaf] {
        let children = command.configuration.subcommands
        guard !children.isEmpty else { return [Leaf(path: path, type: command)] }
        return children.flatMap { child in
            leaves(of: child, "\(path) \(child.configuration.commandName ?? "?")")
        }
    }

    @Test("names it: a name that is asked of its type makes each start some milliseconds longer")
    func names() {
        var commands: [any ParsableCommand.Type] = [Jalon.self]
        while let command = commands.popLast() {
            #expect(command.configuration.commandName != nil, "\(command) has no commandName")
            commands += command.configuration.subcommands
        }
    }

    @Test("has an example of it", arguments: leaves)
    func example(leaf: Leaf) {
        let words = leaf.type.configuration.discussion.split { $0 == " " || $0 == "\n" }.joined(
            separator: " "
        )
        #expect(words.contains(leaf.path), "\(leaf.path) --help shows no example of it")
    }

    @Test("says in one sentence what it does", arguments: leaves)
    func abstract(leaf: Leaf) {
        let abstract = leaf.type.configuration.abstract
        #expect(abstract.hasSuffix(".") && abstract.count > 8, "\(leaf.path): '\(abstract)'")
    }

    @Test("is complete: there are some eighty of them")
    func count() { #expect(Self.leaves.count >= 75) }

    @Test("is known to each shell's completions", arguments: ["bash", "zsh", "fish"])
    func completions(shell: String) throws {
        let command = try Jalon.parseAsRoot(["completions", shell])
        #expect(command is Completions)
        let script = Jalon.completionScript(for: try #require(CompletionShell(rawValue: shell)))
        for word in ["milestone", "governance", "completions", "--evidence"] {
            #expect(
                script.contains(shell == "fish" && word.hasPrefix("--") ? String(word.dropFirst(2)) : word)
            )
        }
    }
}

@Suite("The feed at a terminal")
struct FeedLineTests {
    @Test("says when, who by name, and what, and marks what is invented")
    func lines() {
        let names = MemberNames(
            API.MemberList(
                height: 1,
                members: [
                    API.Member(
                        id: "cn-hn",
                        name: API.LocalizedText(zh: "湖南", en: "Hunan"),
                        roles: ["province"],
                        isValidator: true
                    )
                ]
            )
        )
        let event = API.FeedEvent(
            height: 184,
            block: "b0",
            stateRoot: "5be1cafe00112233",
            timestamp: 1_625_136_127_000,
            transactions: [
                API.BlockEntry(
                    id: "9a40",
                    position: 0,
                    type: "milestone.report",
                    issuer: "cn-hn",
                    subject: "CN-HN-2020-001",
                    summary: API.LocalizedText(zh: "上报", en: "reported 9500"),
                    isFictional: true
                ),
                API.BlockEntry(
                    id: "9a41",
                    position: 1,
                    type: "key.rotate",
                    issuer: "cn-xx",
                    subject: "cn-xx"
                ),
            ]
        )
        var output = Output()
        output.isTerminal = false
        let lines = FeedCommand.lines(event, names, output)
        #expect(lines[0] == "block 184  2021-07-01T10:42:07Z  state 5be1cafe…")
        #expect(lines[1] == "  Hunan 湖南  reported 9500  DEMO DATA")
        #expect(lines[2] == "  cn-xx  key.rotate cn-xx")
    }
}
