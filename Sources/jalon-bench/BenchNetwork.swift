import Foundation
import JalonClient
import JalonCrypto
import JalonModel
import JalonSchema
import JalonStorage

/// Four validators on loopback, as `jalon devnet` makes them, with everything that a node does for safety.
final class BenchNetwork {
    static let validatorCount = 4

    let nodes: [NodeProcess]
    let chain: ChainID
    /// The members with their authority keys, in the order of the nodes.
    let members: [(id: MemberID, region: RegionCode, key: PrivateKey)]

    private struct Layout: Decodable {
        let chain: String
        let nodes: [NodeProcess.Description]
    }

    /// Makes keys, genesis and configurations; nothing runs after it.
    init(program: String, folder: String, validatorCount: Int = BenchNetwork.validatorCount) throws {
        let maker = Process()
        maker.executableURL = URL(fileURLWithPath: program)
        maker.arguments = [
            "devnet", "--folder", folder, "--validators", "\(validatorCount)", "--port", "27600",
            "--api-port", "28600", "--stop-when-ready", "--json",
        ]
        let output = Pipe()
        maker.standardOutput = output
        maker.standardInput = FileHandle.nullDevice
        try maker.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        maker.waitUntilExit()
        guard maker.terminationStatus == 0, let layout = try? JSONDecoder().decode(Layout.self, from: data),
            let chain = ChainID(hex: layout.chain)
        else { throw BenchFailure("jalon devnet could not make a network in \(folder)") }
        self.chain = chain
        nodes = try layout.nodes.map { try NodeProcess($0, program: program) }
        members = try layout.nodes.map { node in
            guard let id = MemberID(node.member), let region = RegionCode(node.member.uppercased()) else {
                throw BenchFailure("\(node.member) is no member of a region")
            }
            return (id, region, try KeyFile.load(at: node.authorityKey) { nil })
        }
    }

    func start() throws { for node in nodes { try node.start() } }

    func stop() { for node in nodes { node.stop() } }

    /// Waits until a node answers and hears a quorum.
    func waitUntilReady(_ node: NodeProcess, within limit: Duration = .seconds(30)) async throws {
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end {
            if let status = try? await node.client.head(), status.isReady { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw BenchFailure(
            "\(node.description.member) is not ready after \(limit); see \(node.description.log)"
        )
    }

    /// Waits until every node, or these, has so many transactions in its log.
    func wait(for logSize: UInt64, on some: [NodeProcess]? = nil, within limit: Duration = .seconds(60))
        async throws
    {
        for node in some ?? nodes {
            let end = ContinuousClock.now + limit
            while try await node.client.head().head.logSize < logSize {
                guard ContinuousClock.now < end else {
                    throw BenchFailure(
                        "\(node.description.member) has not \(logSize) transactions after \(limit)"
                    )
                }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// CPU seconds of all node processes.
    var cpuSeconds: Double { nodes.reduce(0) { $0 + $1.cpuSeconds } }

    /// Every node writes with full synchronization and talks to all its peers by TLS 1.3.
    func checkHonesty() async throws {
        for node in nodes {
            let level = try await node.metric("jalon_storage_synchronous_level")
            guard level == 2 else {
                throw BenchFailure("\(node.description.member) reads PRAGMA synchronous = \(level), not 2")
            }
            let name = "jalon_network_connected_peers{security=\"tlsv13\"}"
            let end = ContinuousClock.now + .seconds(15)
            // A quorum is ready before every link is made.
            while Int(try await node.metric(name)) != nodes.count - 1 {
                guard ContinuousClock.now < end else {
                    throw BenchFailure(
                        "\(node.description.member) has not \(nodes.count - 1) links by TLS 1.3"
                    )
                }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    /// Valid signatures that all nodes have verified since their start.
    func verifiedSignatures() async throws -> Double {
        var sum = 0.0
        for node in nodes {
            sum += try await node.metric("jalon_crypto_verified_signatures_total{result=\"valid\"}")
        }
        return sum
    }
}
