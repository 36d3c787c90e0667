import JalonCore
import JalonModel
import Testing

@testable import JalonSimulator

@Suite("The parts of a simulated world")
struct WorldPartTests {
    @Test("Events come in the order of time, and of scheduling at one moment")
    func eventOrder() {
        var queue = EventQueue<Int>()
        var random = SimulationRandom(seed: 7)
        let moments = (0..<500).map { _ in Moment(microseconds: random.number(in: 0...40)) }
        for (index, moment) in moments.enumerated() { queue.schedule(index, at: moment) }
        var seen: [(moment: Moment, index: Int)] = []
        while let (moment, index) = queue.popFirst() { seen.append((moment, index)) }
        #expect(seen.count == moments.count)
        #expect(zip(seen, seen.dropFirst()).allSatisfy { ($0.moment, $0.index) < ($1.moment, $1.index) })
    }

    @Test(
        "A clock shows a deadline at the moment it names, and not before it",
        arguments: [-50_000, -1, 0, 3, 50_000]
    )
    func clock(drift: Int64) {
        let clock = SimulatedClock(base: 777, drift: drift)
        for deadline in [UInt64(778), 1_000, 12_345, 3_600_777] {
            let moment = clock.moment(ofMonotonic: deadline)
            #expect(clock.reading(at: moment).monotonic >= deadline)
            #expect(clock.reading(at: Moment(microseconds: moment.microseconds - 2)).monotonic < deadline)
        }
        #expect(clock.moment(ofMonotonic: 5) == .start)
    }

    @Test("A disk that began with a snapshot gives its first block where an older one is asked for")
    func laterLedger() throws {
        var laboratory = Laboratory(validatorCount: 1)
        for _ in 0..<4 { try laboratory.makeFinal(at: 0) }
        var disk = laboratory.world.nodes[0].disk
        func heights(from height: UInt64) -> [UInt64] {
            disk.finalBlocks(from: Height(height), count: 3).map(\.block.header.height.value)
        }
        #expect(heights(from: 1) == [1, 2, 3] && disk.finalBlock(disk.finalBlocks[0].id) != nil)
        disk.forgetBlocks(below: Height(3))
        #expect(heights(from: 1) == [3] && heights(from: 3) == [3, 4])
        #expect(disk.finalBlock(disk.finalBlocks[0].id) == nil)
        #expect(disk.finalBlock(disk.finalBlocks[2].id) != nil)
    }

    @Test(
        "A signature of a simulation is valid for its key and message only",
        arguments: [SignatureScheme.cheap, .real]
    )
    func signatures(scheme: SignatureScheme) {
        let membership = Membership(validatorCount: 4, scheme: scheme)
        let (one, other) = (membership.validatorSigner(0), membership.validatorSigner(1))
        let signature = one.sign([1, 2, 3])
        #expect(signature.count == 64)
        #expect(scheme.isValid(signature: signature[...], message: [1, 2, 3], key: one.publicKey))
        #expect(!scheme.isValid(signature: signature[...], message: [1, 2], key: one.publicKey))
        #expect(!scheme.isValid(signature: signature[...], message: [1, 2, 3], key: other.publicKey))
    }

    @Test("A core is a quorum at least and hangs together", arguments: UInt64(0)..<60)
    func core(seed: UInt64) {
        let plan = SimulationPlan(seed: seed)
        let count = plan.world.validatorCount
        #expect(plan.core.count >= count - (count - 1) / 3)
        #expect(plan.core.count + plan.outsiders.count == count)
    }

    @Test("A number of a range lies in it, ends included")
    func numbers() {
        var random = SimulationRandom(seed: 1)
        let numbers = (0..<1_000).map { _ in random.number(in: 3...6) }
        #expect(Set(numbers) == [3, 4, 5, 6])
        #expect(random.number(in: 9...9) == 9)
        #expect(random.shuffled(Array(0..<50)).sorted() == Array(0..<50))
    }
}
