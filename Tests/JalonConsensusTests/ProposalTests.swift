import JalonConsensus
import JalonCrypto
import JalonModel
import Testing

@Suite("A leader proposes where it may")
struct ProposeTests {
    let network = Network(4)

    @Test("The leader of the first view proposes on the base, once there is work")
    func proposesOnBase() throws {
        var node = Node(network, network.leader(1), hasWork: false)
        #expect(node.simplex.proposalSlot(at: 0) == nil)
        node.simplex.setWork(true, timersFrom: 0, at: 0)
        let slot = try node.slot()
        #expect(slot.view == View(1) && slot.parent == network.base.id && !slot.isReproposal)
        #expect(slot.justification == Justification(parent: nil, nullifications: []))
    }

    @Test("Nobody else proposes, and an observer never does", arguments: [1, 4, 7])
    func onlyTheLeader(count: Int) {
        let network = Network(count)
        for own in 0..<count {
            var node = Node(network, own)
            #expect((node.simplex.proposalSlot(at: 0) != nil) == (own == network.leader(1)))
        }
        var observer = Node(network, nil)
        #expect(observer.simplex.proposalSlot(at: 0) == nil)
    }

    @Test("A proposal is the own notarize vote: after it there is no second one in the view")
    func proposesOnce() throws {
        let own = network.leader(1)
        var node = Node(network, own)
        let slot = try node.slot()
        let made = node.simplex.propose(in: slot, header: network.header(1), leaves: [], at: 0)
        let proposal = try #require(made)
        #expect(
            proposal.verified(leader: ValidatorIndex(own), in: network.context, by: CheapVerifier()) != nil
        )
        #expect(node.simplex.hasVote(of: ValidatorIndex(own), in: View(1)))
        #expect(node.simplex.proposalSlot(at: 0) == nil)
        node.holds(network.header(1))
        #expect(node.cast.isEmpty, "the vote in the proposal is the vote")
    }

    @Test("A slot of a view that was left is of no use any more")
    func staleSlot() throws {
        var node = Node(network, network.leader(1))
        let slot = try node.slot()
        node.receive(network.nullification(1))
        #expect(node.simplex.propose(in: slot, header: network.header(1), leaves: [], at: 0) == nil)
    }

    @Test("Who nullified the view, or may not vote, does not propose in it")
    func notAfterNullify() {
        var node = Node(network, network.leader(1))
        node.advance(to: 1_000)
        #expect(node.cast == [.nullify(View(1))])
        #expect(node.simplex.proposalSlot(at: 1_000) == nil)

        var silent = Node(network, network.leader(1))
        silent.simplex.mayVote = false
        #expect(silent.simplex.proposalSlot(at: 0) == nil)
    }

    @Test("The parent is the greatest certified block that is held, the nullifications between come along")
    func greatestParent() throws {
        let header = network.header(1)
        var node = Node(network, network.leader(5))
        node.holds(header)
        node.receive(network.notarization(1, header))
        for view in 2...4 as ClosedRange<UInt64> { node.receive(network.nullification(view)) }
        let slot = try node.slot()
        #expect(slot.parent == header.id)
        #expect(slot.justification.parent == network.notarization(1, header).value)
        #expect(slot.justification.nullifications.map(\.view.value) == [4, 3, 2])
    }

    @Test("At most the newest 64 nullifications travel, and the gap has no limit")
    func manyNullifications() throws {
        var node = Node(network, network.leader(2_001))
        for view in 1...2_000 as ClosedRange<UInt64> { node.receive(network.nullification(view)) }
        let slot = try node.slot()
        #expect(slot.parent == network.base.id)
        #expect(slot.justification.nullifications.count == 64)
        #expect(slot.justification.nullifications.first?.view == View(2_000))
    }

    @Test("A certified block that is not held is asked for, and after Δ without it the view is nullified")
    func missingParent() {
        let header = network.header(1)
        var node = Node(network, network.leader(2))
        node.receive(network.notarization(1, header))
        node.clearOutputs()
        #expect(node.simplex.proposalSlot(at: 0) == nil)
        node.collect()
        #expect(node.missingBlocks == [header.id])
        node.advance(to: 499)
        #expect(node.cast.isEmpty)
        node.advance(to: 500)
        #expect(node.cast == [.nullify(View(2))])
    }

    @Test("A hole below the view is asked for, and what lies below a certified block is not needed")
    func missingNullification() throws {
        var node = Node(network, network.leader(4))
        node.receive(network.nullification(3))
        #expect(node.simplex.proposalSlot(at: 0) == nil)
        node.collect()
        #expect(node.missingCertificates == [1...2])
        let header = network.header(2)
        node.holds(header)
        node.receive(network.notarization(2, header))
        let slot = try node.slot()
        #expect(slot.parent == header.id)
    }

    @Test("A closing block is proposed again, byte for byte, until it is final")
    func closingBlockAgain() throws {
        let closing = network.header(1, closes: true)
        var node = Node(network, network.leader(3))
        node.holds(closing)
        node.receive(network.notarization(1, closing))
        node.receive(network.nullification(2))
        let slot = try node.slot()
        #expect(slot.isReproposal && slot.parent == closing.id)
        #expect(slot.justification.parent == network.notarization(1, closing).value)
    }
}

