import JalonCrypto
import JalonModel
import Testing

@testable import JalonCore

@Suite("The table of connected peers")
struct PeerTableTests {
    private let ids = (0..<40).map { KeyID(SHA256.hash([UInt8($0)])) }

    @Test("Peers stand in the order of their ids, however they came")
    func order() {
        var table = PeerTable()
        for (index, id) in ids.enumerated() { table.insert(id, Peer(index: ValidatorIndex(index))) }
        #expect(table.ids == ids.sorted() && table.count == ids.count)
        for (index, id) in ids.enumerated() { #expect(table[id]?.index == ValidatorIndex(index)) }
        table.insert(ids[7], Peer(index: nil))
        #expect(table.count == ids.count && table[ids[7]]?.index == nil)
        #expect(!table.hears(ValidatorIndex(7)) && table.hears(ValidatorIndex(8)))
    }

    @Test("Who is removed is not found, and the others are what they were")
    func removal() {
        var table = PeerTable()
        for (index, id) in ids.enumerated() where index != 3 {
            table.insert(id, Peer(index: ValidatorIndex(index)))
        }
        table.remove(ids[3])
        table.remove(ids[5])
        #expect(table[ids[3]] == nil && table[ids[5]] == nil && !table.contains(ids[5]))
        #expect(table.contains(ids[4]) && table[ids[4]]?.index == ValidatorIndex(4))
        table.update(ids[5]) { $0.index = ValidatorIndex(1) }
        #expect(table.count == ids.count - 2 && table[ids[5]] == nil)
    }

    @Test("Whose tips show more is told apart from whose do not")
    func above() {
        var table = PeerTable()
        for (index, id) in ids.prefix(4).enumerated() {
            var peer = Peer(index: ValidatorIndex(index))
            if index > 0 {
                peer.tip = Tip(
                    epoch: Epoch(0),
                    finalView: View(0),
                    finalHeight: Height(UInt64(index)),
                    finalBlock: .none,
                    view: View(1),
                    hears: [],
                    clock: Timestamp(0)
                )
            }
            table.insert(id, peer)
        }
        #expect(table.ids(above: Height(1)) == [ids[2], ids[3]].sorted() && table.isAnyone(above: Height(1)))
        #expect(table.ids(above: Height(3)).isEmpty && !table.isAnyone(above: Height(3)))
    }

    @Test("A validator has one clock, the latest of its nodes', and the own one is none of the others'")
    func clocks() {
        var table = PeerTable()
        func connect(_ place: Int, _ index: Int?, clock: UInt64) {
            var peer = Peer(index: index.map { ValidatorIndex($0) })
            peer.tip = Tip(
                epoch: Epoch(0),
                finalView: View(0),
                finalHeight: Height(0),
                finalBlock: .none,
                view: View(1),
                hears: [],
                clock: Timestamp(clock)
            )
            table.insert(ids[place], peer)
        }
        for (place, clock) in [0, 7, 3].enumerated() { connect(place, 1, clock: UInt64(clock)) }
        connect(3, 2, clock: 100)
        connect(4, 0, clock: 900)
        connect(5, nil, clock: 500)
        let clocks = table.validatorClocks(at: 0, but: ValidatorIndex(0)).sorted { $0.index < $1.index }
        #expect(clocks.map(\.index) == [ValidatorIndex(1), ValidatorIndex(2)])
        #expect(clocks.map(\.clock) == [Timestamp(7), Timestamp(100)])
    }
}
