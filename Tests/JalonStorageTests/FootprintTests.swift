import JalonCrypto
import JalonModel
import Testing

@testable import JalonStorage

@Suite("A ledger of many transactions")
struct FootprintTests {
    @Test(
        "takes at most 900 bytes a transaction, its state included, and finds each across the index's buckets"
    )
    func footprint() throws {
        let place = try TestFolder()
        var chain = try TestChain()
        let store = try place.makeLedger(chain)
        let (blockCount, count) = (18, 1_000)
        var probes: [(id: TransactionID, logIndex: UInt64)] = []
        var byteCount = 0
        for number in 0..<blockCount {
            let transactions = try (0..<count).map { _ in try chain.transaction(byteCount: 80) }
            byteCount += transactions.reduce(0) { $0 + $1.bytes.count }
            let block = chain.candidate(transactions)
            // Ids of commitments come in no order.
            let changes = (0..<count).map { place in
                let id = Checksum.prefix(SHA256.hash(Array("\(number) \(place)".utf8))).magnitude
                return LeafChange(
                    path: "milestone/CN-HN-2020-\(id)/2026-12-31".padding("x", to: 75),
                    value: chain.bytes(200)
                )
            }
            let final = try chain.finalize(block, changes: changes.sorted { $0.path < $1.path })
            for position in [0, count / 2, count - 1] {
                probes.append((final.transactions[position], UInt64(number * count + position)))
            }
            try store.perform([.block(block), .vote(chain.vote(.notarize(block.header.view, block.id)))])
            try store.perform([.certificate(chain.finalization(block)), .final(final)])
        }
        #expect(blockCount * count > Int(RecordWriter.bucketSize), "more than one bucket is filled")
        for probe in probes { #expect(try store.reader.location(of: probe.id)?.logIndex == probe.logIndex) }
        let folder = store.folder.path
        try store.close()
        let size = try FileStatus(of: LedgerFile.path(in: folder)).byteCount
        #expect(byteCount / (blockCount * count) > 350, "transactions of the ordinary size")
        #expect(size < UInt64(900 * blockCount * count))
    }
}

extension String {
    fileprivate func padding(_ character: Character, to count: Int) -> String {
        self + String(repeating: character, count: max(0, count - self.count))
    }
}