/// Checks the signatures of ``CheapKey``.
struct CheapVerifier: SignatureVerifying {
    func isValid(signature: ArraySlice<UInt8>, message: [UInt8], key: PublicKey) -> Bool {
        CheapKey(publicKey: key).sign(message).elementsEqual(signature)
    }
}

@Suite("A proposal is notarized only where its justification covers exactly the gap")
struct NotarizeTests {
    let network = Network(4)

    /// A follower in view 4 that holds a notarized block of view 1 and nullifications of 2 and 3.
    private func follower() -> Node {
        var node = Node(network, voter)
        node.holds(network.header(1))
        for certificate in justification { node.receive(certificate) }
        node.clearOutputs()
        return node
    }

    private var voter: Int { (0..<4).first { $0 != network.leader(4) && $0 != network.leader(1) } ?? 0 }
    private var parent: BlockHeader { network.header(1) }
    private var gap: [Verified<Certificate>] { [network.nullification(3), network.nullification(2)] }
    private var justification: [Verified<Certificate>] { [network.notarization(1, parent)] + gap }

    @Test("A right proposal is validated, and once it is valid and held it is notarized, once")
    func accepts() {
        var node = follower()
        let header = network.header(4, on: parent)
        node.receive(network.proposal(header, parent: network.notarization(1, parent), gap: gap))
        #expect(node.validated == [4] && node.cast.isEmpty)
        node.judges(4)
        #expect(node.cast.isEmpty, "the block is not held yet")
        node.holds(header)
        #expect(node.cast == [.notarize(View(4), header.id)])
        node.judges(4)
        node.receive(
            network.proposal(network.header(4, on: parent, variant: 1), parent: justification[0], gap: gap)
        )
        #expect(node.cast.count == 1)
    }

    @Test("The justification's own certificates are enough to follow")
    func catchesUp() {
        var node = Node(network, voter)
        node.holds(parent)
        let header = network.header(4, on: parent)
        node.accepts(
            network.proposal(header, parent: network.notarization(1, parent), gap: gap),
            justification: justification
        )
        #expect(node.view == 4)
        #expect(node.cast.contains(.notarize(View(4), header.id)))
    }

    @Test("Other signers under the same certificates make no difference")
    func otherSigners() {
        var node = follower()
        let header = network.header(4, on: parent)
        let certificate = network.certificate(.notarize(View(1), parent.id), by: [1, 2, 3])
        node.accepts(network.proposal(header, parent: certificate, gap: gap))
        #expect(node.cast == [.notarize(View(4), header.id)])
    }

    enum Flaw: CaseIterable {
        case noParent, otherBlocksCertificate, nullificationAsParent, certificateOfLaterView,
            unknownCertificate
        case shortGap, longGap, wrongOrder, repeated, notarizationInGap
        case wrongLeader, staleHeaderView, laterHeaderView, otherEpochsCertificate
    }

