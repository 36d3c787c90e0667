import JalonState
import JalonTestKit
import Testing

@Suite("An ordered map that shares its structure")
struct PersistentMapTests {
    @Test(
        "answers like a sorted array, whatever is set and removed",
        arguments: 1...20 as ClosedRange<UInt64>
    )
    func matchesReference(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var map = PersistentMap<Int, Int>()
        var reference: [Int: Int] = [:]
        for _ in 0..<600 {
            let key = Int.random(in: 0..<150, using: &random)
            if Bool.random(using: &random) {
                let value = Int.random(in: 0..<1000, using: &random)
                map[key] = value
                reference[key] = value
            } else {
                map[key] = nil
                reference[key] = nil
            }
            #expect(map.count == reference.count)
            let probe = Int.random(in: -1...151, using: &random)
            #expect(map[probe] == reference[probe])
            #expect(map.last(before: probe)?.key == reference.keys.filter { $0 < probe }.max())
            #expect(map.first(after: probe)?.key == reference.keys.filter { $0 > probe }.min())
        }
        let sorted = reference.sorted { $0.key < $1.key }
        #expect(map.map(\.key) == sorted.map(\.key))
        #expect(map.values == sorted.map(\.value))
        #expect(map.first?.key == sorted.first?.key)
        #expect(map.last?.key == sorted.last?.key)
        let range = map.entries(in: 40...80).map(\.key)
        #expect(range == sorted.map(\.key).filter { (40...80).contains($0) })
        #expect(map.entries(from: 100).map(\.key) == sorted.map(\.key).filter { $0 >= 100 })
    }

    @Test("built of sorted entries in one go it is the same, and changes like any other")
    func builtAtOnce() {
        // Around the sizes at which a tree of wide leaves and narrow inner nodes gets one more level, too.
        for count in Array(0...300) + Array(1_015...1_035) + [8_191, 8_192, 20_000] {
            var map = PersistentMap(sorted: (0..<count).map { (key: 2 * $0, value: $0) })
            #expect(map.count == count && map.map(\.key) == (0..<count).map { 2 * $0 })
            #expect((0..<count).allSatisfy { map[2 * $0] == $0 && map[2 * $0 + 1] == nil })
            // Every second one goes and odd ones come: nodes that are too empty or too full would be met.
            let step = max(1, count / 97)
            for number in stride(from: 0, to: count, by: step) {
                map[2 * number] = nil
                map[2 * number + 1] = -1
            }
            #expect(map.count == count && zip(map, map.dropFirst()).allSatisfy { $0.key < $1.key })
            for number in 0..<count { (map[2 * number], map[2 * number + 1]) = (nil, nil) }
            #expect(map.isEmpty && map.first == nil)
        }
    }

    @Test("a copy keeps what it held when the original changes")
    func valueSemantics() {
        var map = PersistentMap<Int, String>()
        for key in 0..<100 { map[key] = "old" }
        let copy = map
        for key in 0..<100 where key.isMultiple(of: 2) { map[key] = nil }
        map[1] = "new"
        #expect(copy.count == 100)
        #expect(copy.allSatisfy { $0.value == "old" })
        #expect(map.count == 50)
        #expect(map[1] == "new")
        #expect(map != copy)
    }

    @Test(
        "a value that is changed in place is another in no copy, and a key that is not there changes nothing"
    )
    func changeInPlace() {
        var map = PersistentMap<Int, [Int]>()
        for key in 0..<300 { map[key] = [key] }
        let copy = map
        for key in 0..<300 where key.isMultiple(of: 3) {
            let count = map.change(key) { value in
                value.append(-key)
                return value.count
            }
            #expect(count == 2)
        }
        let missing: Void? = map.change(300) { $0.append(1) }
        #expect(missing == nil && map.count == 300 && map[300] == nil)
        #expect(map.allSatisfy { $0.value == ($0.key.isMultiple(of: 3) ? [$0.key, -$0.key] : [$0.key]) })
        #expect(copy.allSatisfy { $0.value == [$0.key] })
    }

    @Test("maps with equal entries are equal, however they came about")
    func equality() {
        var up = PersistentMap<Int, Int>()
        var down = PersistentMap<Int, Int>()
        for key in 0..<50 { up[key] = key }
        for key in (0..<60).reversed() { down[key] = key }
        #expect(up != down)
        for key in 50..<60 { down[key] = nil }
        #expect(up == down)
    }

    @Test("an empty map has no entries and no neighbours")
    func empty() {
        let map = PersistentMap<Int, Int>()
        #expect(map.isEmpty)
        #expect(map.first == nil && map.last == nil)
        #expect(map.last(before: 3) == nil && map.first(after: 3) == nil)
    }

    @Test("stays balanced when keys come in order")
    func balance() {
        var map = PersistentMap<Int, Int>()
        for key in 0..<100_000 { map[key] = key }
        #expect(map.count == 100_000)
        #expect(map[99_999] == 99_999)
        #expect(map.entries(from: 50_000).prefix(3).map(\.key) == [50_000, 50_001, 50_002])
    }

    @Test("what ascending keys built loses them in any order, whatever stands in its last nodes")
    func shrinking() {
        var random = SeededGenerator(seed: 7)
        for count in stride(from: 1, through: 700, by: 9) {
            var full = PersistentMap<Int, Int>()
            for key in 0..<count { full[key] = key }
            for keys in [Array(0..<count), (0..<count).reversed(), (0..<count).shuffled(using: &random)] {
                var map = full
                for (index, key) in keys.enumerated() {
                    map[key] = nil
                    #expect(map[key] == nil && map.count == count - 1 - index)
                    let last = keys[(index + 1)...].last
                    #expect(last.map { map[$0] == $0 } ?? map.isEmpty)
                }
            }
            #expect(full.map(\.key) == Array(0..<count))
        }
    }

    @Test(
        "keeps its order and every copy through growth to many nodes and back to none",
        arguments: 1...6 as ClosedRange<UInt64>
    )
    func growth(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var map = PersistentMap<Int, Int>()
        let keys = (0..<3_000).shuffled(using: &random)
        var copies: [(map: PersistentMap<Int, Int>, keys: [Int])] = []
        for (index, key) in keys.enumerated() {
            map[key] = -key
            if index.isMultiple(of: 500) { copies.append((map, keys[...index].sorted())) }
        }
        #expect(map.map(\.key) == Array(0..<3_000))
        for (index, key) in keys.shuffled(using: &random).enumerated() {
            #expect(map[key] == -key)
            map[key] = nil
            #expect(map[key] == nil && map.count == 2_999 - index)
            if index.isMultiple(of: 300) {
                #expect(zip(map, map.dropFirst()).allSatisfy { $0.key < $1.key })
                let probe = Int.random(in: 0..<3_000, using: &random)
                #expect(map.last(before: probe)?.key == map.map(\.key).last { $0 < probe })
                #expect(map.first(after: probe)?.key == map.map(\.key).first { $0 > probe })
            }
        }
        #expect(map.isEmpty && map.first == nil && map.map(\.key).isEmpty)
        for (copy, keys) in copies {
            #expect(copy.map(\.key) == keys && copy.allSatisfy { $0.value == -$0.key })
        }
    }
}
