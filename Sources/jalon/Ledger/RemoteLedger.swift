import JalonClient
import JalonCodec
import JalonModel
import JalonNode
import JalonSchema
import JalonStorage

/// The ledger of a node, read over its API and believed in nothing.
struct RemoteLedger: ExportableLedger {
    let identity: LedgerIdentity
    private let client: LedgerClient
    private let genesisBytes: [UInt8]
    /// The node's last block, whether or not it has a finalization of its own.
    private let head: Height
    /// The last block of a copy.
    private let height: Height

    /// Blocks behind the head among which one has a finalization of its own.
    private static let tailCount: UInt64 = 64

    /// Asks for the genesis, and for the last block that has a finalization of its own.
    ///
    /// - Throws: ``ClientError``; ``VerificationFailure`` where what the node sends does not decode.
    init(_ client: LedgerClient) async throws {
        self.client = client
        genesisBytes = try await client.genesis()
        let genesis: Genesis
        do { genesis = try Genesis.decode(genesisBytes) } catch {
            throw VerificationFailure(.genesis, "\(error)", verified: nil)
        }
        identity = LedgerIdentity(network: genesis.network, chain: genesis.chain)
        let head = try await client.head().head.height
        self.head = Height(head)
        guard head > 0 else {
            height = Height(0)
            return
        }
        height = try await RemoteLedger.sealedHeight(client, atOrBelow: head)
    }

    func sealedHeight(atOrBelow height: Height) async throws -> Height {
        guard height < self.height else { return self.height }
        guard height.value > 0 else { return height }
        return try await RemoteLedger.sealedHeight(client, atOrBelow: height.value)
    }

    /// The highest block at or below a height that has a finalization of its own.
    ///
    /// It is mostly one of the last, and blocks may be large: so few of them are asked for first, then ever more.
    private static func sealedHeight(
        _ client: LedgerClient,
        atOrBelow height: UInt64
    ) async throws -> Height {
        let lowest = height > tailCount ? height - tailCount : 1
        var (last, count): (UInt64, UInt64) = (height, 1)
        while last >= lowest {
            let first = max(lowest, last - min(count, last) + 1)
            do {
                if let sealed = try await lastSealed(client, in: first...last) { return sealed }
                last = first - 1
                count *= 2
            } catch ClientError.refused(let problem) where problem.status == 410 && first < last {
                // A node that joined by a snapshot may hold fewer.
                count = (last - first + 1) / 2
            }
        }
        throw VerificationFailure(
            .block(Height(height)),
            "\(client.address) has no finalization for any of the blocks \(lowest)–\(height)",
            verified: nil
        )
    }

    /// The last of these blocks that has a finalization of its own, from as many answers as it takes.
    private static func lastSealed(
        _ client: LedgerClient,
        in heights: ClosedRange<UInt64>
    ) async throws -> Height? {
        var (next, found) = (heights.lowerBound, Height?.none)
        while next <= heights.upperBound {
            let part = try await blocks(client, from: next, count: Int(heights.upperBound - next + 1))
            guard let last = part.last else { break }
            found = part.last { $0.finalization != nil }?.height ?? found
            next = last.height.value + 1
        }
        return found
    }

    func genesis() async throws -> [UInt8] { genesisBytes }

    func finalHeight() async throws -> Height { height }

    func headHeight() async throws -> Height { head }

    func rawBlocks(from height: Height, count: Int, byteLimit: Int) async throws -> [RawBlock] {
        guard height <= self.height else { return [] }
        let most = min(UInt64(max(1, count)), self.height.value - height.value + 1)
        return try await RemoteLedger.blocks(client, from: height.value, count: Int(clamping: most))
    }

    /// One answer's blocks, of those asked for as many as fit into it.
    private static func blocks(
        _ client: LedgerClient,
        from height: UInt64,
        count: Int
    ) async throws -> [RawBlock] {
        let bytes = try await client.ledger(from: height, limit: count)
        var decoder = CBORDecoder(bytes)
        var blocks: [RawBlock] = []
        var next = height
        while !decoder.isAtEnd, blocks.count < count {
            do { blocks.append(try LedgerExport.decode(&decoder, height: Height(next))) } catch {
                throw VerificationFailure(.block(Height(next)), "\(error)", verified: nil)
            }
            next += 1
        }
        return blocks
    }
}
