package import JalonCrypto
package import JalonModel

/// What Simplex asks of the core that hosts it, in order.
package enum Output: Sendable {
    /// An own vote was cast: make it durable with what it rests on, then send it to everybody.
    case cast(Verified<Vote>)
    /// A certificate was assembled or accepted for the first time: make it durable and send it to everybody once.
    case announce(Verified<Certificate>)
    /// The node is in a new view.
    case entered(View)
    /// The justification of this view's proposal holds: validate its block, then call
    /// ``Simplex/judged(_:valid:at:)``.
    // Apart from the others: it is several times as large, and each of them would be.
    indirect case validate(Verified<Proposal>)
    /// A higher finalization is held: everything up to its block is final.
    case finalized(Verified<Certificate>)
    /// A notarized or final block is not held.
    case missingBlock(BlockID)
    /// Certificates of views that a justification rests on are not held.
    case missingCertificates(ClosedRange<View>)
    /// A validator contradicted itself.
    case evidence(Equivocation)
    /// Two finalizations that can't both be: more than f validators are Byzantine.
    case conflict(BlockID, BlockID)
}

/// What Simplex knows of a block that is held, durable and valid, and whose ancestors are too.
package struct BlockFacts: Hashable, Sendable {
    package let id: BlockID
    /// The view in the header.
    package let view: View
    /// Root of the log after the block: what a finalize vote signs.
    package let logRoot: Digest
    /// Whether the block is the last of its epoch: it has no child in it and is proposed again until it is final.
    package let closesEpoch: Bool

    package init(header: BlockHeader, id: BlockID) {
        self.id = id
        view = header.view
        logRoot = header.logRoot
        closesEpoch = header.closesEpoch
    }

    /// The first block of an epoch's tree: the genesis, or the closing block of the epoch before.
    package init(base id: BlockID, view: View, logRoot: Digest) {
        self.id = id
        self.view = view
        self.logRoot = logRoot
        closesEpoch = false
    }
}

/// Where a leader may propose.
package struct ProposalSlot: Hashable, Sendable {
    package let view: View
    /// The parent of the new block; or, where `isReproposal`, the closing block to propose again byte for byte.
    package let parent: BlockID
    package let isReproposal: Bool
    package let justification: Justification
}
