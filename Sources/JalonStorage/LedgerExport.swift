package import JalonCodec
import JalonCrypto
package import JalonModel
import Synchronization

/// A ledger as one file to hand on: the genesis, then every final block with its finalization.
///
/// The file is a CBOR sequence (RFC 8742). Its first item is `["jalon-export/1", network, genesis, height]`, the genesis
/// as a byte string; each of the others is `[block, finalization]`, two byte strings, of the heights 1, 2, … in order;
/// the second is empty where a block is final only through a later one. The last block has a finalization, so a whole
/// file proves itself. No hash stands in it beside those of the blocks.
package enum LedgerExport {
    /// The first thing that a reader looks at.
    package static let version = "jalon-export/1"
    /// Bytes of the longest `[block, finalization]`.
    package static let maximumRecordByteCount = blockByteCount + certificateByteCount + 16

    private static let blockByteCount = BlockLimits.bodyByteCount + (256 << 10)
    private static let certificateByteCount = 4 << 10

    /// The encoding of the first item.
    static func encodeHead(_ identity: LedgerIdentity, genesis: [UInt8], height: Height) -> [UInt8] {
        var encoder = CBOREncoder(capacity: genesis.count + 128)
        encoder.encodeArrayHead(4)
        encoder.encode(version)
        encoder.encode(identity.network.text)
        encoder.encode(bytes: genesis)
        encoder.encode(height.value)
        return encoder.bytes
    }

    /// The encoding of a block and its finalization.
    package static func encode(_ block: RawBlock) -> [UInt8] {
        var encoder = CBOREncoder(capacity: block.block.count + (block.finalization?.count ?? 0) + 16)
        encoder.encodeArrayHead(2)
        encoder.encode(bytes: block.block)
        encoder.encode(bytes: block.finalization ?? [])
        return encoder.bytes
    }

    /// Reads the block of a height; neither it nor its finalization is decoded.
    package static func decode(
        _ decoder: inout CBORDecoder,
        height: Height
    ) throws(CBORError) -> RawBlock {
        try decoder.decodeArray(count: 2) { (decoder) throws(CBORError) in
            let block = Array(try decoder.decodeBytes(maximum: blockByteCount))
            let finalization = Array(try decoder.decodeBytes(maximum: certificateByteCount))
            return RawBlock(
                height: height,
                block: block,
                finalization: finalization.isEmpty ? nil : finalization
            )
        }
    }
}

extension LedgerExport {
    /// Writes a new file; it appears under its name when it is whole and durable.
    ///
    /// - Parameters:
    ///   - path: Where nothing stands yet.
    ///   - identity: The ledger's.
    ///   - genesis: The encoded genesis.
    ///   - last: The height of the last block, which has a finalization of its own.
    ///   - mayReplace: Whether a file that stands there is replaced.
    ///   - blocks: Reads blocks from a height on, in order, one at least.
    ///   - progress: Told the height written.
    /// - Returns: The bytes of the file.
    /// - Throws: ``StorageError/fileExists(path:)`` and what reading and writing throw.
    package static func write(
        to path: String,
        identity: LedgerIdentity,
        genesis: [UInt8],
        upTo last: Height,
        mayReplace: Bool = false,
        blocks: (Height) async throws -> [RawBlock],
        progress: (Height) -> Void = { _ in }
    ) async throws -> UInt64 {
        let file = try NewFile(path, mayReplace: mayReplace)
        try file.append(encodeHead(identity, genesis: genesis, height: last))
        var next = Height(1)
        while next <= last {
            let batch = try await blocks(next)
            guard batch.first?.height == next else { throw missing(next) }
            for block in batch where block.height <= last {
                guard block.height == next else { throw missing(next) }
                try file.append(encode(block))
                next = next.next
            }
            progress(Height(next.value - 1))
        }
        return try file.finish()
    }

    private static func missing(_ height: Height) -> StorageError {
        .damaged(table: "chain", key: "height \(height)", reason: "missing")
    }
}

