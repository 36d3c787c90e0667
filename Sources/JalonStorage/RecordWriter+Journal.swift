import Foundation
import GRDB
import JalonCrypto
import JalonModel

/// The journal of consensus: certificates, and the own votes.
extension RecordWriter {
    // MARK: - Certificates

    func write(_ certificate: Certificate) throws {
        let block = certificate.block.stored
        if certificate.kind == .finalize {
            let height = try database.first(
                "chain",
                "SELECT height FROM chain WHERE block = (SELECT number FROM block WHERE id = ?)",
                [block]
            )
            if let height = try height?.integer(0) {
                return try insert(
                    finalization: certificate.encoded,
                    epoch: certificate.epoch.stored,
                    view: certificate.view.stored,
                    height: height
                )
            }
        }
        let bytes = certificate.encoded
        try database.run(
            """
            INSERT INTO certificate (epoch, view, kind, block, bytes, checksum) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT DO NOTHING
            """,
            [
                certificate.epoch.stored, certificate.view.stored, Int64(certificate.kind.rawValue), block,
                Data(bytes), Checksum.of(bytes),
            ]
        )
    }

    /// Moves the finalization of a block that became final to its height, from where receipts are made.
    func moveFinalization(of block: Block) throws {
        let row = try database.first(
            "certificate",
            """
            SELECT epoch, view, bytes FROM certificate WHERE kind = 3 AND block = ?
                ORDER BY epoch DESC, view DESC LIMIT 1
            """,
            [block.id.stored]
        )
        guard let row else { return }
        try insert(
            finalization: row.bytes(2),
            epoch: row.integer(0),
            view: row.integer(1),
            height: block.header.height.stored
        )
        try database.run("DELETE FROM certificate WHERE kind = 3 AND block = ?", [block.id.stored])
    }

    /// Keeps one a height, the newest: a closing block that was proposed again can have several.
    private func insert(finalization bytes: [UInt8], epoch: Int64, view: Int64, height: Int64) throws {
        try database.run(
            """
            INSERT INTO finalization (height, epoch, view, bytes, checksum) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (height) DO UPDATE
                SET epoch = excluded.epoch, view = excluded.view, bytes = excluded.bytes,
                    checksum = excluded.checksum
                WHERE (excluded.epoch, excluded.view) > (epoch, view)
            """,
            [height, epoch, view, Data(bytes), Checksum.of(bytes)]
        )
    }

    // MARK: - Rejoining and evidence

    /// The name of the row in `note`.
    static let rejoinNote = "rejoin"

    /// The name of the row in `note` that holds the checksum of that one: the table has no column for it.
    static let rejoinChecksum = "rejoin checksum"

    static func checksum(of note: [UInt8]) -> [UInt8] {
        withUnsafeBytes(of: Checksum.of(note).bigEndian) { Array($0) }
    }

    /// Keeps the newest word on lost votes.
    func write(_ rejoin: Rejoin) throws {
        let bytes = rejoin.encoded
        try database.run(
            "INSERT INTO note VALUES (?, ?), (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            [
                RecordWriter.rejoinNote, Data(bytes),
                RecordWriter.rejoinChecksum, Data(RecordWriter.checksum(of: bytes)),
            ]
        )
    }

    /// Keeps one pair of a signer in a view: the first.
    func write(_ pair: Equivocation) throws {
        let bytes = PeerMessage.evidence(pair).encoded
        try database.run(
            """
            INSERT INTO evidence (epoch, view, signer, bytes, checksum) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT DO NOTHING
            """,
            [
                pair.first.epoch.stored, pair.first.view.stored, Int64(pair.first.signer.value), Data(bytes),
                Checksum.of(bytes),
            ]
        )
    }

    // MARK: - Own votes

    /// The last gate before a vote leaves: one that contradicts a stored one ends the node.
    func write(_ vote: Vote) throws {
        let key = [vote.epoch.stored, vote.view.stored]
        let block = vote.ballot.block.bytes
        var isStored = false
        var contradiction: String?
        try database.each("vote", "SELECT kind, block FROM vote WHERE epoch = ? AND view = ?", key) { row in
            let kind = VoteKind(rawValue: try row.count(0))
            switch (kind, vote.kind) {
            case (vote.kind, _):
                isStored = try row.bytes(1) == block
                if !isStored { contradiction = "a vote of the same kind for another block" }
            case (.nullify, .finalize), (.finalize, .nullify): contradiction = "nullify and finalize"
            case (.nullify, .notarize): contradiction = "notarize after nullify"
            default: break
            }
            return true
        }
        if !isStored, vote.kind == .notarize, let proposed = try proposedBlock(vote.epoch, vote.view) {
            if proposed != block { contradiction = "an own proposal of another block" }
        }
        // A notarize that is stored already was cast before the nullify, and may be told again.
        if isStored { return }
        if let contradiction {
            throw StorageError.contradictingVote(vote.epoch, vote.view, reason: contradiction)
        }
        let bytes = vote.encoded
        try database.run(
            "INSERT INTO vote (epoch, view, kind, block, bytes, checksum) VALUES (?, ?, ?, ?, ?, ?)",
            key + [Int64(vote.kind.rawValue), Data(block), Data(bytes), Checksum.of(bytes)]
        )
    }

    private func proposedBlock(_ epoch: Epoch, _ view: View) throws -> [UInt8]? {
        try database.first(
            "proposal",
            "SELECT block FROM proposal WHERE epoch = ? AND view = ?",
            [epoch.stored, view.stored]
        )?
        .bytes(0)
    }

    func write(_ proposal: Proposal) throws {
        let epoch = proposal.header.epoch
        let block = proposal.block.bytes
        if let stored = try proposedBlock(epoch, proposal.view) {
            guard stored == block else {
                throw StorageError.contradictingVote(
                    epoch,
                    proposal.view,
                    reason: "an own proposal of another block"
                )
            }
            return
        }
        let key = [epoch.stored, proposal.view.stored]
        try database.each(
            "vote",
            "SELECT kind, block FROM vote WHERE epoch = ? AND view = ? AND kind < 3",
            key
        ) {
            guard try $0.count(0) == VoteKind.notarize.rawValue, try $0.bytes(1) == block else {
                throw StorageError.contradictingVote(
                    epoch,
                    proposal.view,
                    reason: "proposed after another vote"
                )
            }
            return true
        }
        let bytes = proposal.encoded
        try database.run(
            "INSERT INTO proposal (epoch, view, block, bytes, checksum) VALUES (?, ?, ?, ?, ?)",
            key + [Data(block), Data(bytes), Checksum.of(bytes)]
        )
    }
}
