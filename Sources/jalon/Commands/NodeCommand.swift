import ArgumentParser
import Foundation
import JalonNode
import Logging
import ServiceLifecycle
import UnixSignals

/// `jalon node`: this machine's part of a network.
struct NodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "node",
        abstract: "Run a node, let it rejoin after its disk was lost, or fetch a damaged ledger anew.",
        subcommands: [Run.self, Rejoin.self, Resync.self]
    )

    /// `jalon node rejoin`.
    struct Rejoin: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rejoin",
            abstract: "Note that a stopped node may have lost votes, so that it votes twice in no view.",
            discussion: """
                After a lost disk, an old copy put back or a machine's snapshot: stop the node, run this, start the
                node. ('jalon restore' and 'jalon node resync' do it by themselves.) It fetches what it lacks from its
                peers and votes again once
                2f + 1 other validators have said where they stand; 'jalon status' tells whom it waits for. A node
                that finds out by itself, from its peers at a start or later, does the same without this command.

                For example: jalon node rejoin cn-hn/node.yaml
                """
        )

        @Argument(help: "The node's YAML file.")
        var file: String

        @Option(help: ArgumentHelp("The data folder.", valueName: "folder"))
        var data: String?

        @OptionGroup var passphrase: PassphraseOptions
        @OptionGroup var format: OutputOptions

        func run() async throws {
            var configuration = try NodeConfiguration(
                file: file,
                environment: ProcessInfo.processInfo.environment
            )
            configuration.data = data ?? configuration.data
            try RejoinSetup.require(
                configuration,
                passphrases: passphrase.source(configured: configuration.keys.passphraseFile)
            )
            format.output.done("\(configuration.data) rejoins at its next start: jalon node run \(file)")
        }
    }

    /// `jalon node run`.
    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "run",
            abstract: "Run a node until SIGINT or SIGTERM.",
            discussion: """
                The file is what jalon join wrote. Flags go before the environment (JALON_DATA, JALON_LISTEN,
                JALON_API_LISTEN, JALON_LOG_LEVEL …), and that before the file. Without a validator key the node is an
                observer: it follows, serves and verifies, and votes nothing. Encrypted keys are opened with
                keys.passphraseFile of the file, --passphrase-file, JALON_PASSPHRASE, JALON_PASSPHRASE_FILE or a
                credential of systemd's called jalon.passphrase or like validator.pem.passphrase.

                For example: jalon node run cn-hn/node.yaml
                """
        )

        @Argument(help: "The node's YAML file.")
        var file: String

        @Option(help: ArgumentHelp("The data folder.", valueName: "folder"))
        var data: String?

        @Option(help: ArgumentHelp("Where peers connect.", valueName: "host:port"))
        var listen: String?

        @Option(help: ArgumentHelp("Where the API and the page are served.", valueName: "host:port"))
        var apiListen: String?

        @Option(help: "trace, debug, info, notice, warning or error.")
        var logLevel: LogConfiguration.Level?

        @Option(help: "text or json.")
        var logFormat: LogConfiguration.Format?

        @Flag(
            help:
                "Where this node seals alone: believe the clock although it is over 30 days after the last block."
        )
        var acceptTime = false

        @Flag(help: "Begin without a ledger where this node alone seals: it never sealed a block.")
        var firstStart = false

        @Flag(help: "Only check the configuration.")
        var check = false

        @OptionGroup var passphrase: PassphraseOptions

        @Flag(help: "Also stop when the standard input ends: for programs that start nodes.")
        var stopWithInput = false

        func run() async throws {
            var configuration = try NodeConfiguration(
                file: file,
                environment: ProcessInfo.processInfo.environment
            )
            configuration.data = data ?? configuration.data
            if let listen { configuration.listen = try ArgumentValue.address(listen, "--listen") }
            if let apiListen {
                configuration.apiListen = try ArgumentValue.address(apiListen, "--api-listen")
            }
            configuration.log.level = logLevel ?? configuration.log.level
            configuration.log.format = logFormat ?? configuration.log.format
            if check { return Output.standard.done("\(file) is in order") }
            let logger = NodeLog.logger(configuration.log)
            let node = try Node(
                configuration: configuration,
                passphrases: passphrase.source(configured: configuration.keys.passphraseFile),
                acceptTime: acceptTime,
                isFirstStart: firstStart,
                logger: logger
            )
            let services = ServiceGroup(
                configuration: ServiceGroupConfiguration(
                    services: [
                        .init(
                            service: node,
                            successTerminationBehavior: .gracefullyShutdownGroup,
                            failureTerminationBehavior: .cancelGroup
                        )
                    ],
                    gracefulShutdownSignals: [.sigterm, .sigint],
                    logger: logger
                )
            )
            if stopWithInput {
                // A thread of its own, since reading blocks and Swift's shared threads are few.
                Thread.detachNewThread {
                    while !FileHandle.standardInput.availableData.isEmpty {}
                    Task { await services.triggerGracefulShutdown() }
                }
            }
            try await services.run()
        }
    }
}

extension LogConfiguration.Level: ExpressibleByArgument {}
extension LogConfiguration.Format: ExpressibleByArgument {}
