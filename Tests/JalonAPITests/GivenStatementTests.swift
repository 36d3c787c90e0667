import JalonAPITestKit
import JalonCrypto
import JalonModel
import Testing

@testable import JalonAPI

@Suite("A proof is asked for with the transaction's bytes")
struct GivenStatementTests {
    @Test("and answered as without them, with the media type of what is asked for")
    func given() async throws {
        try await TestServer.run { server async throws in
            let transaction = try Samples.transaction()
            _ = try await server.post(transaction.bytes)
            let path = "/v1/transactions/\(transaction.id.hex)"
            let receipt = try await server.post(transaction.bytes, to: "\(path)/receipt")
            #expect(receipt.status == 200 && receipt.body == "given receipt \(transaction.id.hex)")
            #expect(receipt.headers["content-type"] == "application/scitt-statement+cose")
            let proof = try await server.post(transaction.bytes, to: "\(path)/proof")
            #expect(proof.status == 200 && proof.body == "given proof \(transaction.id.hex)")
            #expect(proof.headers["content-type"] == "application/vnd.jalon.proof+cbor")
            // A page of another site must not make its visitors send.
            #expect(proof.headers["access-control-allow-origin"] == nil)
        }
    }

    @Test("but not with those of another, a sequence, another media type, or too many")
    func refused() async throws {
        try await TestServer.run { server async throws in
            let (one, other) = (try Samples.transaction(number: 1), try Samples.transaction(number: 2))
            _ = try await server.post(one.bytes)
            let path = "/v1/transactions/\(one.id.hex)/proof"
            #expect(try await server.post(other.bytes, to: path).status == 400)
            #expect(try await server.post([0x01], to: path).status == 400)
            #expect(try await server.post(one.bytes, type: "application/cbor-seq", to: path).status == 400)
            #expect(try await server.post(one.bytes, type: "text/plain", to: path).status == 415)
            let long = [UInt8](repeating: 0, count: BlockLimits.transactionByteCount + 1)
            #expect(try await server.post(long, to: path).status == 413)
            let unknown = "/v1/transactions/\(other.id.hex)/receipt"
            #expect(try await server.post(other.bytes, to: unknown).status == 404)
            let elsewhere = try await server.post(one.bytes, to: "/v1/transactions/\(one.id.hex)/bytes")
            #expect(elsewhere.status == 405)
        }
    }
}
