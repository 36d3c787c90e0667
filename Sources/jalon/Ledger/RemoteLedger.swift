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

    private static func sealedHeight(
        _ client: LedgerClient,
        atOrBelow height: UInt64
    ) async throws -> Height {
        var (first, found) = (height > tailCount ? height - tailCount : 1, [RawBlock]?.none)
        while found == nil {
            do {
                found = try await blocks(client, from: first, count: Int(height - first + 1))
            } catch ClientError.refused(let problem) where problem.status == 410 && first < height {
                // A node that joined by a snapshot may hold fewer.
                first += (height - first + 1) / 2
            }
        }
        let blocks = found ?? []
        guard let last = blocks.last(where: { $0.finalization != nil }) else {
            throw VerificationFailure(
                .block(Height(height)),
                "\(client.address) has no finalization for any of the blocks \(first)–\(height)",
                verified: nil
            )
        }
        return last.height
    }

    func genesis() async throws -> [UInt8] { genesisBytes }

    func finalHeight() async throws -> Height { height }

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
