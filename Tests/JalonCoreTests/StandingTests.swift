import JalonConsensus
import JalonCore
import JalonCrypto
import JalonModel
import Testing

@Suite("A validator that starts")
struct StartCheckTests {
    @Test("votes only once f + 1 peers said which votes of it they hold", arguments: [(4, 2), (7, 3)])
    func startCheck(count: Int, needed: Int) throws {
        let provinces = try Provinces(count)
        let leader = provinces.leader(1)
        var node = try TestNode(provinces, leader, isAnswered: false)
        let request = try #require(node.standingRequest)
        #expect(!request.isRejoining && request.asker.value == leader)
        node.submit(try provinces.plan(1))
        for (place, peer) in (0..<count).filter({ $0 != leader }).prefix(needed).enumerated() {
            #expect(node.proposals.isEmpty)
            #expect(node.core.votingState == .checking(answers: place, needed: needed))
            node.receive(.standing(provinces.standing(of: peer, nonce: request.nonce)), from: peer)
        }
        #expect(node.proposals.count == 1)
        #expect(node.core.votingState == .voting(first: View(1)))
    }

    @Test("alone votes at once")
    func alone() throws {
        let provinces = try Provinces(1)
        var node = try TestNode(provinces, 0)
        node.submit(try provinces.plan(1))
        #expect(node.core.tip.height == Height(1))
    }

    @Test("asks again until it is answered, and hears each validator once, under its own signature")
    func answersCount() throws {
        let provinces = try Provinces(4)
        var node = try TestNode(provinces, 0, isAnswered: false)
        let request = try #require(node.standingRequest)
        let answer = provinces.standing(of: 1, nonce: request.nonce)
        node.receive(.standing(answer), from: 1)
        node.receive(.standing(answer), from: 1)
        node.receive(.standing(answer), from: 2)
        let forged = Standing(content: answer.content, signer: ValidatorIndex(2), signature: answer.signature)
        node.receive(.standing(forged), from: 3)
        #expect(node.penalties.isEmpty, "the third only passed it on")
        node.receive(.standing(forged), from: 2)
        #expect(node.penalties == [.invalidSignature(.standing)])
        let old = provinces.standing(of: 3, nonce: [UInt8](repeating: 7, count: 16))
        node.receive(.standing(old), from: 3)
        #expect(node.core.votingState == .checking(answers: 1, needed: 2))
        node.wait(1_500)
        #expect(node.standingRequest?.nonce == request.nonce)
    }

    @Test("answers others with the newest votes of the asker, and passes on what a peer does not hear")
    func answering() throws {
        let provinces = try Provinces(4)
        var node = try TestNode(provinces, 0)
        let vote = provinces.vote(.nullify(View(1)), by: 2)
        node.receive(.vote(vote), from: 2)
        let nonce = [UInt8](repeating: 9, count: 16)
        let request = StandingRequest(
            nonce: nonce,
            epoch: Epoch(0),
            asker: ValidatorIndex(2),
            isRejoining: false
        )
        node.receive(.standingRequest(request), from: 1)
        let answers = node.sent.compactMap { if case .standing(let answer) = $0 { answer } else { nil } }
        #expect(answers.map(\.content.votes) == [[vote]])
        #expect(node.targets(of: { $0 == .standingRequest(request) }) == [provinces.all[3].node])
        let own = provinces.standing(of: 0, nonce: nonce)
        node.receive(.standing(own), from: 3)
        #expect(
            node.targets(of: { $0 == .standing(own) }).isEmpty,
            "it comes from elsewhere in this node's name"
        )
        let other = provinces.standing(of: 3, nonce: nonce)
        node.receive(.standing(other), from: 3)
        #expect(node.targets(of: { $0 == .standing(other) }) == [provinces.all[1].node])
        // The ways back of several nodes may make a ring: an answer that comes again has gone round it.
        node.receive(.standing(other), from: 3)
        #expect(node.targets(of: { $0 == .standing(other) }).isEmpty)
        node.clock.monotonic += 2_000
        node.receive(.standingRequest(request), from: 1)
        node.receive(.standing(other), from: 3)
        #expect(node.targets(of: { $0 == .standing(other) }) == [provinces.all[1].node], "asked anew")
    }
}

