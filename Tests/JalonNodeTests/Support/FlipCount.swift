import Foundation

/// How many bytes the tests flip that flip them at random: `JALON_TEST_FLIPS` of each kind, for the long form.
enum FlipCount {
    /// The flips of each of so many seeds.
    ///
    /// - Parameters:
    ///   - seeds: The seeds that share the work.
    ///   - usual: What is done without the variable.
    /// - Returns: At least `usual`.
    static func each(of seeds: Int, usual: Int) -> Int {
        guard let text = ProcessInfo.processInfo.environment["JALON_TEST_FLIPS"], let count = Int(text),
            count > 0
        else { return usual }
        return max(usual, (count + seeds - 1) / seeds)
    }
}
