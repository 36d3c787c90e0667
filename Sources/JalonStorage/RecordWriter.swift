import Foundation
import GRDB
import JalonCrypto
import JalonModel

/// Writes the records of one turn, inside the turn's transaction.
struct RecordWriter {
    /// The most ids that any replay window holds (protocol, section 2): older ones are never asked for.
    static let recentCount: UInt64 = 4_000_000

    /// Places of the log in one bucket of the index.
    static let bucketSize: UInt64 = 1 << 14

    let database: Database
    /// Whose blocks these are.
    let chain: ChainID
    /// The header of the last block that became final in this turn.
    var lastFinal: BlockHeader?

    init(database: Database, chain: ChainID) {
        self.database = database
        self.chain = chain
    }

    mutating func write(_ record: JalonModel.Record) throws {
        switch record {
        case .block(let block): try write(block)
        case .proposal(let proposal): try write(proposal)
        case .vote(let vote): try write(vote)
        case .certificate(let certificate): try write(certificate)
        case .final(let final): try write(final)
        case .rejoin(let rejoin): try write(rejoin)
        case .evidence(let pair): try write(pair)
        }
    }

    /// Drops what no view after the turn's final block needs: once a turn, by ranges of the keys.
    func finish() throws {
        guard let lastFinal else { return }
        let view = (epoch: lastFinal.epoch.stored, view: lastFinal.view.stored)
        try database.run("DELETE FROM certificate WHERE (epoch, view) < (?, ?)", [view.epoch, view.view])
        try database.run("DELETE FROM proposal WHERE (epoch, view) < (?, ?)", [view.epoch, view.view])
        try database.run(
            """
            DELETE FROM vote WHERE (epoch, view) < (?, ?) AND (epoch, view)
                < (SELECT epoch, view FROM vote ORDER BY epoch DESC, view DESC LIMIT 1)
            """,
            [view.epoch, view.view]
        )
    }

    // MARK: - Blocks

    private func write(_ block: Block) throws {
        guard block.header.height > (try lastHeight()), try number(of: block.id) == nil else { return }
        let number = try insert(block)
        try database.run(
            "INSERT INTO candidate (height, block) VALUES (?, ?)",
            [block.header.height.stored, number]
        )
    }

    /// Stores header and body, and gives the row's number.
    func insert(_ block: Block) throws -> Int64 {
        let header = block.header.encoded
        // An encoded block is the head of an array of two, the header, the body.
        let body = block.encoded.dropFirst(1 + header.count)
        try database.run(
            "INSERT INTO block (id, header, body, checksum) VALUES (?, ?, ?, ?)",
            [block.id.stored, Data(header), Data(body), Checksum.of(body)]
        )
        return database.lastInsertedRowID
    }

    func number(of block: BlockID) throws -> Int64? {
        try database.first("block", "SELECT number FROM block WHERE id = ?", [block.stored])?.integer(0)
    }

    func lastHeight() throws -> Height {
        let row = try database.first("chain", "SELECT height FROM chain ORDER BY height DESC LIMIT 1")
        return Height(try row?.count(0) ?? 0)
    }
}
