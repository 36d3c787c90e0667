import ArgumentParser
import JalonModel
import JalonNode

/// A node that does not run, by its YAML file or by its data folder alone.
struct StoppedNode: ParsableArguments {
    @Argument(help: "The node's YAML file.")
    var file: String?

    @Option(help: ArgumentHelp("The data folder, instead of the one in the file.", valueName: "folder"))
    var data: String?

    func validate() throws {
        guard file != nil || data != nil else {
            throw ValidationError("give the node's YAML file, or its data folder with --data")
        }
    }

    /// The data folder, and the genesis that the file names; `nil` where no file was given.
    func place() throws -> (folder: String, genesis: Genesis?) {
        let configuration = try file.map { try NodeConfiguration.given($0, data: data) }
        guard let folder = configuration?.data ?? data else { throw Failure.usage("no data folder is given") }
        return (folder, try configuration.map { try GenesisFile.load(at: $0.genesis) })
    }
}
