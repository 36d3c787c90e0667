import ArgumentParser
import JalonClient
import JalonModel
import JalonNode
import JalonSchema

/// `jalon plan`: the published documents that commitments come from.
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Publish a plan, list them.",
        subcommands: [Publish.self, List.self]
    )

    /// `jalon plan publish`.
    struct Publish: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "publish",
            abstract: "Publish the plans of a YAML file.",
            discussion: """
                The file is a list under 'plans' (see Config/demo/plans.yaml).

                For example: jalon plan publish plans.yaml --region CN-HN --key cn-hn.pem
                """
        )

        @Argument(help: "The YAML file.")
        var file: String

        @Option(help: ArgumentHelp("Only this plan; repeatable.", valueName: "id"))
        var only: [String] = []

        @Option(help: ArgumentHelp("Only those of one region.", valueName: "code"))
        var region: String?

        @OptionGroup var send: SendOptions

        func run() async throws {
            let plans = try LedgerInput.plans(file: file).filter {
                (only.isEmpty || only.contains($0.id.text)) && (region ?? $0.region.text) == $0.region.text
            }
            guard !plans.isEmpty else { throw Failure.usage("\(file) has no such plan") }
            try await send.send { _, _ in
                plans.map { .planPublish($0) }
            } summary: { _, output in
                if let id = plans.first?.id {
                    output.line("  \(id) is published. Next: jalon commitment propose FILE")
                }
            }
        }
    }

    /// `jalon plan list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List the plans.",
            discussion: "For example: jalon plan list"
        )

        @OptionGroup var node: NodeOptions
        @OptionGroup var format: OutputOptions

        func run() async throws {
            let output = format.output
            let list = try await node.client().plans()
            if output.isJSON { return output.json(list) }
            guard !list.plans.isEmpty else { return output.note("No plan is published yet.") }
            output.table(
                ["plan", "region", "published", "commitments", "title"],
                list.plans.map {
                    [
                        $0.id, Format.name($0.region), $0.published.date, "\($0.commitmentCount)",
                        Format.name($0.title),
                    ]
                }
            )
        }
    }
}
