import Foundation
import JalonAPITestKit
import JalonClient
import JalonCodec
import JalonModel
import JalonNode
import JalonStorage
import JalonTestKit
import Testing

@testable import jalon

@Suite("A ledger is copied from a node")
struct RemoteLedgerTests {
    /// A node with 80 blocks, of which it gives out two at a time.
    private func serving(
        sealed: [UInt64],
        _ body: @escaping @Sendable (TestServer) async throws -> Void
    ) async throws {
        struct Vectors: Decodable { let genesis: String }
        let vectors = try JSONDecoder().decode(Vectors.self, from: VectorFile.read("proofs.json"))
        let genesis = bytes(vectors.genesis)
        let records = (1...80).map { height in
            LedgerExport.encode(
                RawBlock(
                    height: Height(height),
                    block: [UInt8](repeating: 7, count: 1_000),
                    finalization: sealed.contains(height) ? [1] : nil
                )
            )
        }
        try await TestServer.run { server async throws in
            await server.ledger.setCopy(genesis: genesis, records: records, byteLimit: 2_100)
            for _ in 1...80 { await server.ledger.makeBlock() }
            try await body(server)
        }
    }

    @Test(
        "up to the last sealed block, however few of them fit into one answer",
        arguments: [([16, 80], 80, 16), ([16, 75], 75, 75), ([15, 17, 18], 18, 18), ([79], 79, 79)]
            as [([UInt64], UInt64, UInt64)]
    )
    func sealed(heights: [UInt64], last: UInt64, before: UInt64) async throws {
        try await serving(sealed: heights) { server async throws in
            let ledger = try await RemoteLedger(LedgerClient(server.address))
            #expect(try await ledger.finalHeight() == Height(last))
            #expect(try await ledger.headHeight() == Height(80))
            #expect(try await ledger.sealedHeight(atOrBelow: Height(79)) == Height(before))
        }
    }

    @Test("not where none of the last is sealed", arguments: [[], [15]] as [[UInt64]])
    func unsealed(heights: [UInt64]) async throws {
        try await serving(sealed: heights) { server async throws in
            await #expect(throws: VerificationFailure.self) {
                try await RemoteLedger(LedgerClient(server.address))
            }
        }
    }

    @Test("not up to a block that is not there: nothing is written")
    func beyond() async throws {
        let file = FileManager.default.temporaryDirectory.path + "/jalon-\(UUID().uuidString).export"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try await serving(sealed: [3, 75]) { server async throws in
            let line = ["export", server.address, "--out", file, "--to"]
            #expect(await Program.run(line + ["81"]) == .usage)
            #expect(!FileManager.default.fileExists(atPath: file))
            // The head itself is there, though a copy ends before it.
            #expect(await Program.run(line + ["80"]) == .ok)
            #expect(try ExportedLedger(path: file).height == Height(75))
        }
    }
}
