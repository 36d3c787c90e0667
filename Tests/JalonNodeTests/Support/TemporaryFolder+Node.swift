import Foundation
import JalonCrypto
import JalonModel
import JalonStorage
import Logging

@testable import JalonNode

extension TemporaryFolder {
    /// A node of no member, that is not run, on a ledger in this folder.
    func node(of genesis: Genesis, data: String) throws -> Node {
        let keys = "\(path)/keys"
        try FileManager.default.createDirectory(atPath: keys, withIntermediateDirectories: true)
        var generator = SystemRandomNumberGenerator()
        try KeyFile.save(PrivateKey(using: &generator), at: "\(keys)/node.pem")
        try Data(genesis.encoded).write(to: URL(fileURLWithPath: "\(path)/genesis.cbor"))
        var logger = Logger(label: "node")
        logger.logLevel = .critical
        return try Node(
            configuration: NodeConfiguration(
                genesis: "\(path)/genesis.cbor",
                data: data,
                listen: SocketAddress(host: "127.0.0.1", port: 0),
                apiListen: SocketAddress(host: "127.0.0.1", port: 0),
                keys: NodeKeys(node: "\(keys)/node.pem")
            ),
            acceptTime: true,
            logger: logger
        )
    }
}