    @Test("What is wrong with the justification is nullified at once", arguments: Flaw.allCases)
    func refuses(flaw: Flaw) {
        var node = follower()
        let certificate = network.notarization(1, parent)
        let header = network.header(4, on: parent)
        let other = network.header(2, on: parent)
        let proposal =
            switch flaw {
            case .noParent: network.proposal(header, gap: gap)
            case .otherBlocksCertificate:
                network.proposal(header, parent: network.notarization(1, other), gap: gap)
            case .nullificationAsParent: network.proposal(header, parent: network.nullification(1), gap: gap)
            case .certificateOfLaterView:
                network.proposal(header, parent: network.notarization(5, parent), gap: gap)
            case .unknownCertificate:
                network.proposal(
                    network.header(4, on: other),
                    parent: network.notarization(2, other),
                    gap: [gap[0]]
                )
            case .shortGap: network.proposal(header, parent: certificate, gap: [gap[0]])
            case .longGap:
                network.proposal(header, parent: certificate, gap: gap + [network.nullification(1)])
            case .wrongOrder: network.proposal(header, parent: certificate, gap: gap.reversed())
            case .repeated: network.proposal(header, parent: certificate, gap: [gap[0], gap[0]])
            case .notarizationInGap:
                network.proposal(header, parent: certificate, gap: [gap[0], network.notarization(2, other)])
            case .wrongLeader:
                network.proposal(
                    network.header(4, on: parent, leader: network.leader(5)),
                    parent: certificate,
                    gap: gap
                )
            case .staleHeaderView:
                network.proposal(network.header(3, on: parent), in: 4, parent: certificate, gap: gap)
            case .laterHeaderView:
                network.proposal(network.header(5, on: parent), in: 4, parent: certificate, gap: gap)
            case .otherEpochsCertificate:
                network.proposal(header, parent: Network(4, epoch: 1).notarization(1, parent), gap: gap)
            }
        node.receive(proposal)
        #expect(node.validated.isEmpty)
        #expect(node.cast == [.nullify(View(4))])
    }

    @Test("An invalid block is nullified at once, and not notarized afterwards")
    func invalidBlock() {
        var node = follower()
        let header = network.header(4, on: parent)
        node.receive(network.proposal(header, parent: justification[0], gap: gap))
        node.judges(4, valid: false)
        node.holds(header)
        #expect(node.cast == [.nullify(View(4))])
    }

    @Test(
        "A child of a closing block is refused in its epoch, and the closing block itself is notarized again"
    )
    func closingBlock() {
        let closing = network.header(1, closes: true)
        let certificate = network.notarization(1, closing)
        for isReproposal in [true, false] {
            var node = Node(network, voter)
            node.holds(closing)
            node.receive(certificate)
            for nullification in gap.reversed() { node.receive(nullification) }
            node.clearOutputs()
            let header = isReproposal ? closing : network.header(4, on: closing)
            node.receive(network.proposal(header, in: 4, parent: certificate, gap: gap))
            node.judges(4)
            #expect(node.cast == [isReproposal ? .notarize(View(4), closing.id) : .nullify(View(4))])
        }
    }

    @Test("A block that closes nothing is not proposed again, nor a closing one by another's certificate")
    func reproposalNeedsItsOwnCertificate() {
        let closing = network.header(1, closes: true)
        for (header, certificate) in [
            (parent, network.notarization(1, parent)), (closing, network.notarization(1, parent)),
        ] {
            var node = Node(network, voter)
            node.holds(header)
            node.receive(certificate)
            for nullification in gap.reversed() { node.receive(nullification) }
            node.clearOutputs()
            node.receive(network.proposal(header, in: 4, parent: certificate, gap: gap))
            #expect(node.cast == [.nullify(View(4))])
        }
    }

    @Test(
        "Older nullifications that do not travel are asked for range by range, and then the block is validated"
    )
    func fetchesOldGaps() {
        let network = network
        let last: UInt64 = 400
        var node = Node(network, (0..<4).first { $0 != network.leader(last + 1) } ?? 0)
        let newest = (last - 63...last).reversed().map { network.nullification($0) }
        let header = network.header(last + 1)
        node.receive(network.proposal(header, gap: newest), justification: newest)
        #expect(node.missingCertificates == [1...256] && node.validated.isEmpty)
        #expect(node.simplex.waitsForCertificates)
        for view in 1...256 as ClosedRange<UInt64> { node.receive(network.nullification(view)) }
        #expect(node.missingCertificates == [1...256, 257...336])
        for view in 257...336 as ClosedRange<UInt64> { node.receive(network.nullification(view)) }
        #expect(node.validated == [last + 1])
        #expect(!node.simplex.waitsForCertificates)
    }

    @Test("A proposal for a view that is not next is left alone, and so is one at or below the final view")
    func tooFarOrTooOld() {
        var node = Node(network, voter)
        node.receive(network.proposal(network.header(3)))
        #expect(node.outputs.isEmpty)
        node.receive(network.finalization(5, network.header(5)))
        node.clearOutputs()
        node.receive(network.proposal(network.header(5)))
        #expect(node.validated.isEmpty && node.evidence.isEmpty)
    }
}
