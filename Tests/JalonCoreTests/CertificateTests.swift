import JalonConsensus
import JalonModel
import Testing

@testable import JalonCore

@Suite("A certificate")
struct CertificateTests {
    private let provinces: Provinces

    init() throws {
        provinces = try Provinces(4)
    }

    /// What a province's node says of itself, in view 1 unless told otherwise.
    private func tip(hearing heard: [Int], view: UInt64 = 1) -> PeerMessage {
        .tip(
            Tip(
                epoch: Epoch(0),
                finalView: View(0),
                finalHeight: Height(0),
                finalBlock: provinces.genesis.blockID,
                view: View(view),
                hears: [heard.reduce(UInt8(0)) { $0 | 0x80 >> UInt8($1) }],
                clock: Provinces.start
            )
        )
    }

    private func nodes(_ places: Int...) -> [PeerID] { places.map { provinces.all[$0].node }.sorted() }

    /// Node 3, whose peers have told whom they hear.
    private func node(_ heard: [Int: [Int]]) throws -> TestNode {
        var node = try TestNode(provinces, 3)
        for peer in 0..<3 { if let heard = heard[peer] { node.receive(tip(hearing: heard), from: peer) } }
        return node
    }

    @Test("goes to every peer once, whatever it hears: early votes are not kept")
    func goesToAll() throws {
        var node = try node([0: [0, 1, 2, 3], 1: [1, 2, 3]])
        let certificate = PeerMessage.certificate(try provinces.certificate(.nullify(View(1))))
        node.receive(certificate, from: 0)
        #expect(node.targets { $0 == certificate } == nodes(0, 1, 2))
        node.receive(certificate, from: 1)
        #expect(node.targets { $0 == certificate }.isEmpty)
    }

    @Test("is not sent to who is past its view")
    func notToThePast() throws {
        var node = try node([0: [0, 1, 2, 3], 1: [1]])
        node.receive(tip(hearing: [2], view: 2), from: 2)
        let certificate = PeerMessage.certificate(try provinces.certificate(.nullify(View(1))))
        node.receive(certificate, from: 0)
        #expect(node.targets { $0 == certificate } == nodes(0, 1))
    }

    @Test("that a node waits for is asked for by its tip, after Δ/2 and once more after Δ")
    func asks() throws {
        var node = try node([:])
        node.wait(4_000)
        node.receive(.vote(provinces.vote(.nullify(View(1)), by: 1)), from: 1)
        let isTip: (PeerMessage) -> Bool = { if case .tip = $0 { true } else { false } }
        node.wait(249)
        #expect(node.targets(of: isTip).isEmpty)
        node.wait(1)
        #expect(node.targets(of: isTip) == nodes(0, 1, 2))
        node.wait(499)
        #expect(node.targets(of: isTip).isEmpty)
        node.wait(1)
        #expect(node.targets(of: isTip) == nodes(0, 1, 2))
        node.wait(240)
        #expect(node.targets(of: isTip).isEmpty, "only the one of every 5 s follows")
    }

    @Test("is not asked for where nothing was seen of the view")
    func asksForNothing() throws {
        var node = try node([:])
        node.wait(4_900)
        let isTip: (PeerMessage) -> Bool = { if case .tip = $0 { true } else { false } }
        node.wait(90)
        #expect(node.targets(of: isTip).isEmpty)
        node.wait(20)
        #expect(node.targets(of: isTip).count == 3)
    }

    @Test(
        "by which a view was entered goes to a peer whose tip is before it: each at once, the same one after 5 s"
    )
    func entryByTip() throws {
        let all = [0, 1, 2, 3]
        var node = try node([0: all, 1: all, 2: all])
        let certificates = try (1...2).map {
            PeerMessage.certificate(try provinces.certificate(.nullify(View($0))))
        }
        for certificate in certificates {
            node.receive(certificate, from: 0)
            node.receive(tip(hearing: all), from: 1)
            #expect(node.targets { $0 == certificate } == nodes(1))
            node.receive(tip(hearing: all), from: 1)
            #expect(node.targets { $0 == certificate }.isEmpty)
        }
        node.wait(5_000)
        node.receive(tip(hearing: all), from: 1)
        #expect(node.targets { $0 == certificates[1] } == nodes(1))
    }
}

@Suite("Who is heard")
struct HearingTests {
    private let isTip: (PeerMessage) -> Bool = { if case .tip = $0 { true } else { false } }

    @Test("is told within 100 ms of a validator that comes or goes")
    func told() throws {
        let provinces = try Provinces(4)
        var node = try TestNode(provinces, 3)
        node.wait(1_000)
        node.handle(.disconnected(provinces.all[1].node))
        node.wait(100)
        #expect(node.targets(of: isTip) == [0, 2].map { provinces.all[$0].node }.sorted())
        let tips = node.sent.compactMap { if case .tip(let tip) = $0 { tip } else { nil } }
        #expect(tips.map { $0.hears(ValidatorIndex(1)) } == [false])
    }

    @Test("is not told anew for a node that does not vote")
    func notOfObservers() throws {
        let provinces = try Provinces(4, observers: 1)
        var node = try TestNode(provinces, 3)
        node.wait(1_000)
        node.handle(.connected(provinces.observerNodes[0]))
        node.handle(.disconnected(provinces.observerNodes[0]))
        node.wait(200)
        #expect(node.targets(of: isTip).isEmpty)
    }
}
