package import JalonCrypto
package import JalonModel
import JalonState

/// Where a check began that did not begin with the genesis, and who vouches for what lies before.
package struct VerificationStart: Hashable, Sendable {
    /// Why it began there.
    package enum Source: String, Hashable, Sendable {
        /// The ledger holds no more: it was joined by a snapshot, or archived.
        case ledger
        /// The caller gave a checkpoint.
        case checkpoint
    }

    package let source: Source
    /// The first block that was read: up to ``height`` by links and log alone.
    package let firstBlock: Height
    /// The block whose state is believed for its seal.
    package let height: Height
    package let block: BlockID
    /// The members who sealed it, by the order of their keys, of so many validators.
    package let signers: [MemberID]
    package let validatorCount: Int
    /// The blocks before, whose bodies are not held; `nil` where nothing of them is.
    package var archive: ArchiveReport?

    init(_ source: Source, _ ground: SnapshotGround) {
        self.source = source
        firstBlock = ground.base.height.next
        (height, block) = (ground.header.height, ground.header.id)
        (signers, validatorCount) = (ground.signers, ground.validatorCount)
    }
}

/// What was found in order of blocks whose bodies are not held.
package struct ArchiveReport: Hashable, Sendable {
    /// The first and the last of them.
    package let first, last: Height
    /// Their transactions, whose leaf hashes make the log roots of the headers.
    package let transactionCount: UInt64
    /// Their finalizations, where those were checked; `nil` where the last block's seal alone vouches for the links.
    package let certificateCount: Int?
}

/// What a check of a whole ledger found in order.
package struct VerificationReport: Hashable, Sendable {
    /// How much was checked.
    package enum Depth: String, Hashable, Sendable {
        /// Everything.
        case full
        /// No signature but those of the epochs' last blocks and of the head, and no execution.
        case quick
    }

    package var depth: Depth
    /// `nil` where everything from the genesis on was checked.
    package var start: VerificationStart?
    package var network: NetworkID
    package var chain: ChainID
    /// The last final block.
    package var height: Height
    package var head: BlockID
    package var stateRoot: Digest
    package var logRoot: Digest
    /// Transactions in the log, each of whose signatures was checked.
    package var transactionCount: UInt64
    /// Finalizations, each of whose signatures was checked.
    package var certificateCount: Int
    /// Signatures checked, of transactions and of votes.
    package var signatureCount: Int
    /// Leaves of the state, each computed and compared.
    package var leafCount: Int
    package var validatorCount: Int

    package init(
        depth: Depth = .full,
        network: NetworkID,
        chain: ChainID,
        height: Height,
        head: BlockID,
        stateRoot: Digest,
        logRoot: Digest,
        transactionCount: UInt64 = 0,
        certificateCount: Int = 0,
        signatureCount: Int = 0,
        leafCount: Int = 0,
        validatorCount: Int
    ) {
        (self.depth, self.network, self.chain) = (depth, network, chain)
        (self.height, self.head) = (height, head)
        (self.stateRoot, self.logRoot) = (stateRoot, logRoot)
        (self.transactionCount, self.certificateCount) = (transactionCount, certificateCount)
        (self.signatureCount, self.leafCount) = (signatureCount, leafCount)
        self.validatorCount = validatorCount
    }
}

/// How far a check has come.
package struct VerificationProgress: Hashable, Sendable {
    package var height: Height
    package var finalHeight: Height
    package var transactionCount: UInt64
}

/// The first thing that is wrong with a ledger, and where.
package struct VerificationFailure: Error, Hashable, Sendable {
    /// Where it is wrong.
    package enum Place: Hashable, Sendable {
        /// The genesis, from which everything follows.
        case genesis
        case block(Height)
        /// What was derived from the blocks, which are in order themselves.
        case derived(String)
        /// The file, where no block can be named.
        case file
    }

    package let place: Place
    /// What was found, and what was expected.
    package let reason: String
    /// The last height up to which every block is in order and covered by a finalization; `nil` where not even the
    /// genesis is.
    package let verified: Height?
    /// The first block that was looked at, where that is not the genesis.
    package var first: Height?

    package init(_ place: Place, _ reason: String, verified: Height?) {
        (self.place, self.reason, self.verified) = (place, reason, verified)
    }
}

extension VerificationFailure: CustomStringConvertible {
    package var description: String {
        let scope =
            switch verified {
            case nil: "Nothing is verified."
            case .some(let height) where first != nil: "Blocks \(first ?? height)–\(height) verified."
            case .some(Height(0)): "Block 0, the genesis, is verified."
            case .some(let height): "Blocks 0–\(height) verified."
            }
        return switch place {
        case .genesis: "block 0, the genesis: \(reason). \(scope)"
        case .block(let height): "block \(height): \(reason). \(scope)"
        case .derived(let what): "\(what): \(reason). \(scope)"
        case .file: "\(reason). \(scope)"
        }
    }
}
