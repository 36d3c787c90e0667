import Foundation
import JalonCodec
import JalonTestKit
import Testing

@testable import jalon

@Suite("A proof file is checked from the command line")
final class ProofCommandTests {
    private let folder: String
    private let proof: String
    private let genesis: String

    init() throws {
        struct Vectors: Decodable {
            let genesis: String
            let proofs: [String: String]
        }
        folder = FileManager.default.temporaryDirectory.path + "/jalon-proof-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        let vectors = try JSONDecoder().decode(Vectors.self, from: VectorFile.read("proofs.json"))
        (proof, genesis) = ("\(folder)/a.proof", "\(folder)/genesis.cbor")
        try Data(bytes(#require(vectors.proofs["transaction"]))).write(to: URL(fileURLWithPath: proof))
        try Data(bytes(vectors.genesis)).write(to: URL(fileURLWithPath: genesis))
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func run(_ arguments: String...) async -> ProgramExit {
        await Program.run(arguments)
    }

    @Test("and holds, offline")
    func holds() async {
        #expect(await run("proof", "check", proof, "--genesis", genesis) == .ok)
    }

    @Test("and a document that it does not name is told from one that it names")
    func document() async throws {
        let document = "\(folder)/q0.pdf"
        try Data([0]).write(to: URL(fileURLWithPath: document))
        #expect(
            await Program.run(["proof", "check", proof, "--genesis", genesis, "--document", document]) == .ok
        )
        #expect(
            await Program.run(["evidence", "check", document, "--proof", proof, "--genesis", genesis]) == .ok
        )
        try Data([7]).write(to: URL(fileURLWithPath: document))
        #expect(
            await run("evidence", "check", document, "--proof", proof, "--genesis", genesis)
                == .verificationFailed
        )
    }

    @Test("and a changed one ends with 4", arguments: [0, 1, 100, 900, 1_500])
    func changed(index: Int) async throws {
        var bytes = try Array(Data(contentsOf: URL(fileURLWithPath: proof)))
        bytes[index] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: proof))
        #expect(await run("proof", "check", proof, "--genesis", genesis) == .verificationFailed)
    }

    @Test("and wrong words end with 2")
    func usage() async {
        let lines = [
            ["proof", "check", proof], ["proof", "check", "/nowhere.proof", "--genesis", genesis],
            ["proof", "check", proof, "--genesis", "/nowhere.cbor"], ["proof", "get"],
            ["proof", "get", "--tx", "12"], ["proof", "get", "--from", "1", "--path", "a/b"],
            ["proof", "get", "--to", "1"], ["receipt", "12"], ["evidence", "check", "x.pdf"],
            ["evidence", "check", "x.pdf", "--proof", proof],
            ["evidence", "check", "x.pdf", "--tx", "12", "--proof", proof, "--genesis", genesis],
            ["key", "explain", "other"],
        ]
        for line in lines { #expect(await Program.run(line) == .usage, "\(line)") }
        #expect(await run("key", "explain", "validator") == .ok)
    }

    @Test("and each key has its explanation, with the command that helps")
    func explain() {
        for topic in KeyCommand.Topic.allCases where topic != .passphrase {
            #expect(topic.text.contains("jalon key rotate"), "\(topic)")
            #expect(topic.text.contains("stolen") || topic.text.contains("Stolen"), "\(topic)")
        }
        #expect(KeyCommand.Topic.authority.text.contains("jalon key recover"))
        #expect(KeyCommand.Topic.passphrase.text.contains("--passphrase-file"))
    }
}
