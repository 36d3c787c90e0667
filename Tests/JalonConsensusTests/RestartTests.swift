import JalonConsensus
import JalonCrypto
import JalonModel
import Testing

@Suite("A restart forgets nothing that was said")
struct RestartTests {
    let network = Network(4)

    private func restarted(
        _ own: Int,
        certificates: [Verified<Certificate>] = [],
        proposals: [Verified<Proposal>] = [],
        votes: [Verified<Vote>] = []
    ) -> Node {
        var node = Node(network, own, hasWork: false)
        node.simplex.restore(certificates: certificates, at: 0)
        node.simplex.restore(proposals: proposals, votes: votes, at: 0)
        node.collect()
        return node
    }

    @Test("The view is the greater of certificates + 1 and own votes, and nothing is announced again")
    func view() {
        let certificates = [network.nullification(2), network.nullification(1)]
        let node = restarted(3, certificates: certificates)
        #expect(node.view == 3 && node.announced.isEmpty && node.entered.isEmpty)
        let voted = restarted(3, certificates: certificates, votes: [network.vote(.nullify(View(3)), by: 3)])
        #expect(voted.view == 3)
        #expect(restarted(3, votes: [network.vote(.nullify(View(1)), by: 3)]).view == 1)
    }

    @Test("Own votes are tallied again: with the others' they make the certificate they would have made")
    func ownVotesCountAgain() {
        let header = network.header(1)
        let own = (0..<4).first { $0 != network.leader(1) } ?? 0
        var node = restarted(own, votes: [network.vote(.notarize(View(1), header.id), by: own)])
        for signer in (0..<4).filter({ $0 != own }).prefix(2) {
            node.receive(network.vote(.notarize(View(1), header.id), by: signer))
        }
        #expect(node.announced == [.notarize(View(1), header.id)])
    }

    @Test("What was voted is not voted otherwise, and the same bytes are repeated")
    func noSecondVote() {
        let (first, second) = (network.header(1), network.header(1, variant: 1))
        let own = (0..<4).first { $0 != network.leader(1) } ?? 0
        let vote = network.vote(.notarize(View(1), first.id), by: own)
        var node = restarted(own, votes: [vote])
        #expect(node.simplex.ownVotesToRepeat == [vote.value])
        node.accepts(network.proposal(second))
        #expect(node.cast.isEmpty)
        node.receive(network.notarization(1, second))
        #expect(
            node.cast == [.finalize(View(1), second.id, logRoot: second.logRoot)],
            "finalize needs no own notarize"
        )
    }

    @Test("A nullify in the journal forbids notarize and finalize")
    func nullified() {
        let header = network.header(1)
        let own = (0..<4).first { $0 != network.leader(1) } ?? 0
        var node = restarted(own, votes: [network.vote(.nullify(View(1)), by: own)])
        node.accepts(network.proposal(header))
        node.receive(network.notarization(1, header))
        #expect(node.cast.isEmpty)
    }

    @Test("A stored proposal is an own notarize: the leader proposes no second block in that view")
    func storedProposal() {
        let own = network.leader(1)
        var node = restarted(own, proposals: [network.proposal(network.header(1))])
        node.simplex.setWork(true, timersFrom: 0, at: 0)
        #expect(node.simplex.proposalSlot(at: 0) == nil)
        #expect(node.simplex.hasVote(of: ValidatorIndex(own), in: View(1)))
        #expect(node.simplex.proposalToRepeat?.header == network.header(1))
    }

    @Test(
        "A finalization in the journal is told again, so that its block is applied; a notarized block is voted final"
    )
    func finalityAndNotarization() {
        let (first, second) = (network.header(1), network.header(2, on: network.header(1)))
        var node = restarted(
            3,
            certificates: [network.finalization(1, first), network.notarization(2, second)]
        )
        #expect(node.finalized == [first.id] && node.simplex.finalView == View(1))
        node.holds(second)
        #expect(node.cast == [.finalize(View(2), second.id, logRoot: second.logRoot)])
    }

    @Test("A single validator's stored vote is its certificate again")
    func alone() {
        let network = Network(1)
        let header = network.header(1)
        var node = Node(network, 0, hasWork: false)
        node.simplex.restore(proposals: [network.proposal(header)], votes: [], at: 0)
        node.collect()
        node.holds(header)
        #expect(node.finalized == [header.id])
    }
}

