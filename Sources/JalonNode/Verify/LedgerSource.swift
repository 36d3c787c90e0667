import JalonCrypto
package import JalonModel
package import JalonStorage

/// Where the genesis and the blocks of a ledger that is checked come from: a data folder, an exported file, a node.
///
/// None of it is believed.
package protocol LedgerSource: Sendable {
    /// The network and chain that the ledger is said to be of.
    var identity: LedgerIdentity { get }

    /// The encoded genesis.
    func genesis() async throws -> [UInt8]

    /// The height of the last block.
    func finalHeight() async throws -> Height

    /// Blocks in the order of their heights, each with its finalization where one is held.
    ///
    /// - Parameters:
    ///   - height: That of the first.
    ///   - count: The most of them.
    ///   - byteLimit: The most bytes, but the first comes whatever its size.
    /// - Returns: The blocks, none above the last.
    /// - Throws: What reading throws.
    func rawBlocks(from height: Height, count: Int, byteLimit: Int) async throws -> [RawBlock]

    /// Checks what comes behind the last block, where anything can.
    func checkEnd() async throws
}

extension LedgerSource {
    package func checkEnd() async throws {}
}

/// A source of which a copy can be made.
package protocol ExportableLedger: LedgerSource {
    /// The highest block at or below a height that has a finalization of its own; 0 where none has.
    func sealedHeight(atOrBelow height: Height) async throws -> Height

    /// The height of the last block, whether or not it has a finalization of its own.
    func headHeight() async throws -> Height

    /// Refuses where the first blocks are not held.
    func checkBeginning() async throws
}

extension ExportableLedger {
    package func checkBeginning() async throws {}

    package func headHeight() async throws -> Height { try await finalHeight() }
}

extension ExportableLedger {
    /// Writes an exported file, up to the last block that has a finalization of its own.
    ///
    /// A node may run meanwhile: what is final stays as it is.
    ///
    /// - Parameters:
    ///   - path: Where nothing stands yet.
    ///   - limit: The highest block to write; `nil` for the head.
    ///   - progress: Told the height written and that of the last block.
    /// - Returns: The height of the last block, and the bytes of the file.
    /// - Throws: What reading and writing throw.
    package func export(
        to path: String,
        upTo limit: Height? = nil,
        progress: (Height, Height) -> Void = { _, _ in }
    ) async throws -> (height: Height, byteCount: UInt64) {
        try await checkBeginning()
        let head = try await finalHeight()
        let last = try await sealedHeight(atOrBelow: min(head, limit ?? head))
        let byteCount = try await LedgerExport.write(
            to: path,
            identity: identity,
            genesis: try await genesis(),
            upTo: last
        ) { height in
            try await rawBlocks(from: height, count: 256, byteLimit: 4 << 20)
        } progress: {
            progress($0, last)
        }
        return (last, byteCount)
    }
}

extension LedgerReader: ExportableLedger {
    package func checkBeginning() async throws {
        if let first = try base()?.firstBlock { throw StorageError.beginsLater(path: folder, first: first) }
    }
}

extension ExportedLedger: LedgerSource {
    package func genesis() async throws -> [UInt8] { genesis }

    package func finalHeight() async throws -> Height { height }
}
