@testable import JalonState
import JalonTestKit
import Testing

@Suite("A list that shares its structure")
struct PersistentVectorTests {
    @Test(
        "answers like an array, whatever is added and changed, and so does every copy",
        arguments: 1...6 as ClosedRange<UInt64>
    )
    func matchesReference(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var list = PersistentVector<Int>()
        var reference: [Int] = []
        var copies: [(list: PersistentVector<Int>, reference: [Int])] = []
        for step in 0..<6_000 {
            if reference.isEmpty || Int.random(in: 0..<4, using: &random) > 0 {
                list.append(step)
                reference.append(step)
            } else {
                let index = Int.random(in: reference.indices, using: &random)
                list[index] = -step
                reference[index] = -step
            }
            if step.isMultiple(of: 700) { copies.append((list, reference)) }
        }
        for (list, reference) in copies + [(list, reference)] {
            #expect(list.count == reference.count && list.indices == reference.indices)
            #expect(list.indices.map { list[$0] } == reference)
        }
    }

    @Test("built of an array in one go, it is the same and goes on the same")
    func built() {
        for count in [0, 1, 15, 16, 17, 255, 256, 257, 4_097] {
            var list = PersistentVector(Array(0..<count))
            list.append(count)
            list[0] = -1
            #expect(list.indices.map { list[$0] } == [-1] + Array(0..<(count + 1)).dropFirst())
        }
    }
}
