import JalonAPITestKit
import JalonClient
import JalonCrypto
import JalonModel
import Testing

@testable import jalon

@Suite("An id given by its first digits")
struct IDPrefixTests {
    /// A server with two final transactions, and their ids.
    private func serving(
        _ body: @escaping @Sendable (LedgerClient, _ ids: [String]) async throws -> Void
    ) async throws {
        let transactions = [try Samples.transaction(number: 1), try Samples.transaction(number: 2)]
        try await TestServer.run { server async throws in
            _ = try await server.ledger.submit(transactions)
            await server.ledger.makeBlock()
            try await body(try LedgerClient(server.address), transactions.map(\.id.hex))
        }
    }

    @Test("means the one that it begins", arguments: [8, 12, 20, 63, 64])
    func found(count: Int) async throws {
        try await serving { client, ids async throws in
            let digits = String(ids[0].prefix(count))
            #expect(try await ArgumentValue.transaction(digits, asking: client).hex == ids[0])
            #expect(try await ArgumentValue.transaction(digits.uppercased(), asking: client).hex == ids[0])
            #expect(
                try await ArgumentValue.transaction(digits + (count < 64 ? "…" : ""), asking: client).hex
                    == ids[0]
            )
        }
    }

    @Test(
        "is refused where it begins none, is too short, or is no digits",
        arguments: ["00000000", "9a40", "", "9a40c51g"]
    )
    func refused(text: String) async throws {
        try await serving { client, _ async throws in
            let failure = await #expect(throws: Failure.self) {
                try await ArgumentValue.transaction(text, list: "LIST", asking: client)
            }
            #expect(failure?.status == .usage)
            #expect(failure?.next == "LIST")
            #expect(failure?.message.contains("'\(text)'") == true)
        }
    }

    @Test("is refused where it begins one of another kind")
    func otherKind() async throws {
        try await serving { client, ids async throws in
            let failure = await #expect(throws: Failure.self) {
                try await ArgumentValue.transaction(
                    String(ids[0].prefix(8)),
                    of: [.disputeOpen],
                    asking: client
                )
            }
            #expect(failure?.message.contains("dispute.open") == true)
        }
    }
}
