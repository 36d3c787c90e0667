/// The receipts of one transaction: with a quorum of them over one ballot the transaction is final, for ever
/// and for anybody who has the genesis.
public enum ReceiptSet {
    /// What a set of receipts shows.
    public struct Finality: Hashable, Sendable {
        /// The finalize ballot: the view and block that a quorum finalized, and the root of the log with the
        /// transaction.
        public let ballot: Ballot
        /// The validators that voted for it, ascending; a quorum at least.
        public let signers: [ValidatorIndex]
    }

    /// Makes one receipt for each vote of a finalization, ascending by validator.
    ///
    /// - Parameters:
    ///   - finalization: The certificate, whose signatures are not checked here.
    ///   - proof: Of the transaction, in the log of the finalization's block.
    ///   - context: The epoch's validators and what its votes are bound to.
    /// - Returns: `nil` where the certificate is of another kind or epoch or is not well formed: nodes hand
    ///   out a quorum of receipts or none.
    public static func receipts(
        of finalization: Certificate,
        proof: InclusionProof,
        in context: VotingContext
    ) -> [Receipt]? {
        guard finalization.kind == .finalize, let votes = finalization.votes(in: context) else { return nil }
        let receipts = votes.compactMap { Receipt(vote: $0, proof: proof, in: context) }
        return receipts.count == votes.count ? receipts : nil
    }

    /// Checks every receipt and counts the validators that agree (protocol, section 4).
    ///
    /// - Parameters:
    ///   - receipts: At most as many as validators are possible.
    ///   - leaf: Of the transaction's full bytes, its unprotected header empty.
    ///   - context: The network, the chain, and the epoch of the receipts with its validators.
    ///   - verifier: Checks the signatures.
    /// - Returns: The ballot over which a quorum of *different* validators voted.
    /// - Throws: ``ReceiptError/noQuorum(most:quorum:)``, or why the first wrong receipt is wrong: nodes hand
    ///   out no such receipt, so a set with one was changed.
    public static func verify(
        _ receipts: [Receipt],
        leaf: LeafHash,
        in context: VotingContext,
        by verifier: some SignatureVerifying
    ) throws(ReceiptError) -> Finality {
        guard receipts.count <= ValidatorSet.maximumCount else {
            throw .tooMany(found: receipts.count, limit: ValidatorSet.maximumCount)
        }
        var tally: [(ballot: Ballot, signers: [ValidatorIndex])] = []
        for receipt in receipts {
            let (signer, ballot) = try receipt.verify(leaf: leaf, in: context, by: verifier)
            if let index = tally.firstIndex(where: { $0.ballot == ballot }) {
                if !tally[index].signers.contains(signer) { tally[index].signers.append(signer) }
            } else {
                tally.append((ballot, [signer]))
            }
        }
        let quorum = context.validators.quorum
        for (ballot, signers) in tally where signers.count >= quorum {
            return Finality(ballot: ballot, signers: signers.sorted())
        }
        throw .noQuorum(most: tally.map(\.signers.count).max() ?? 0, quorum: quorum)
    }
}
