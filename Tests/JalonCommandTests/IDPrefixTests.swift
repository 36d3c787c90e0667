import JalonAPITestKit
import JalonClient
import JalonCrypto
import JalonModel
import JalonSchema
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

    @Test("is refused where it begins several: all of them are named, with the digits that tell them apart")
    func ambiguous() async throws {
        let ids = ["9a40c51e01", "9a40c51e02", "9a40c51f03"].map { $0 + String(repeating: "0", count: 54) }
        try await TestServer.run { server async throws in
            await server.ledger.plant(
                zip(ids, ["milestone.report", "dispute.open", "milestone.report"]).map { id, type in
                    API.Transaction(id: id, state: .final, height: 7, type: type, subject: "CN-HN-2020-001")
                }
            )
            let matches = try await server.get("/v1/ids/9a40c51e")
            #expect(matches.status == 200 && matches.body.contains(ids[0]) && matches.body.contains(ids[1]))
            #expect(!matches.body.contains(ids[2]))
            let client = try LedgerClient(server.address)
            let failure = await #expect(throws: Failure.self) {
                try await ArgumentValue.transaction("9a40c51e", asking: client)
            }
            #expect(failure?.code == "E_AMBIGUOUS" && failure?.status == .usage)
            let named = [
                "9a40c51e01… (milestone.report CN-HN-2020-001 in block 7)",
                "9a40c51e02… (dispute.open CN-HN-2020-001 in block 7)",
            ]
            #expect(failure?.message == "'9a40c51e' begins 2 ids: \(named.joined(separator: ", "))")
            #expect(
                failure?.next == "Give the first 10 digits of the one that you mean, for example 9a40c51e01."
            )
            // More digits, or the kind that is asked for, tell which one is meant.
            #expect(try await ArgumentValue.transaction("9a40c51e01", asking: client).hex == ids[0])
            #expect(
                try await ArgumentValue.transaction("9a40c51e", of: [.disputeOpen], asking: client).hex
                    == ids[1]
            )
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
