import Hummingbird
import JalonModel
import JalonSchema
import NIOCore

extension APIResponder {
    /// The media type of a proof file.
    private static var proofType: String { "application/vnd.jalon.proof+cbor" }

    /// Answers with what anybody can check without this node.
    func readProof(_ route: Route, query: Query) async throws -> Response {
        switch route {
        case .receipt(let id):
            .bytes(
                ByteBuffer(bytes: try await ledger.transparentStatement(of: id)),
                type: TransparentStatement.mediaType
            )
        case .transactionProof(let id): proof(try await ledger.proof(of: id))
        case .consistencyProof:
            proof(
                try await ledger.consistencyProof(from: query.height("from"), to: query.height("to", or: nil))
            )
        case .stateProof: proof(try await ledger.stateProof(at: query.required("path")))
        default: throw API.Problem.internal
        }
    }

    private func proof(_ bytes: [UInt8]) -> Response {
        .bytes(ByteBuffer(bytes: bytes), type: APIResponder.proofType)
    }
}

extension Query {
    /// The value of a parameter that has to be there.
    fileprivate func required(_ name: String) throws(API.Problem) -> String {
        guard let text = self[name], !text.isEmpty else {
            throw .query("the parameter '\(name)' is missing", hint: "See /v1/openapi.json.")
        }
        return text
    }

    /// A height that has to be there.
    fileprivate func height(_ name: String) throws(API.Problem) -> UInt64 {
        _ = try required(name)
        return try height(name, or: nil) ?? 0
    }

    fileprivate func height(_ name: String, or other: UInt64?) throws(API.Problem) -> UInt64? {
        try integer(name, in: 0...UInt64(Int64.max)) ?? other
    }
}
