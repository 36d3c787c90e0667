package import JalonAPI
import Logging
import NIOCore
import NIOPosix

/// A server over a ledger in memory, on a free port of this machine.
package struct TestServer: Sendable {
    package let ledger: FakeLedger
    package let port: Int
    private let scheme: String

    package var address: String { "\(scheme)://127.0.0.1:\(port)" }

    /// Serves while `body` runs.
    package static func run<Value: Sendable>(
        ledger: FakeLedger = FakeLedger(),
        limits: APIConfiguration.Limits = .init(),
        certificate: APICertificate? = nil,
        others: [String] = [],
        _ body: @escaping @Sendable (TestServer) async throws -> Value
    ) async throws -> Value {
        let server = APIServer(
            configuration: APIConfiguration(
                port: 0,
                limits: limits,
                others: others,
                certificate: certificate
            ),
            ledger: ledger,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            let scheme = certificate == nil ? "http" : "https"
            let value = try await body(
                TestServer(ledger: ledger, port: try await server.port, scheme: scheme)
            )
            group.cancelAll()
            return value
        }
    }

    /// Sends one request and reads the answer until the server closes.
    package func request(
        _ method: String,
        _ target: String,
        headers: [String] = [],
        body: [UInt8] = []
    ) async throws -> RawAnswer {
        var lines = ["\(method) \(target) HTTP/1.1", "Host: test", "Connection: close"] + headers
        if !body.isEmpty { lines.append("Content-Length: \(body.count)") }
        let head = lines.joined(separator: "\r\n") + "\r\n\r\n"
        return try await exchange(Array(head.utf8) + body)
    }

    package func get(_ target: String, headers: [String] = []) async throws -> RawAnswer {
        try await request("GET", target, headers: headers)
    }

    package func post(
        _ body: [UInt8],
        type: String = "application/cose",
        to target: String = "/v1/transactions"
    ) async throws -> RawAnswer {
        try await request("POST", target, headers: ["Content-Type: \(type)"], body: body)
    }

    /// Sends these bytes as they are and reads until the server closes.
    package func exchange(_ bytes: [UInt8]) async throws -> RawAnswer {
        try await RawConnection.open(port: port) { connection in
            try? await connection.send(bytes)
            return RawAnswer(await connection.readToEnd())
        }
    }
}
