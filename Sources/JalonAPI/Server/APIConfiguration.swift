import NIOCore

/// Where the HTTP API listens, and its bounds.
package struct APIConfiguration: Sendable {
    /// A host name or an address; an IPv6 address without brackets.
    package var host: String
    /// 0 lets the system choose; ``APIServer/port`` then says which.
    package var port: Int
    package var limits: Limits
    /// For HTTPS; without one the API speaks plain HTTP.
    package var certificate: APICertificate?
    /// The addresses of other nodes that serve the same pages, such as `https://node.example`, without a path: an open page
    /// goes over to them where this node falls silent.
    package var others: [String]

    package init(
        host: String = "127.0.0.1",
        port: Int = 8_080,
        limits: Limits = Limits(),
        others: [String] = [],
        certificate: APICertificate? = nil
    ) {
        self.certificate = certificate
        self.host = host
        self.port = port
        self.limits = limits
        self.others = others
    }

    /// Reads an address such as `127.0.0.1:8080` or `[::1]:8080`.
    ///
    /// - Throws: ``APIServerError/badAddress(_:)``.
    package init(
        listen: String,
        limits: Limits = Limits(),
        others: [String] = []
    ) throws(APIServerError) {
        guard let colon = listen.lastIndex(of: ":"),
            let port = Int(decimalDigits: String(listen[listen.index(after: colon)...])), port <= 65_535
        else { throw .badAddress(listen) }
        var host = listen[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw .badAddress(listen)
        }
        guard !host.isEmpty else { throw .badAddress(listen) }
        self.init(host: String(host), port: port, limits: limits, others: others)
    }

    /// Whether only this machine reaches the API: the node warns where that is not so and no certificate is set.
    package var isLoopback: Bool {
        host == "localhost" || host == "::1"
            || (try? SocketAddress(ipAddress: host, port: 0)).map { _ in host.hasPrefix("127.") } ?? false
    }

    /// The bounds of what a client may cost; none can be switched off.
    package struct Limits: Sendable {
        /// Bytes of all header fields of a request, and of the longest.
        package var headerByteCount = 16 << 10
        package var headerCount = 100
        /// Bytes of a submission.
        package var bodyByteCount = 1 << 20
        /// Bytes of all bodies that are being read, and of those of one address (of IPv6, of one /64).
        package var bodiesByteCount = 64 << 20
        package var clientBodiesByteCount = 32 << 20
        /// How long a body may take to arrive, counted from its request's header.
        package var bodyTimeout: Duration = .seconds(10)
        /// How long a connection may stay between requests, and a header may take.
        package var idleTimeout: Duration = .seconds(30)
        /// How long a client may leave an answer unread.
        package var writeTimeout: Duration = .seconds(20)
        /// How long the node may take to answer; waiting for a transaction and the feed apart.
        package var requestTimeout: Duration = .seconds(15)
        /// Connections at once; more wait in the system's backlog.
        package var connections = 4_096
        /// Those of one address (of IPv6, of one /64), but for this machine's own; further ones are closed at once.
        package var clientConnections = 1_024
        /// Snapshots that are sent at once, and how long one may take to be made.
        package var snapshots = 2
        package var snapshotTimeout: Duration = .seconds(300)
        /// Bytes of a snapshot that a client must have taken for each second since its answer began, but for the first
        /// ``snapshotGrace``: the two together say how long one can be sent.
        package var snapshotByteRate = 64 << 10
        package var snapshotGrace: Duration = .seconds(60)
        /// Submissions at once, their bodies read.
        package var submissions = 32
        /// Requests that wait for a transaction at once.
        package var waiters = 512
        /// Seconds that such a request may ask to wait.
        package var waitSeconds = 60
        /// Subscribers of the feed at once.
        package var subscribers = 2_048
        /// Exports at once.
        package var exports = 8
        /// How long a subscription may last; clients then resume where they were.
        package var feedLifetime: Duration = .seconds(3_600)
        /// How often a quiet feed says that it is there.
        package var heartbeat: Duration = .seconds(15)

        package init() {}
    }
}

/// Why the HTTP API can't be served.
package enum APIServerError: Error, Equatable, Sendable {
    /// The configured address is not `host:port`.
    case badAddress(String)
    /// Another program listens there.
    case addressInUse(String)
    /// The file of the certificate is none that can be served with.
    case certificate(path: String, reason: String)
    /// The file of the certificate's key is none, or that of another one.
    case certificateKey(path: String, reason: String)
    /// The address can't be bound, with the system's reason.
    case notBound(String, reason: String)
}

extension APIServerError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .badAddress(let listen):
            "'\(listen)' is no address to listen at: expected host:port, for example 127.0.0.1:8080"
        case .addressInUse(let address):
            "\(address) is in use: stop the program that listens there, or give the API another port"
        case .certificate(let path, let reason):
            "the API's certificate \(path): \(reason). Give a PEM file with 'api.certificate', the server's own first"
        case .certificateKey(let path, let reason):
            "the API's key \(path): \(reason). Give the certificate's own key with 'api.key'"
        case .notBound(let address, let reason):
            "can't listen at \(address): \(reason)"
        }
    }
}