@Suite("Validators that hear each other agree")
struct AgreementTests {
    /// Machines with direct delivery of every vote, proposal and certificate; all blocks are valid.
    private struct Mesh {
        let network: Network
        var nodes: [Node]
        var alive: [Int]
        var headers: [BlockID: BlockHeader] = [:]
        var cast: [[Ballot]]
        var now: UInt64 = 0

        init(_ count: Int, dead: [Int] = []) {
            let network = Network(count)
            self.network = network
            nodes = (0..<count).map { Node(network, $0) }
            alive = (0..<count).filter { !dead.contains($0) }
            cast = Array(repeating: [], count: count)
        }

        /// Lets every leader propose and everything arrive, until nothing moves.
        mutating func settle(through last: UInt64) {
            var moved = true
            while moved {
                moved = false
                for index in alive {
                    propose(index, through: last)
                    if deliver(index) { moved = true }
                }
            }
        }

        private mutating func propose(_ index: Int, through last: UInt64) {
            guard nodes[index].view <= last, let slot = nodes[index].simplex.proposalSlot(at: now) else {
                return
            }
            let header = network.header(slot.view.value, on: headers[slot.parent])
            headers[header.id] = header
            let proposal = nodes[index].simplex.propose(in: slot, header: header, leaves: [], at: now)
            nodes[index].holds(header)
            guard
                let verified = proposal?.verified(
                    leader: ValidatorIndex(index),
                    in: network.context,
                    by: CheapVerifier()
                )
            else { return }
            let justification = verified.value.justification
            let certificates = ([justification.parent].compactMap { $0 } + justification.nullifications)
                .compactMap {
                    $0.verified(in: network.context, by: CheapVerifier())
                }
            for other in alive where other != index {
                nodes[other].accepts(verified, justification: certificates)
            }
        }

        private mutating func deliver(_ index: Int) -> Bool {
            let outputs = nodes[index].outputs
            nodes[index].clearOutputs()
            for output in outputs {
                switch output {
                case .cast(let vote):
                    cast[index].append(vote.value.ballot)
                    for other in alive where other != index { nodes[other].receive(vote) }
                case .announce(let certificate):
                    for other in alive where other != index { nodes[other].receive(certificate) }
                default: break
                }
            }
            return !outputs.isEmpty
        }

        /// Fires the next timer of everybody that has one.
        mutating func fireTimers() {
            guard let next = alive.compactMap({ nodes[$0].simplex.deadline }).min() else { return }
            now = max(now, next)
            for index in alive { nodes[index].advance(to: now) }
        }
    }

    @Test("Without faults every view is final, and nobody nullifies", arguments: 1...34)
    func happyPath(count: Int) {
        var mesh = Mesh(count)
        mesh.settle(through: 4)
        for node in mesh.nodes {
            #expect(node.simplex.finalView == View(4) && node.view == 5)
            #expect(node.simplex.finalBlock == mesh.nodes[0].simplex.finalBlock)
        }
        for ballots in mesh.cast { #expect(!ballots.contains { $0.kind == .nullify }) }
    }

    @Test(
        "With f dead validators the rest agrees, and each votes once of a kind in a view",
        arguments: [4, 5, 7, 10, 13]
    )
    func deadMinority(count: Int) {
        let faulty = (count - 1) / 3
        var mesh = Mesh(count, dead: (0..<faulty).map { Network(count).leader(UInt64($0 + 1)) })
        for _ in 0..<200
        where mesh.alive.contains(where: { mesh.nodes[$0].simplex.finalView < View(UInt64(count) + 2) }) {
            mesh.settle(through: UInt64(2 * count))
            mesh.fireTimers()
        }
        let first = mesh.alive[0]
        for index in mesh.alive {
            #expect(mesh.nodes[index].simplex.finalView >= View(UInt64(count) + 2))
            #expect(mesh.nodes[index].simplex.finalBlock == mesh.nodes[first].simplex.finalBlock)
            let ballots = mesh.cast[index]
            #expect(Set(ballots.map { [$0.kind.rawValue, $0.view.value] }).count == ballots.count)
        }
    }

    @Test("With f + 1 dead validators nothing becomes final, and no view is resolved", arguments: [4, 7, 10])
    func deadTooMany(count: Int) {
        let faulty = (count - 1) / 3 + 1
        var mesh = Mesh(count, dead: Array(0..<faulty))
        for _ in 0..<20 {
            mesh.settle(through: 10)
            mesh.fireTimers()
        }
        for index in mesh.alive { #expect(mesh.nodes[index].simplex.finalView == View(0)) }
    }
}
