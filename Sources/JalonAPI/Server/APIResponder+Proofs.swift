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

    /// Answers with what anybody can check of a transaction whose bytes the request brings.
    func prove(
        _ id: TransactionID,
        _ route: Route,
        _ request: Request,
        from client: SocketAddress?,
        isBodyRead: inout Bool
    ) async throws -> Response {
        guard try !request.isSequence() else {
            throw API.Problem.malformed("a sequence of transactions", hint: "Send one, as application/cose.")
        }
        let bytes = try await body(of: request, from: client, limit: BlockLimits.transactionByteCount)
        isBodyRead = true
        guard let place = submissions.take() else { throw API.Problem.busy("submitting is") }
        defer { withExtendedLifetime(place) {} }
        let given: Transaction
        switch TransactionSequence.single(bytes) {
        case .transaction(let transaction): given = transaction
        case .malformed(let problem): throw problem
        }
        guard given.id == id else {
            throw API.Problem.malformed("the body is the transaction \(given.id), the path says \(id)")
        }
        let outcome = try await race(limit: limits.requestTimeout) {
            if case .receipt = route {
                return Response.bytes(
                    ByteBuffer(bytes: try await ledger.transparentStatement(of: id, given: given)),
                    type: TransparentStatement.mediaType
                )
            }
            return proof(try await ledger.proof(of: id, given: given))
        }
        guard case .value(let response) = outcome else { throw API.Problem.timedOut }
        return response
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
