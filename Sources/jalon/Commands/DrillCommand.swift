import ArgumentParser
import JalonClient
import JalonCodec
import JalonModel
import JalonNode
import JalonSchema
import JalonSimulator

/// `jalon drill`: what becomes of the network where some of its validators are lost, before they are.
struct DrillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drill",
        abstract: "Simulate the loss of validators, with the network's own set and parameters.",
        discussion: """
            Runs the node's own core in the simulator, on links of 5 to 40 ms; the real network notices nothing.
            For example: jalon drill --lose cn-hn,cn-hb
            Exit 3 where the network would stand still.
            """
    )

    @Option(help: ArgumentHelp("The members that are lost, separated by commas.", valueName: "members"))
    var lose: String

    @Option(help: "The seed of delays and clocks: the same one gives the same drill.")
    var seed: UInt64 = 1

    @OptionGroup var node: NodeOptions
    @OptionGroup var format: OutputOptions

    /// The drill as `--json` shows it.
    private struct Result: Encodable {
        var validators: Int
        var lost: [String]
        var left: Int
        var quorum: Int
        var survives: Bool
        var millisecondsUsually: UInt64
        var millisecondsWithout: UInt64?
        var millisecondsUntilAllAreBack: UInt64?
        var handedIn: Int
        var final: Int
    }

    func run() async throws {
        let output = format.output
        let governance = try await node.client().governance()
        let lost = try places(among: governance.validators)
        let drill = Drill(
            validatorCount: governance.validators.count,
            lost: lost.map(\.place),
            parameters: try parameters(governance),
            seed: seed
        )
        let report = drill.run()
        if let violation = report.violation {
            throw Failure("E_DRILL", "the simulation broke a rule: \(violation)", status: .verificationFailed)
        }
        let without = report.without.compactMap { $0 }
        let survives = !report.without.isEmpty && without.count == report.without.count
        let result = Result(
            validators: governance.validators.count,
            lost: lost.map(\.member),
            left: governance.validators.count - lost.count,
            quorum: governance.quorum,
            survives: survives,
            millisecondsUsually: DrillCommand.median(report.usual) ?? 0,
            millisecondsWithout: survives ? DrillCommand.median(without) : nil,
            millisecondsUntilAllAreBack: report.recovery,
            handedIn: report.handedIn,
            final: report.final
        )
        if output.isJSON { output.json(result) } else { say(result, worst: without.max(), output) }
        guard survives else {
            throw Failure(
                "E_NO_QUORUM",
                "without \(result.lost.joined(separator: ", ")) \(result.left) of \(result.validators) validators are "
                    + "left, \(result.quorum) seal a block: writes wait",
                next: "Nothing is lost, and reads go on. To withstand it, admit validators first.",
                status: .refused
            )
        }
    }

    private func say(_ result: Result, worst: UInt64?, _ output: Output) {
        output.line(
            "\(result.validators) validators, \(result.quorum) seal a block; lost: \(result.lost.joined(separator: ", "))"
        )
        output.line("  all up        a transaction is final after \(result.millisecondsUsually) ms (median)")
        if let without = result.millisecondsWithout {
            output.done(
                "without them  writes go on: \(without) ms (median), \(worst ?? without) ms at the worst"
            )
        } else {
            output.line("✖ without them  writes wait until enough are back")
        }
        if let recovery = result.millisecondsUntilAllAreBack {
            output.line("  back again    everybody is at the head after \(recovery) ms")
        }
        output.line("  handed in \(result.handedIn), in the chain at the end \(result.final)")
    }

    private func places(among validators: [String]) throws -> [(place: Int, member: String)] {
        var lost: [(place: Int, member: String)] = []
        for name in lose.split(separator: ",").map({ String($0).trimmingPrefix(" ") }).map(String.init) {
            guard let place = validators.firstIndex(of: name) else {
                let meant = NearestName.nearest(to: name, among: validators)
                throw Failure.usage(
                    "\(name) is no validator",
                    next: meant.map { "Did you mean '\($0)'?" } ?? "See: jalon governance list"
                )
            }
            if !lost.contains(where: { $0.place == place }) { lost.append((place, name)) }
        }
        return lost
    }

    /// The parameters in force, as far as they change how the network agrees.
    private func parameters(_ governance: API.Governance) throws -> Parameters {
        var parameters = Parameters(validatorCount: governance.validators.count)
        for parameter in [Parameter.delta, .timeoutCap, .maxSkew, .minimumBlockInterval] {
            guard let text = governance.parameters[parameter.rawValue], let number = UInt64(text) else {
                continue
            }
            var encoder = CBOREncoder(capacity: 16)
            encoder.encode(number)
            try parameters.set(parameter, encodedValue: encoder.bytes)
        }
        return parameters
    }

    private static func median(_ times: [UInt64]) -> UInt64? {
        times.isEmpty ? nil : times.sorted()[times.count / 2]
    }
}
