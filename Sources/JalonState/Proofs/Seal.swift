package import JalonCodec
import JalonCrypto
package import JalonModel

/// A block's header, and the votes of a quorum that make it final.
package struct Seal: Hashable, Sendable {
    /// The most headers between a block and the one that the votes are for.
    package static let maximumLinkCount = 256

    /// The header that is proven.
    package let header: BlockHeader
    /// The headers after it, up to that of the block that the votes are for: a block may be final by a descendant.
    package let links: [BlockHeader]
    /// The finalization of the last of them.
    package let finalization: Certificate

    package init(header: BlockHeader, links: [BlockHeader] = [], finalization: Certificate) {
        (self.header, self.links, self.finalization) = (header, links, finalization)
    }

    /// Checks the links and every vote.
    ///
    /// - Parameters:
    ///   - contexts: What the votes of each epoch are bound to, from epoch 0 on.
    ///   - verifier: Checks the signatures.
    /// - Returns: The validators that voted, ascending.
    /// - Throws: ``ProofError`` for the first thing that is wrong.
    func verify(
        in contexts: [VotingContext],
        by verifier: some SignatureVerifying
    ) throws(ProofError) -> [ValidatorIndex] {
        guard let epoch = Int(exactly: header.epoch.value), contexts.indices.contains(epoch) else {
            throw .unknownEpoch(found: header.epoch, last: contexts.last?.epoch ?? Epoch(0))
        }
        let context = contexts[epoch]
        guard header.chain == context.chain else {
            throw .otherChain(found: header.chain, expected: context.chain)
        }
        guard header.validatorsHash == context.validators.hash else { throw .otherValidators(header.epoch) }
        var (last, id) = (header, header.id)
        for next in links {
            guard next.parent == id, next.height == last.height.next, next.epoch == last.epoch,
                next.chain == last.chain, !last.closesEpoch
            else { throw .brokenLink(next.height) }
            (last, id) = (next, next.id)
        }
        guard case .finalize(_, let block, let logRoot) = finalization.ballot, block == id,
            logRoot == last.logRoot
        else { throw .otherBlock(last.height) }
        guard finalization.verified(in: context, by: verifier) != nil,
            let signers = finalization.signers(in: context)
        else {
            throw .notSealed(last.height, needed: context.quorum, validators: context.validators.count)
        }
        return signers
    }
}

extension Seal {
    /// The encoding: `[header, [header, …], certificate]`.
    package func encode(to encoder: inout CBOREncoder) {
        encoder.encodeArrayHead(3)
        header.encode(to: &encoder)
        encoder.encode(array: links) { $1.encode(to: &$0) }
        finalization.encode(to: &encoder)
    }

    package init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeArray(count: 3) { (decoder) throws(CBORError) in
            let header = try BlockHeader(from: &decoder)
            let links = try decoder.decodeArray(maximum: Seal.maximumLinkCount) {
                (decoder) throws(CBORError) in try BlockHeader(from: &decoder)
            }
            return Seal(header: header, links: links, finalization: try Certificate(from: &decoder))
        }
    }
}

/// The end of an epoch: the block that closes it, sealed by its own validators, and those that come after.
package struct EpochChange: Hashable, Sendable {
    /// The closing block's.
    package let header: BlockHeader
    package let finalization: Certificate
    /// The validators of the next epoch.
    package let validators: ValidatorSet

    package init(header: BlockHeader, finalization: Certificate, validators: ValidatorSet) {
        (self.header, self.finalization, self.validators) = (header, finalization, validators)
    }

    /// Checks that the validators of the epochs before handed over to these.
    ///
    /// - Returns: What the votes of the next epoch are bound to.
    func verify(
        in contexts: [VotingContext],
        by verifier: some SignatureVerifying
    ) throws(ProofError) -> VotingContext {
        _ = try Seal(header: header, finalization: finalization).verify(in: contexts, by: verifier)
        guard let context = contexts.last, header.epoch == context.epoch, header.closesEpoch else {
            throw .notClosing(header.height)
        }
        guard validators.hash == header.nextValidatorsHash else { throw .otherValidators(header.epoch.next) }
        return VotingContext(
            network: context.network,
            chain: context.chain,
            epoch: context.epoch.next,
            validators: validators
        )
    }

    /// The encoding: `[header, certificate, validators]`.
    package func encode(to encoder: inout CBOREncoder) {
        encoder.encodeArrayHead(3)
        header.encode(to: &encoder)
        finalization.encode(to: &encoder)
        encoder.append(encoded: validators.encoded)
    }

    package init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeArray(count: 3) { (decoder) throws(CBORError) in
            let header = try BlockHeader(from: &decoder)
            let finalization = try Certificate(from: &decoder)
            return EpochChange(
                header: header,
                finalization: finalization,
                validators: try ValidatorSet(from: &decoder)
            )
        }
    }
}
