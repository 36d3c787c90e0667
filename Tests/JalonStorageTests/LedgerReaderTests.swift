import Foundation
import JalonCodec
import JalonCrypto
import JalonModel
import Testing

@testable import JalonStorage

@Suite("Reading a ledger")
struct LedgerReaderTests {
    private let place: TestFolder
    private let store: LedgerStore
    private let finals: [FinalBlock]
    private let finalizations: [Certificate?]
    private var chain: TestChain

    /// Nine blocks of 0, 1, 2, 0, 1 … transactions; every third has a finalization of its own.
    init() throws {
        place = try TestFolder()
        chain = try TestChain()
        store = try place.makeLedger(chain)
        var finals: [FinalBlock] = []
        var finalizations: [Certificate?] = []
        for number in 0..<9 {
            let final = try chain.next(
                number % 3,
                changes: [LeafChange(path: "member/\(number)", value: [UInt8(number)])]
            )
            let finalization = number % 3 == 2 ? chain.finalization(final.block) : nil
            finals.append(final)
            finalizations.append(finalization)
        }
        for (final, finalization) in zip(finals, finalizations) {
            try store.perform((finalization.map { [.certificate($0)] } ?? []) + [.final(final)])
        }
        self.finals = finals
        self.finalizations = finalizations
    }

    // MARK: - Blocks

    @Test("finds a block by height and by id, final or not")
    mutating func block() throws {
        for final in finals {
            #expect(try store.reader.block(at: final.block.header.height) == final.block)
            #expect(try store.reader.header(at: final.block.header.height) == final.block.header)
            #expect(try store.reader.block(final.block.id) == final.block)
        }
        #expect(try store.reader.finalHeight() == Height(9))
        #expect(try store.reader.block(at: Height(10)) == nil)
        let candidate = chain.candidate([try chain.transaction()])
        #expect(try store.reader.block(candidate.id) == nil)
        try store.perform([.block(candidate)])
        #expect(try store.reader.block(candidate.id) == candidate)
        #expect(try store.reader.block(at: Height(10)) == nil)
    }

    @Test("forgets a block that another one of its height became final instead of")
    mutating func loser() throws {
        let loser = chain.candidate([try chain.transaction()])
        try store.perform([.block(loser)])
        try store.perform([.final(try chain.next(1))])
        #expect(try store.reader.block(loser.id) == nil)
        #expect(try store.reader.restore(replayReach: 0).blocks.isEmpty)
    }

    @Test("gives ranges of blocks with their finalizations")
    func range() throws {
        let all = try store.reader.blocks(from: Height(1), count: 100, byteLimit: .max)
        #expect(all.map(\.block) == finals.map(\.block))
        #expect(all.map(\.finalization) == finalizations)
        let some = try store.reader.blocks(from: Height(4), count: 3, byteLimit: .max)
        #expect(some.map(\.block) == finals[3..<6].map(\.block))
        #expect(try store.reader.blocks(from: Height(10), count: 3, byteLimit: .max).isEmpty)
        #expect(try store.reader.blocks(from: Height(1), count: 0, byteLimit: .max).isEmpty)
    }

    @Test("keeps a range of blocks under its bytes, and gives one block at least")
    func bytes() throws {
        let sizes = finals.map { $0.block.encoded.count - 1 }
        let two = sizes[0] + sizes[1]
        #expect(try store.reader.blocks(from: Height(1), count: 9, byteLimit: 0).count == 1)
        #expect(try store.reader.blocks(from: Height(1), count: 9, byteLimit: two - 1).count == 1)
        #expect(try store.reader.blocks(from: Height(1), count: 9, byteLimit: two).count == 2)
    }

    @Test("gives the very bytes for a check that believes nothing")
    func raw() throws {
        let raw = try store.reader.rawBlocks(from: Height(1), count: 100, byteLimit: .max)
        #expect(raw.map(\.block) == finals.map(\.block.encoded))
        #expect(raw.map(\.finalization) == finalizations.map { $0?.encoded })
        #expect(raw.map(\.height) == (1...9).map { Height($0) })
    }

