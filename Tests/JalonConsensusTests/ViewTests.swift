import JalonCrypto
import JalonModel
import Testing

@testable import JalonConsensus

@Suite("Views are entered by certificates alone")
struct EnterTests {
    let network = Network(4)

    @Test(
        "A certificate of any kind for the current view leads into the next, without a block, and is announced once"
    )
    func entersByAnyCertificate() {
        let header = network.header(1)
        for certificate in [
            network.notarization(1, header), network.nullification(1), network.finalization(1, header),
        ] {
            var node = Node(network, 3)
            node.receive(certificate)
            node.receive(certificate)
            #expect(node.view == 2)
            #expect(node.entered == [2])
            #expect(node.announced == [certificate.value.ballot])
            #expect(node.simplex.entry?.value == certificate.value)
        }
    }

    @Test("A certificate for a later view jumps there")
    func jumps() {
        var node = Node(network, 3)
        node.receive(network.nullification(9))
        #expect(node.view == 10 && node.entered == [10])
    }

    @Test("An older certificate is kept and announced but the view stays")
    func olderCertificateIsKept() {
        var node = Node(network, 3)
        node.receive(network.nullification(5))
        node.receive(network.nullification(2))
        #expect(node.view == 6)
        #expect(node.announced == [.nullify(View(5)), .nullify(View(2))])
        #expect(node.simplex.certificates(of: View(2)).count == 1)
    }

    @Test(
        "One vote less than a quorum leads nowhere, a quorum does",
        arguments: [1, 2, 3, 4, 5, 6, 7, 10, 34]
    )
    func aQuorumIsNMinusF(count: Int) {
        let network = Network(count)
        #expect(network.quorum == count - (count - 1) / 3)
        var node = Node(network, nil)
        for signer in 0..<network.quorum - 1 { node.receive(network.vote(.nullify(View(1)), by: signer)) }
        #expect(node.view == 1)
        node.receive(network.vote(.nullify(View(1)), by: network.quorum - 1))
        #expect(node.view == 2)
    }

    @Test("Two quorums meet in more than f validators, for every size", arguments: 1...100)
    func quorumsMeet(count: Int) {
        let quorum = Quorum.size(validatorCount: count)
        #expect(2 * quorum - count >= Quorum.faultTolerance(validatorCount: count) + 1)
    }

    @Test("Certificates, votes and proposals of another epoch count for nothing")
    func otherEpochsCountForNothing() {
        let other = Network(4, epoch: 1)
        var node = Node(network, 3)
        node.receive(other.nullification(1))
        node.receive(other.notarization(1, other.header(1)))
        for signer in 0..<4 { node.receive(other.vote(.nullify(View(1)), by: signer)) }
        node.receive(other.proposal(other.header(1)))
        #expect(node.view == 1)
        #expect(node.outputs.isEmpty)
        #expect(!node.simplex.wants(other.vote(.nullify(View(1)), by: 0).value))
        #expect(!node.simplex.wants(other.nullification(1).value))
    }

    @Test("A timer alone never changes the view, however late it is")
    func timersDoNotMoveViews() {
        var node = Node(network, 3)
        node.advance(to: 10_000_000)
        #expect(node.view == 1)
        #expect(node.cast == [.nullify(View(1))])
    }

    @Test("The view and the final view never decrease under any order of certificates", arguments: 0..<20)
    func nothingDecreases(seed: UInt64) {
        var random = Splitter(state: seed)
        var certificates: [Verified<Certificate>] = []
        var parent: BlockHeader?
        for view in 1...12 as ClosedRange<UInt64> {
            if random.next() % 3 == 0 {
                certificates.append(network.nullification(view))
            } else {
                let header = network.header(view, on: parent)
                certificates.append(network.notarization(view, header))
                if random.next() % 2 == 0 { certificates.append(network.finalization(view, header)) }
                parent = header
            }
        }
        certificates.shuffle(using: &random)
        var node = Node(network, 3)
        var (view, finalView) = (node.view, node.simplex.finalView)
        for certificate in certificates {
            node.receive(certificate)
            #expect(node.view >= view && node.simplex.finalView >= finalView)
            #expect(node.simplex.view > node.simplex.finalView)
            (view, finalView) = (node.view, node.simplex.finalView)
        }
        #expect(node.view == 13)
        #expect(node.conflicts.isEmpty)
    }
}

/// SplitMix64, so that a seed is a case.
struct Splitter: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite("Votes are tallied as they came first")
struct CertifyTests {
    let network = Network(4)

    @Test("A conflicting vote neither replaces nor removes the first one")
    func firstSeenStays() {
        let (first, second) = (network.header(1), network.header(1, variant: 1))
        var node = Node(network, nil)
        node.receive(network.vote(.notarize(View(1), first.id), by: 0))
        node.receive(network.vote(.notarize(View(1), second.id), by: 0))
        node.receive(network.vote(.notarize(View(1), second.id), by: 1))
        node.receive(network.vote(.notarize(View(1), second.id), by: 2))
        #expect(node.announced.isEmpty, "the second vote of 0 must not make a quorum")
        node.receive(network.vote(.notarize(View(1), second.id), by: 3))
        #expect(node.announced == [.notarize(View(1), second.id)])
    }

