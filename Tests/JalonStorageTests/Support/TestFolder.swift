import Foundation
import JalonCrypto
import JalonModel
import Testing

@testable import JalonStorage

/// A folder that is gone with the last reference to it.
final class TestFolder: Sendable {
    let path: String

    init() throws {
        path =
            FileManager.default.temporaryDirectory.appendingPathComponent("jalon-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// A new ledger in the folder `node`.
    func makeLedger(_ chain: TestChain) throws -> LedgerStore {
        try LedgerStore.create(
            in: DataFolder(creating: file("node")),
            genesis: chain.genesis,
            identity: chain.identity
        )
    }

    /// Opens what ``makeLedger(_:)`` made.
    func openLedger() throws -> LedgerStore {
        try LedgerStore.open(in: DataFolder(opening: file("node")))
    }

    /// Copies the ledger's files as they stand, as a power cut would leave them.
    func copyFiles(to name: String) throws {
        let manager = FileManager.default
        try manager.createDirectory(
            atPath: file(name),
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        for entry in try manager.contentsOfDirectory(atPath: file("node")) where !entry.hasSuffix("-shm") {
            try manager.copyItem(atPath: file("node/\(entry)"), toPath: file("\(name)/\(entry)"))
        }
    }
}

func mode(of path: String) throws -> Int {
    try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
}

func setMode(_ mode: Int, of path: String) throws {
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
}

func readBytes(_ path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
}

func writeBytes(_ bytes: [UInt8], to path: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path))
}

/// The same numbers for the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
