import JalonCrypto
package import JalonModel

/// What anybody can check without the node that it came from.
extension LedgerClient {
    /// A final transaction with a quorum of receipts, as an encoded `TransparentStatement`.
    package func transparentStatement(of id: TransactionID) async throws(ClientError) -> [UInt8] {
        try await bytes("/v1/transactions/\(id.hex)/receipt")
    }

    /// The proof file of a final transaction, with what the state holds of it now.
    package func proof(of id: TransactionID) async throws(ClientError) -> [UInt8] {
        try await bytes("/v1/transactions/\(id.hex)/proof")
    }

    /// The same for a transaction whose bytes are given: a node that archived its block holds their hash alone.
    package func transparentStatement(of given: Transaction) async throws(ClientError) -> [UInt8] {
        try await bytes(post: "/v1/transactions/\(given.id.hex)/receipt", given.bytes)
    }

    /// The proof file of a final transaction whose bytes are given.
    package func proof(of given: Transaction) async throws(ClientError) -> [UInt8] {
        try await bytes(post: "/v1/transactions/\(given.id.hex)/proof", given.bytes)
    }

    private func bytes(post path: String, _ body: [UInt8]) async throws(ClientError) -> [UInt8] {
        let answer = try await send(post: path, body, type: "application/cose")
        try checkOK(answer)
        return answer.bytes
    }

    /// The proof file of what the state holds at a path, or that it holds nothing there.
    package func stateProof(at path: String) async throws(ClientError) -> [UInt8] {
        try await bytes("/v1/proofs/state?path=\(escaped(path))")
    }

    /// The proof file that the log of a block begins with that of an earlier one.
    ///
    /// - Parameters:
    ///   - from: The earlier height.
    ///   - to: The later height; `nil` is the head's.
    /// - Returns: The encoded file.
    /// - Throws: ``ClientError``.
    package func consistencyProof(from: UInt64, to: UInt64?) async throws(ClientError) -> [UInt8] {
        try await bytes("/v1/proofs/consistency?from=\(from)" + (to.map { "&to=\($0)" } ?? ""))
    }
}
