import ArgumentParser
import Foundation
import JalonModel
import JalonNode
import UnixSignals

/// `jalon devnet`: a network on this machine, in seconds, with nothing to edit.
struct Devnet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devnet",
        abstract: "Run a network on this machine until Ctrl-C.",
        discussion: """
            Keys, ledgers and logs are made in a folder of their own; run it again, and the same network goes on. With
            --provinces the members are those of the demonstration: seven provinces that seal blocks, a regulator and
            an auditor (run it in the repository, or give --config).

            For example: jalon devnet --validators 7 --folder /tmp/net
            """
    )

    @Option(help: "How many validators, 1 to 34.")
    var validators = 4

    @Flag(help: "The seven provinces, the regulator and the auditor of the demonstration.")
    var provinces = false

    @Option(
        help: ArgumentHelp(
            "The folder of members.yaml and network.yaml, for --provinces.",
            valueName: "folder"
        )
    )
    var config = "Config/demo"

    @Option(
        help: ArgumentHelp("For keys, ledgers and logs; made where it is not there.", valueName: "folder")
    )
    var folder = ".devnet"

    @Option(help: ArgumentHelp("The first API port; the next free ones follow.", valueName: "port"))
    var apiPort = 8400

    @Option(help: ArgumentHelp("The first port for peers; the next free ones follow.", valueName: "port"))
    var port = 7400

    @Flag(help: "Stop as soon as every node is ready.")
    var stopWhenReady = false

    @OptionGroup var format: OutputOptions

    func validate() throws {
        guard (1...ValidatorSet.maximumCount).contains(validators) else {
            throw ValidationError("--validators is \(validators), expected 1 to \(ValidatorSet.maximumCount)")
        }
        for port in [port, apiPort] where !(1...65_000).contains(port) {
            throw ValidationError("\(port) is no port, expected 1 to 65000")
        }
    }

    func run() async throws {
        let output = format.output
        let start = ContinuousClock.now
        let layout = try plan().madeOrFound()
        // Before anything runs: a signal that comes while its handler is being installed would be lost.
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
        let nodes = try NodeProcesses(layout.nodes)
        defer { nodes.stop() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in signals { return output.note("Stopping.") }
            }
            group.addTask {
                try await nodes.waitUntilReady(within: .seconds(60))
                report(layout, ContinuousClock.now - start, output)
                // Until the other task ends.
                while !stopWhenReady { try await Task.sleep(for: .seconds(3_600)) }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func plan() throws -> DevnetPlan {
        if provinces {
            let members = try LedgerInput.members(file: "\(config)/members.yaml")
            return DevnetPlan(
                folder: folder,
                members: members,
                networkFile: "\(config)/network.yaml",
                network: nil,
                firstPort: port,
                firstAPIPort: apiPort
            )
        }
        return DevnetPlan(
            folder: folder,
            members: try DevnetPlan.inventedMembers(validators),
            networkFile: nil,
            network: NetworkID("devnet"),
            firstPort: port,
            firstAPIPort: apiPort
        )
    }

    private func report(_ layout: DevnetLayout, _ duration: Duration, _ output: Output) {
        if output.isJSON { return output.jsonLine(layout) }
        guard let first = layout.nodes.first else { return }
        output.done("\(layout.nodes.count) nodes are ready (\(Format.seconds(duration)))")
        output.line("  page      \(first.api)/")
        for node in layout.nodes {
            output.line("  \(node.member.padding(to: 10))\(node.api)   key \(node.authorityKey)")
        }
        output.line("  Try, in another terminal:")
        output.line("    export JALON_NODE=\(first.api) JALON_KEY=\(first.authorityKey)")
        for command in layout.commands { output.line("    \(command)") }
        output.line("  Ctrl-C stops everything; the same command goes on where it stopped.")
    }
}
