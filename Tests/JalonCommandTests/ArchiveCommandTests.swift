import ArgumentParser
import Foundation
import JalonCrypto
import JalonModel
import JalonState
import JalonTestKit
import Testing

@testable import jalon

@Suite("Old blocks are archived from the command line")
struct ArchiveCommandTests {
    @Test(
        "only where it is said what becomes of the bodies, and how much is kept",
        arguments: [
            ["archive", "--data", "nowhere"],
            ["archive", "--to", "old"],
            ["archive", "--data", "nowhere", "--to", "old", "--discard"],
            ["archive", "--data", "nowhere", "--discard", "--keep-days", "3", "--keep-blocks", "5"],
            ["archive", "--data", "nowhere", "--discard", "--from", "5", "--keep-blocks", "5"],
            ["verify", "--data", "nowhere", "--quick", "--archive", "old"],
        ]
    )
    func refused(arguments: [String]) async {
        #expect(await Program.run(arguments) == .usage)
    }

    @Test("A receipt is asked for of what is sent and waited for alone")
    func receipt() async {
        for options in [["--save", "signed"], ["--wait", "0"]] {
            let command = ["plan", "publish", "plan.yaml", "--key", "key", "--receipt", "r"] + options
            #expect(await Program.run(command) == .usage)
        }
    }

    @Test("A proof of an archived transaction takes one place for its bytes, and goes with its id")
    func places() async {
        let id = String(repeating: "0", count: 64)
        #expect(
            await Program.run(["proof", "get", "--tx", id, "--statement", "a", "--archive", "b"]) == .usage
        )
        #expect(await Program.run(["proof", "get", "--path", "plan/X", "--statement", "a"]) == .usage)
        #expect(await Program.run(["receipt", id, "--statement", "a", "--archive", "b"]) == .usage)
    }
}

@Suite("A transaction that a node archived is given as a file")
struct GivenStatementTests {
    private let folder = FileManager.default.temporaryDirectory.path + "/jalon-given-\(UUID().uuidString)"
    private let proof: [UInt8]
    private let transaction: Transaction

    init() throws {
        struct Vectors: Decodable {
            let proofs: [String: String]
        }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        let vectors = try JSONDecoder().decode(Vectors.self, from: VectorFile.read("proofs.json"))
        proof = try bytes(#require(vectors.proofs["transaction"]))
        transaction = try #require(try Proof.decode(proof).statement?.transaction)
    }

    private func given(_ bytes: [UInt8], as id: TransactionID) throws -> Transaction? {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = "\(folder)/given"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return try GivenStatement.parse(["--statement", path]).transaction(id)
    }

    @Test("as its bytes, or a proof of it") func read() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        #expect(try given(transaction.bytes, as: transaction.id) == transaction)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        #expect(try given(proof, as: transaction.id) == transaction)
        #expect(try GivenStatement.parse([]).transaction(transaction.id) == nil)
    }

    @Test("but not as another one, or as something else") func refused() throws {
        let other = try #require(TransactionID(hex: String(repeating: "0", count: 64)))
        #expect(throws: Failure.self) { try given(transaction.bytes, as: other) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        #expect(throws: Failure.self) { try given([1, 2, 3], as: transaction.id) }
    }
}