    @Test("Finalize votes are tallied by block and log root")
    func finalizeVotesAreTalliedByRoot() {
        let header = network.header(1)
        var node = Node(network, nil)
        node.receive(network.vote(.finalize(View(1), header.id, logRoot: SHA256.hash([7])), by: 0))
        node.receive(network.vote(.finalize(View(1), header.id, logRoot: header.logRoot), by: 1))
        node.receive(network.vote(.finalize(View(1), header.id, logRoot: header.logRoot), by: 2))
        #expect(node.finalized.isEmpty)
        node.receive(network.vote(.finalize(View(1), header.id, logRoot: header.logRoot), by: 3))
        #expect(node.finalized == [header.id])
    }

    @Test("The same vote again is no news, another of the same signer is, until there is evidence")
    func whatIsNews() {
        let first = network.vote(.notarize(View(1), network.header(1).id), by: 0)
        let second = network.vote(.notarize(View(1), network.header(1, variant: 1).id), by: 0)
        let third = network.vote(.notarize(View(1), network.header(1, variant: 2).id), by: 0)
        var node = Node(network, nil)
        #expect(node.simplex.wants(first.value))
        node.receive(first)
        #expect(!node.simplex.wants(first.value))
        #expect(node.simplex.wants(second.value))
        node.receive(second)
        #expect(!node.simplex.wants(third.value))
    }

    @Test("Votes are kept for the last 256 views and the next one, not for later ones")
    func horizon() {
        var node = Node(network, nil)
        node.receive(network.nullification(999))
        #expect(node.view == 1_000)
        #expect(node.simplex.isTracked(View(1_001)))
        #expect(!node.simplex.isTracked(View(1_002)))
        #expect(node.simplex.isTracked(View(744)))
        #expect(!node.simplex.isTracked(View(743)))
        node.receive(network.vote(.nullify(View(1_002)), by: 0))
        #expect(!node.simplex.hasVote(of: ValidatorIndex(0), in: View(1_002)))
    }

    @Test("Views that are jumped over leave no votes of others behind")
    func jumpsLeaveNoVotes() {
        var node = Node(network, 3)
        for view in 1...5 as ClosedRange<UInt64> {
            node.receive(network.vote(.nullify(View(view)), by: 0))
            node.receive(network.nullification(view))
        }
        node.receive(network.nullification(2_000))
        for view in 1...6 as ClosedRange<UInt64> {
            #expect(!node.simplex.hasVote(of: ValidatorIndex(0), in: View(view)))
            #expect(view == 6 || !node.simplex.certificates(of: View(view)).isEmpty, "certificates stay")
        }
    }

    @Test("What is below the final view is forgotten")
    func finalityForgets() {
        var node = Node(network, nil)
        let header = network.header(8)
        for view in 1...7 as ClosedRange<UInt64> { node.receive(network.nullification(view)) }
        node.receive(network.finalization(8, header))
        for view in 1...7 as ClosedRange<UInt64> {
            #expect(node.simplex.certificates(of: View(view)).isEmpty)
        }
        #expect(node.simplex.certificates(of: View(8)) == [network.finalization(8, header).value])
        #expect(!node.simplex.wants(network.nullification(3).value))
        #expect(!node.simplex.wants(network.vote(.nullify(View(3)), by: 1).value))
    }
}

@Suite("Evidence names who contradicts itself, once a view")
struct EvidenceTests {
    let network = Network(4)

    @Test("Two notarizes, two finalizes, and finalize with nullify are contradictions, in either order")
    func contradictions() {
        let (first, second) = (network.header(1), network.header(1, variant: 1))
        let pairs: [(Ballot, Ballot)] = [
            (.notarize(View(1), first.id), .notarize(View(1), second.id)),
            (
                .finalize(View(1), first.id, logRoot: first.logRoot),
                .finalize(View(1), second.id, logRoot: second.logRoot)
            ),
            (.finalize(View(1), first.id, logRoot: first.logRoot), .nullify(View(1))),
        ]
        for (left, right) in pairs {
            for (one, other) in [(left, right), (right, left)] {
                var node = Node(network, 3)
                node.receive(network.vote(one, by: 1))
                node.receive(network.vote(other, by: 1))
                #expect(
                    node.evidence == [
                        Equivocation(network.vote(one, by: 1).value, network.vote(other, by: 1).value)
                    ]
                )
            }
        }
    }

    @Test("Notarize and then nullify is honest, and so is notarize with finalize")
    func honestPairs() {
        let header = network.header(1)
        var node = Node(network, 3)
        node.receive(network.vote(.notarize(View(1), header.id), by: 1))
        node.receive(network.vote(.nullify(View(1)), by: 1))
        node.receive(network.vote(.notarize(View(1), header.id), by: 2))
        node.receive(network.vote(.finalize(View(1), header.id, logRoot: header.logRoot), by: 2))
        #expect(node.evidence.isEmpty)
    }

    @Test("A third vote of the same signer in the view adds no pair")
    func oncePerView() {
        var node = Node(network, 3)
        for variant in 0...5 as ClosedRange<UInt8> {
            node.receive(network.vote(.notarize(View(1), network.header(1, variant: variant).id), by: 1))
        }
        #expect(node.evidence.count == 1)
    }

    @Test("A second proposal of the leader is evidence, though it is not judged")
    func secondProposal() {
        var node = Node.follower(network)
        node.receive(network.proposal(network.header(1)))
        node.receive(network.proposal(network.header(1, variant: 1)))
        #expect(node.evidence.count == 1)
        #expect(node.validated == [1])
        #expect(node.simplex.proposalToRepeat?.header == network.header(1))
    }
}
