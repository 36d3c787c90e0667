/// Damage to an encoding, as a disk, a network or an attacker does it.
public enum Mutation {
    /// One to three of: a flipped bit, another byte, a byte more or less, a cut, a piece doubled.
    public static func mutated(_ input: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
        var output = input
        for _ in 0...generator.below(3) {
            guard !output.isEmpty else { return generator.bytes(1 + generator.below(4)) }
            let index = generator.below(output.count)
            switch generator.below(6) {
            case 0: output[index] ^= 1 << UInt8(generator.below(8))
            case 1: output[index] = generator.bytes(1)[0]
            case 2: output.insert(generator.bytes(1)[0], at: index)
            case 3: output.remove(at: index)
            case 4: output.removeSubrange(index...)
            default:
                let end = min(output.count, index + 1 + generator.below(16))
                output.insert(contentsOf: output[index..<end], at: index)
            }
        }
        return output
    }
}