    // MARK: - Certificates

    @Test("finds the finalization at or above a height")
    func finalizationAbove() throws {
        for height in 1...9 as ClosedRange<UInt64> {
            let found = try #require(try store.reader.finalization(atOrAbove: Height(height)))
            #expect(found.0 == Height((height + 2) / 3 * 3))
            #expect(found.1 == finalizations[Int(found.0.value) - 1])
        }
        #expect(try store.reader.finalization(atOrAbove: Height(10)) == nil)
    }

    @Test("takes a finalization that comes after its block, and keeps the newest of several")
    mutating func late() throws {
        let final = try chain.next()
        try store.perform([.final(final)])
        let early = chain.finalization(final.block)
        let late = chain.finalization(final.block, view: final.block.header.view.value + 5)
        for certificate in [early, late, early] {
            try store.perform([.certificate(certificate)])
        }
        #expect(try store.reader.finalization(atOrAbove: Height(10))?.1 == late)
        #expect(try store.reader.restore(replayReach: 0).certificates == [late])
    }

    @Test("gives the certificates of a range of views, and drops those that the final block left behind")
    mutating func views() throws {
        let nullifications = (10...14).map { chain.nullification($0) }
        try store.perform(nullifications.map { .certificate($0) })
        let reader = store.reader
        let all = View(0)...View(99)
        let newest = [finalizations[8]].compactMap { $0 }
        #expect(try reader.certificates(in: Epoch(0), views: all, count: 99) == newest + nullifications)
        #expect(
            try reader.certificates(in: Epoch(0), views: View(11)...View(12), count: 99)
                == Array(nullifications[1...2])
        )
        #expect(try reader.certificates(in: Epoch(0), views: View(10)...View(99), count: 2).count == 2)
        #expect(try reader.certificates(in: Epoch(1), views: all, count: 99).isEmpty)
        try store.perform([.final(try chain.next(view: 13))])
        #expect(
            try reader.certificates(in: Epoch(0), views: View(10)...View(99), count: 99)
                == Array(nullifications[3...])
        )
    }

    @Test("drops everything of an epoch with the first final block of the next")
    mutating func epoch() throws {
        let block = chain.candidate(view: 40)
        try store.perform([
            .certificate(chain.nullification(30)), .certificate(chain.nullification(50)),
            .vote(chain.vote(.nullify(View(50)))), .proposal(chain.proposal(block)),
            .vote(chain.vote(.nullify(View(2)), epoch: 1)),
        ])
        let final = try chain.next(view: 1, epoch: 1)
        try store.perform([.certificate(chain.finalization(final.block)), .final(final)])
        let restored = try store.reader.restore(replayReach: 0)
        #expect(restored.certificates.map(\.epoch) == [Epoch(1)])
        #expect(restored.votes.map(\.epoch) == [Epoch(1)])
        #expect(restored.proposals.isEmpty)
    }

    // MARK: - Transactions

    @Test("finds every transaction, by id and by its place in the log, and no other")
    mutating func locations() throws {
        var index: UInt64 = 0
        for final in finals {
            for (position, id) in final.transactions.enumerated() {
                let location = TransactionLocation(
                    height: final.block.header.height,
                    position: position,
                    logIndex: index
                )
                let stored = StoredTransaction(
                    location: location,
                    bytes: final.block.transactions[position]
                )
                #expect(try store.reader.transaction(id) == stored)
                #expect(try store.reader.location(of: id) == location)
                #expect(try store.reader.transaction(atLogIndex: index) == stored)
                #expect(try store.reader.height(ofLogIndex: index) == location.height)
                index += 1
            }
        }
        #expect(index == 9)
        #expect(try store.reader.height(ofLogIndex: index) == nil)
        #expect(try store.reader.transaction(atLogIndex: .max) == nil)
        #expect(try store.reader.location(of: chain.transaction().id) == nil)
    }

    @Test("is not led astray by an id with the same beginning")
    func sameBeginning() throws {
        let id = try #require(finals[1].transactions.first)
        let other = try #require(
            TransactionID(bytes: Array(id.bytes.prefix(8)) + [UInt8](repeating: 0, count: 24))
        )
        #expect(try store.reader.location(of: other) == nil)
        // A second entry under the same key, that of another transaction, stands before the right one.
        try store.execute(
            "INSERT INTO transaction_place SELECT bucket, key, place + 1 FROM transaction_place WHERE place = 0"
        )
        #expect(try store.reader.location(of: id)?.logIndex == 0)
    }

    @Test("hashes any range of the log")
    func leaves() throws {
        let all = finals.flatMap(\.block.transactions).map { LeafHash(of: $0) }
        for range in [0..<9, 0..<1, 3..<7, 8..<9, 4..<4, 5..<100] as [Range<UInt64>] {
            let expected = all.indices.filter { range.contains(UInt64($0)) }.map { all[$0] }
            #expect(try store.reader.leafHashes(in: range) == expected)
        }
        #expect(try store.reader.leafHashes(in: 9..<100).isEmpty)
    }

    // MARK: - State

    @Test("hands over the state in the order of its paths, with its height")
    func state() throws {
        var leaves: [LeafChange] = []
        #expect(try store.reader.eachLeaf { leaves.append($0) } == Height(9))
        #expect(leaves == finals.flatMap(\.changes))
        #expect(try store.reader.leaf(at: "member/3") == [3])
        #expect(try store.reader.leaf(at: "member/33") == nil)
        struct Enough: Error {}
        #expect(throws: Enough.self) { try store.reader.eachLeaf { _ in throw Enough() } }
    }

    @Test("hands over the state in batches for a start, the same as one by one")
    func batches() throws {
        var batches: [LeafBatch] = []
        let restored = try store.reader.restore(replayReach: 0) { batches.append($0) }
        let leaves = batches.flatMap { batch in (0..<batch.count).map { batch[$0] } }
        let expected = finals.flatMap(\.changes)
        #expect(restored.leaves.isEmpty && leaves.count == expected.count)
        for (leaf, change) in zip(leaves, expected) {
            #expect(Array(leaf.path) == Array(change.path.utf8) && Array(leaf.value) == change.value)
        }
    }

    @Test("does not wait for the writer, and sees what was there before it")
    func duringWrite() throws {
        let reader = store.reader
        var height: Height?
        try store.write { database in
            try database.run("DELETE FROM state", [])
            height = try reader.eachLeaf { _ in }
            #expect(try reader.leaf(at: "member/3") == [3])
        }
        #expect(height == Height(9))
        #expect(try reader.leaf(at: "member/3") == nil)
    }

    @Test("always sees the state of one height, whoever writes meanwhile")
    mutating func consistent() async throws {
        let start = try chain.next(changes: [LeafChange(path: "height", value: [10])])
        try store.perform([.final(start)])
        let later = try (11...60).map { number in
            try chain.next(1, changes: [LeafChange(path: "height", value: [UInt8(number)])])
        }
        let (store, reader) = (store, store.reader)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { for final in later { try store.perform([.final(final)]) } }
            for _ in 0..<2 {
                group.addTask {
                    var height = Height(0)
                    while height < Height(60) {
                        var value: [UInt8]?
                        height = try reader.eachLeaf { if $0.path == "height" { value = $0.value } }
                        #expect(value == [UInt8(height.value)])
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("says how large it is")
    func size() throws {
        #expect(try store.reader.byteCount() > 4_096)
    }
}

@Suite("Reading a ledger that one does not own")
struct ReadOnlyTests {
    private let place: TestFolder
    private var chain: TestChain

    init() throws {
        place = try TestFolder()
        chain = try TestChain()
    }

    @Test("goes on beside a node that writes, and sees what became final")
    mutating func beside() throws {
        let store = try place.makeLedger(chain)
        try store.perform([.final(try chain.next(1))])
        let reader = try LedgerReader.open(readOnly: place.file("node/"))
        #expect(reader.identity == chain.identity)
        #expect(try reader.finalHeight() == Height(1))
        let final = try chain.next(2)
        let height = try reader.eachLeaf { _ in }
        try store.perform([.final(final)])
        #expect(height == Height(1))
        #expect(try reader.finalHeight() == Height(2))
        #expect(try reader.block(at: Height(2)) == final.block)
    }

    @Test("sees one state of a ledger during a long read, while the node writes on")
    mutating func longRead() throws {
        let store = try place.makeLedger(chain)
        let one = LeafChange(path: "member/a", value: [1])
        let two = LeafChange(path: "member/b", value: [1])
        try store.perform([.final(try chain.next(changes: [one, two]))])
        let next = try chain.next(changes: [
            LeafChange(path: "member/a", value: [2]), LeafChange(path: "member/b", value: [2]),
        ])
        var seen: [LeafChange] = []
        let height = try store.reader.eachLeaf { leaf in
            if seen.isEmpty { try store.perform([.final(next)]) }
            seen.append(leaf)
        }
        #expect(seen == [one, two])
        #expect(height == Height(1))
        #expect(try store.reader.finalHeight() == Height(2))
    }

    @Test("writes nothing where the node stands still, and keeps it from starting meanwhile")
    mutating func still() throws {
        let manager = FileManager.default
        try fill()
        let files = try manager.contentsOfDirectory(atPath: place.file("node")).sorted()
        var reader: LedgerReader? = try LedgerReader.open(readOnly: place.file("node"))
        #expect(try reader?.finalHeight() == Height(3))
        #expect(try manager.contentsOfDirectory(atPath: place.file("node")).sorted() == files)
        #expect(throws: DataFolderError.beingRead(path: place.file("node"))) {
            try DataFolder(opening: place.file("node"))
        }
        reader = nil
        _ = try place.openLedger()
    }

    @Test("reads a copy of the one file, in a folder with a name that URIs escape")
    mutating func copy() throws {
        try fill()
        let folder = place.file("copy 100% ? #1 中文")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        try FileManager.default.copyItem(
            atPath: place.file("node/ledger.sqlite"),
            toPath: folder + "/ledger.sqlite"
        )
        let reader = try LedgerReader.open(readOnly: folder)
        #expect(try reader.finalHeight() == Height(3))
        #expect(try reader.rawBlocks(from: Height(1), count: 9, byteLimit: .max).count == 3)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["ledger.sqlite"])
    }

    @Test("reads what a killed node left in its write-ahead log")
    mutating func killed() throws {
        let store = try place.makeLedger(chain)
        try store.perform([.final(try chain.next(1))])
        try place.copyFiles(to: "copy")
        #expect(try LedgerReader.open(readOnly: place.file("copy")).finalHeight() == Height(1))
    }

    @Test("is refused where there is no ledger, or another file")
    func none() throws {
        #expect(throws: StorageError.noLedger(path: place.file("none"))) {
            try LedgerReader.open(readOnly: place.file("none"))
        }
        try FileManager.default.createDirectory(
            atPath: place.file("other"),
            withIntermediateDirectories: false
        )
        try writeBytes(Array(repeating: 7, count: 5_000), to: place.file("other/ledger.sqlite"))
        #expect(throws: StorageError.self) { try LedgerReader.open(readOnly: place.file("other")) }
    }

    /// Three blocks, and the file closed.
    private mutating func fill() throws {
        let store = try place.makeLedger(chain)
        for count in 0..<3 { try store.perform([.final(try chain.next(count))]) }
        try store.close()
    }
}
