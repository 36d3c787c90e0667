import Foundation
package import JalonModel

/// The file of a network's genesis.
package enum GenesisFile {
    /// Reads and checks a genesis.
    ///
    /// - Throws: ``NodeError/genesis(path:reason:)``.
    package static func load(at path: String) throws -> Genesis {
        let bytes: [UInt8]
        do {
            bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw NodeError.genesis(path: path, reason: "no such file, or not readable")
        }
        do {
            return try Genesis.decode(bytes)
        } catch {
            throw NodeError.genesis(path: path, reason: "\(error)")
        }
    }
}