@Suite("A validator that lost votes of its own")
struct RejoinTests {
    let provinces: Provinces
    let entry: Certificate

    init() throws {
        provinces = try Provinces(4)
        entry = try provinces.certificate(.nullify(View(7)))
    }

    /// A node whose peers told it, at its start, of a vote that it does not know of.
    private func rolledBack() throws -> TestNode {
        var node = try TestNode(provinces, 0, isAnswered: false)
        let nonce = try #require(node.standingRequest).nonce
        let vote = provinces.vote(.nullify(View(3)), by: 0)
        node.receive(.standing(provinces.standing(of: 1, nonce: nonce, votes: [vote])), from: 1)
        return node
    }

    @Test("notes that first, and votes from the second view after the greatest that 2f + 1 others prove")
    func rejoins() throws {
        var node = try rolledBack()
        #expect(node.records == [.rejoin(.required)])
        let request = try #require(node.standingRequest)
        #expect(request.isRejoining)
        node.submit(try provinces.plan(1))
        node.receive(.standing(provinces.standing(of: 1, nonce: request.nonce)), from: 1)
        node.receive(.standing(provinces.standing(of: 2, nonce: request.nonce, entry: entry)), from: 2)
        let silent = [ValidatorIndex(3)]
        #expect(node.core.votingState == .rejoining(answers: 2, needed: 3, silent: silent))
        node.receive(.standing(provinces.standing(of: 3, nonce: request.nonce, isRejoining: true)), from: 3)
        #expect(node.core.votingState == .rejoining(answers: 2, needed: 3, silent: silent))
        node.receive(.standing(provinces.standing(of: 3, nonce: request.nonce)), from: 3)
        #expect(node.core.votingState == .voting(first: View(10)))
        #expect(node.records.contains(.rejoin(.granted(Epoch(0), firstView: View(10), proof: entry))))
        node.wait(20_000)
        #expect(node.votes.isEmpty, "view 8 lies below the first one")
        node.receive(.certificate(try provinces.certificate(.nullify(View(9)))), from: 1)
        node.wait(20_000)
        #expect(node.votes.contains(.nullify(View(10))) || !node.proposals.isEmpty)
    }

    @Test("does not count what a liar can't prove, and counts what another's rejoining proves")
    func proofs() throws {
        var node = try rolledBack()
        let request = try #require(node.standingRequest)
        let unproven = Certificate(
            epoch: entry.epoch,
            ballot: .nullify(View(1_000)),
            bitmap: entry.bitmap,
            signatures: entry.signatures
        )
        node.receive(.standing(provinces.standing(of: 1, nonce: request.nonce, entry: unproven)), from: 1)
        #expect(node.penalties == [.invalidSignature(.standing)])
        for peer in 1...3 {
            let answer = provinces.standing(
                of: peer,
                nonce: request.nonce,
                rejoinProof: peer == 3 ? entry : nil
            )
            node.receive(.standing(answer), from: peer)
        }
        // The third votes from view 10 on itself.
        #expect(node.core.votingState == .voting(first: View(12)))
    }

    @Test("goes on with that after a restart", arguments: [true, false])
    func restart(isGranted: Bool) throws {
        let rejoin = isGranted ? Rejoin.granted(Epoch(0), firstView: View(5), proof: nil) : .required
        var node = try TestNode(provinces, 0, restored: RestoredLedger(rejoin: rejoin), isAnswered: isGranted)
        node.submit(try provinces.plan(1))
        node.wait(20_000)
        #expect(node.votes.isEmpty && node.proposals.isEmpty)
        if isGranted {
            #expect(node.core.votingState == .voting(first: View(5)))
        } else {
            #expect(node.standingRequest?.isRejoining == true)
        }
    }

    @Test("notices it later too, by a vote, a certificate or a proposal of its own")
    func later() throws {
        let forgotten = provinces.vote(.nullify(View(4)), by: 0)
        let certificate = try provinces.certificate(.nullify(View(2)))
        let leader = provinces.leader(1)
        let (proposal, _) = try TestNode.proposed(provinces, [try provinces.plan(1)])
        for (message, own) in [
            (PeerMessage.vote(forgotten), 0), (.certificate(certificate), 0), (.proposal(proposal), leader),
        ] {
            var node = try TestNode(provinces, own)
            #expect(node.core.votingState == .voting(first: View(1)))
            node.receive(message, from: (own + 1) % 4)
            #expect(node.records.contains(.rejoin(.required)))
            #expect(node.votes.isEmpty)
        }
    }

