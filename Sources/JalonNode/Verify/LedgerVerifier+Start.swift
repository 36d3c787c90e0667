import JalonCodec
import JalonCrypto
import JalonModel
import JalonState
import JalonStorage

// Where a check begins that does not begin with the genesis.
extension LedgerVerifier {
    /// What the data folder begins with, checked like any snapshot; `nil` where it holds every block.
    func beginning(_ genesis: Genesis) throws(VerificationFailure) -> SnapshotGround? {
        do {
            return try folder.flatMap { try LedgerBeginning.check($0, genesis: genesis) }
        } catch {
            // The ends of its epochs may stand in archived blocks.
            throw archivedDamage(behind: error, genesis)
                ?? VerificationFailure(.derived("what the ledger begins with"), "\(error)", verified: nil)
        }
    }

    /// Refuses a checkpoint that is none of the ledger's blocks.
    func checkIsHeld(_ checkpoint: SnapshotGround, upTo last: Height) async throws(VerificationFailure) {
        let (height, id) = (checkpoint.header.height, checkpoint.header.id)
        guard height <= last else {
            throw VerificationFailure(
                .block(height),
                "the checkpoint is of this block, \(id), but the ledger ends with block \(last)",
                verified: nil
            )
        }
        let held: BlockID
        do {
            guard let raw = try await source.rawBlocks(from: height, count: 1, byteLimit: 1).first,
                raw.height == height
            else {
                throw VerificationFailure(.block(height), "it is missing from the ledger", verified: nil)
            }
            held = try StoredBlockCheck.decoded(raw).get().id
        } catch let failure as VerificationFailure {
            throw failure
        } catch {
            throw VerificationFailure(.block(height), "it can't be read: \(error)", verified: nil)
        }
        guard held == id else {
            throw VerificationFailure(
                .block(height),
                "it is \(held) here, the checkpoint is of \(id): one of the two is of another history",
                verified: nil
            )
        }
    }
}

/// What a ledger begins with that does not hold every block.
enum LedgerBeginning {
    /// Checks it like any snapshot.
    ///
    /// - Returns: `nil` where the ledger holds every block.
    /// - Throws: `StorageError`; `SnapshotError` where it does not hold.
    static func check(_ reader: LedgerReader, genesis: Genesis) throws -> SnapshotGround? {
        guard try reader.base() != nil else { return nil }
        var check = SnapshotCheck(genesis: genesis)
        try reader.eachSnapshotItem(of: .base, genesis: genesis) { _ = try check.take($0) }
        return try check.finish()
    }
}
