import JalonCore
import JalonCrypto
import JalonModel
import Testing

@testable import JalonNode

@Suite("What peers ask for that is read from the disk")
struct ServeQueueTests {
    private func peer(_ number: Int) -> PeerID { KeyID(SHA256.hash([UInt8(number)])) }

    private func block(_ number: Int, for peer: Int) -> ServeJob {
        let id = BlockID(SHA256.hash([UInt8(number), UInt8(peer)]))
        return ServeJob(request: .block(id), peer: self.peer(peer))
    }

    private func range(from height: UInt64, for peer: Int) -> ServeJob {
        ServeJob(request: .finalBlocks(from: Height(height), count: 256), peer: self.peer(peer))
    }

    private func drain(_ jobs: inout ServeJobs) -> [ServeJob] {
        var done: [ServeJob] = []
        while let job = jobs.next() { done.append(job) }
        return done
    }

    @Test("is done for known peers before strangers, single blocks first, then in the order of asking")
    func order() {
        var jobs = ServeJobs()
        let wanted = [
            block(1, for: 1), block(2, for: 2), range(from: 1, for: 2), range(from: 1, for: 1),
            block(1, for: 9), range(from: 1, for: 8),
        ]
        for index in [5, 4, 2, 3, 0, 1] {
            #expect(jobs.add(wanted[index], isKnown: index < 4) == true)
        }
        #expect(drain(&jobs) == wanted)
        #expect(jobs.next() == nil)
    }

    @Test("waits for one peer up to a bound, and what is beyond it is refused, of this peer alone")
    func bound() {
        var jobs = ServeJobs()
        for number in 0..<200 {
            #expect(jobs.add(block(number, for: 1), isKnown: false) == (number < ServeJobs.blocksPerPeer))
            #expect(
                jobs.add(range(from: UInt64(number), for: 1), isKnown: false)
                    == (number < ServeJobs.rangesPerPeer)
            )
        }
        #expect(jobs.count == ServeJobs.blocksPerPeer + ServeJobs.rangesPerPeer)
        #expect(jobs.add(block(0, for: 2), isKnown: false) == true)
        #expect(jobs.next() == block(0, for: 1))
        #expect(jobs.add(block(77, for: 1), isKnown: false) == true)
    }

    @Test(
        "is bounded in all for strangers, however many come with new keys, and known peers lose no place to them"
    )
    func boundInAll() {
        var jobs = ServeJobs()
        var taken = 0
        for stranger in 0..<200 {
            for number in 0..<16 where jobs.add(block(number, for: stranger), isKnown: false) { taken += 1 }
        }
        #expect(taken == ServeJobs.strangersCount && jobs.count == taken)
        #expect(jobs.add(block(1, for: 201), isKnown: true) == true)
        #expect(jobs.next() == block(1, for: 201))
        // Their places are free again as soon as they have left.
        for stranger in 0..<100 { jobs.remove(of: peer(stranger)) }
        #expect(jobs.count == 0 && jobs.add(block(1, for: 1), isKnown: false) == true)
    }

    @Test("waits once, however often it is asked for")
    func twice() {
        var jobs = ServeJobs()
        for _ in 0..<10 { #expect(jobs.add(range(from: 4, for: 1), isKnown: true) == true) }
        #expect(drain(&jobs) == [range(from: 4, for: 1)])
    }

    @Test("is done for a stranger in the end, though known peers never cease to ask")
    func patience() {
        var jobs = ServeJobs()
        #expect(jobs.add(range(from: 1, for: 9), isKnown: false) == true)
        var turns = 0
        while turns < 100 {
            #expect(jobs.add(block(turns, for: 1), isKnown: true) == true)
            turns += 1
            if jobs.next() == range(from: 1, for: 9) { break }
        }
        #expect(turns == ServeJobs.patience + 1)
    }

    @Test("that is beyond the bound is counted; what waits is forgotten when its peer leaves")
    func counted() async {
        let queue = ServeQueue()
        for number in 0..<20 { queue.add(block(number, for: 1), isKnown: true) }
        queue.add(block(1, for: 2), isKnown: false)
        #expect(queue.droppedCount == UInt64(20 - ServeJobs.blocksPerPeer))
        queue.remove(of: peer(1))
        #expect(await queue.next() == block(1, for: 2))
        async let last = queue.next()
        queue.finish()
        #expect(await last == nil)
    }
}