    @Test("is not bothered by votes that it knows, or that are settled")
    func known() throws {
        var node = try TestNode(provinces, 1)
        node.submit(try provinces.plan(1))
        node.wait(1_500)
        let own = node.records.compactMap { if case .vote(let vote) = $0 { vote } else { nil } }
        #expect(!own.isEmpty)
        for vote in own { node.receive(.vote(vote), from: 2) }
        #expect(!node.records.contains(.rejoin(.required)))
    }

    @Test(
        "where every certificate needs all, votes again from the view where the others stand, without evidence"
    )
    func three() throws {
        let provinces = try Provinces(3)
        var node = try TestNode(provinces, 0, restored: RestoredLedger(rejoin: .required), isAnswered: false)
        let request = try #require(node.standingRequest)
        let entry = try provinces.certificate(.nullify(View(7)))
        node.receive(.standing(provinces.standing(of: 1, nonce: request.nonce, entry: entry)), from: 1)
        #expect(node.core.votingState == .voting(first: View(8)))

        var peer = try TestNode(provinces, 1)
        peer.receive(.standingRequest(request), from: 0)
        let digests = [SHA256.hash([1]), SHA256.hash([2])]
        for digest in digests {
            peer.receive(.vote(provinces.vote(.notarize(View(1), BlockID(digest)), by: 0)), from: 0)
        }
        #expect(peer.core.evidenceHeld.isEmpty)
        for digest in digests {
            peer.receive(.vote(provinces.vote(.notarize(View(1), BlockID(digest)), by: 2)), from: 2)
        }
        #expect(peer.core.evidenceHeld.count == 1)
    }
}

@Suite("Evidence")
struct EvidenceTests {
    private func pair(_ provinces: Provinces, by signer: Int, view: UInt64) throws -> Equivocation {
        let votes = [1, 2].map { number in
            provinces.vote(.notarize(View(view), BlockID(SHA256.hash([number]))), by: signer)
        }
        return try #require(Equivocation(votes[0], votes[1]))
    }

    @Test("is durable before it is told on, told to who connects, and there after a restart")
    func kept() throws {
        let provinces = try Provinces(4)
        let pair = try pair(provinces, by: 3, view: 1)
        var node = try TestNode(provinces, 0)
        node.receive(.vote(pair.first), from: 3)
        node.receive(.vote(pair.second), from: 1)
        #expect(try node.durable { $0 == .evidence(pair) }.contains(.evidence(pair)))
        let again = try TestNode(provinces, 0, restored: RestoredLedger(evidence: [pair]))
        #expect(again.core.evidenceHeld == [pair])
        #expect(again.sent.contains(.evidence(pair)))
    }

    @Test("is bounded for each validator, so that none crowds out another's")
    func bounded() throws {
        let provinces = try Provinces(4)
        var node = try TestNode(provinces, 0)
        for view in 1...50 as ClosedRange<UInt64> {
            node.receive(.evidence(try pair(provinces, by: 3, view: view)), from: 1)
        }
        #expect(node.core.evidenceHeld.count == 32)
        node.receive(.evidence(try pair(provinces, by: 2, view: 1)), from: 1)
        #expect(node.core.evidenceHeld.count == 33)
    }

    @Test("with a signature that is not valid is refused and blamed on who sent it")
    func invalid() throws {
        let provinces = try Provinces(4)
        let good = try pair(provinces, by: 3, view: 1)
        let forged = Vote(
            epoch: good.first.epoch,
            ballot: good.first.ballot,
            signer: ValidatorIndex(3),
            signature: [UInt8](repeating: 0, count: 64)
        )
        let pair = try #require(Equivocation(forged, good.second))
        var node = try TestNode(provinces, 0)
        node.receive(.evidence(pair), from: 1)
        #expect(node.core.evidenceHeld.isEmpty)
        #expect(node.penalties == [.invalidSignature(.evidence)])
    }
}

extension TestNode {
    /// The newest question for the standing that the last event brought about.
    var standingRequest: StandingRequest? {
        sent.compactMap { if case .standingRequest(let request) = $0 { request } else { nil } }.last
    }
}