/// An exported file that is read from its start to its end.
package final class ExportedLedger: Sendable {
    package let identity: LedgerIdentity
    /// The encoded genesis, whose hash is the chain's id.
    package let genesis: [UInt8]
    /// The height of the last block.
    package let height: Height
    private let cursor: Mutex<Cursor>

    /// Opens a file and reads its first item.
    ///
    /// - Throws: ``ExportError``.
    package init(path: String) throws(ExportError) {
        var start: Cursor
        do throws(SystemError) { start = Cursor(try OpenFile(path, for: .reading)) } catch {
            throw .system(error)
        }
        let head = try start.head { (decoder) throws(CBORError) in
            try decoder.decodeArray(count: 4) { (decoder) throws(CBORError) in
                let version = try decoder.decodeText(maximum: 64)
                guard version.utf8.elementsEqual(LedgerExport.version.utf8) else {
                    throw .invalidValue(
                        "a file of version '\(version)'; this program knows \(LedgerExport.version)",
                        offset: 0
                    )
                }
                let at = decoder.offset
                guard let network = NetworkID(try decoder.decodeText(maximum: 64)) else {
                    throw .invalidValue("the network is not \(NetworkID.form)", offset: at)
                }
                let genesis = Array(try decoder.decodeBytes(maximum: Genesis.maximumByteCount))
                return (network, genesis, Height(try decoder.decodeUnsigned(maximum: UInt64(Int64.max))))
            }
        }
        identity = LedgerIdentity(network: head.0, chain: ChainID(SHA256.hash(head.1)))
        (genesis, height) = (head.1, head.2)
        self.cursor = Mutex(start)
    }

    /// The next blocks of the file, with the limits of ``LedgerReader/rawBlocks(from:count:byteLimit:)``.
    ///
    /// From another height than the one behind the last block read it goes through the file from its start. Where a
    /// block can't be read, those before it come first.
    ///
    /// - Throws: ``ExportError``.
    package func rawBlocks(
        from height: Height,
        count: Int,
        byteLimit: Int
    ) throws(ExportError) -> [RawBlock] {
        let result = cursor.withLock { cursor in
            Result { () throws(ExportError) in
                if cursor.height > height { try cursor.rewind() }
                while cursor.height < height, cursor.height <= self.height { _ = try cursor.nextBlock() }
                var blocks: [RawBlock] = []
                var byteCount = 0
                do throws(ExportError) {
                    while cursor.height <= self.height, blocks.count < count, byteCount < byteLimit {
                        let block = try cursor.nextBlock()
                        byteCount += block.block.count
                        blocks.append(block)
                    }
                } catch {
                    if blocks.isEmpty { throw error }
                }
                return blocks
            }
        }
        return try result.get()
    }

    /// Checks that nothing stands behind the last block, once that was read.
    ///
    /// - Throws: ``ExportError/longer(path:last:)``.
    package func checkEnd() throws(ExportError) {
        let result = cursor.withLock { cursor in
            Result { () throws(ExportError) in if cursor.height > height { try cursor.finish() } }
        }
        try result.get()
    }

    /// A place in the file.
    private struct Cursor: Sendable {
        private var items: SequenceCursor
        /// The height of the next block.
        private(set) var height = Height(1)

        private static let longest = max(LedgerExport.maximumRecordByteCount, Genesis.maximumByteCount + 256)

        init(_ file: OpenFile) {
            items = SequenceCursor(file, longest: Cursor.longest)
        }

        mutating func rewind() throws(ExportError) {
            self = Cursor(items.file)
            _ = try head { (decoder) throws(CBORError) in try decoder.decodeEncodedItem() }
        }

        mutating func head<Value>(
            _ body: (inout CBORDecoder) throws(CBORError) -> Value
        ) throws(ExportError) -> Value {
            let path = items.file.path
            return try next(body) { .notAnExport(path: path, reason: $0) }
        }

        mutating func nextBlock() throws(ExportError) -> RawBlock {
            let (height, path) = (height, items.file.path)
            let block = try next({ (decoder) throws(CBORError) in
                try LedgerExport.decode(&decoder, height: height)
            }) { .damaged(path: path, height, reason: $0) }
            self.height = height.next
            return block
        }

        private mutating func next<Value>(
            _ body: (inout CBORDecoder) throws(CBORError) -> Value,
            _ failure: (String) -> ExportError
        ) throws(ExportError) -> Value {
            do throws(SequenceError) { return try items.next(body) } catch {
                switch error {
                case .ended: throw failure("the file ends before it")
                case .undecodable(let reason): throw failure("\(reason)")
                case .system(let error): throw .system(error)
                }
            }
        }

        /// Checks that nothing stands behind the last block.
        mutating func finish() throws(ExportError) {
            let isAtEnd: Bool
            do throws(SystemError) { isAtEnd = try items.isAtEnd } catch { throw .system(error) }
            guard isAtEnd else { throw .longer(path: items.file.path, last: Height(height.value - 1)) }
        }
    }
}

/// Why an exported file can't be read.
package enum ExportError: Error, Hashable, Sendable {
    /// The first item is not that of an export.
    case notAnExport(path: String, reason: String)
    /// What stands at a block's place is not one.
    case damaged(path: String, Height, reason: String)
    /// Bytes stand behind the last block.
    case longer(path: String, last: Height)
    case system(SystemError)
}

extension ExportError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notAnExport(let path, let reason):
            "\(path) is no exported ledger (\(reason)): make one with 'jalon export'"
        case .damaged(let path, let height, let reason):
            "\(path) is damaged at block \(height) (\(reason)): get another copy, or export anew"
        case .longer(let path, let last):
            "\(path) has bytes behind its last block, \(last): get another copy, or export anew"
        case .system(let error):
            error.description
        }
    }
}
