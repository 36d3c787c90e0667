import Dispatch
import JalonCrypto
import JalonModel
import Synchronization

/// The machine's own limit: how fast libsodium verifies, the signatures of milestones like those that are measured.
///
/// Many different ones: one again and again is some 5 % faster, as the processor learns its branches by heart.
struct Limit {
    private let samples: [(message: [UInt8], signature: [UInt8], key: PublicKey)]

    init(_ workload: Workload) throws {
        // A copy makes them, so that none of them is taken from those that are sent.
        var workload = workload
        let members = workload.members
        samples = try workload.milestones(1_024, at: Workload.now()).enumerated().map { index, transaction in
            (
                transaction.toBeSigned, Array(transaction.signature),
                members[index % members.count].key.publicKey
            )
        }
    }

    /// Seconds of one core for one verification, over half a second.
    func secondsPerVerification() throws -> Double {
        let end = ContinuousClock.now + .milliseconds(500)
        let start = ContinuousClock.now
        var count = 0
        while ContinuousClock.now < end {
            for _ in 0..<100 {
                let sample = samples[count % samples.count]
                guard sample.key.isValid(signature: sample.signature, for: sample.message) else {
                    throw BenchFailure("the limit's own signature is not valid")
                }
                count += 1
            }
        }
        return (ContinuousClock.now - start).seconds / Double(count)
    }

    /// Verifications a second of all cores at once, over half a second: cores that share caches, memory or a thermal budget
    /// do less together than each alone.
    func verificationsPerSecond(cores: Int) throws -> Double {
        let seconds = Mutex<[Double]>([])
        DispatchQueue.concurrentPerform(iterations: cores) { _ in
            guard let one = try? secondsPerVerification() else { return }
            seconds.withLock { $0.append(one) }
        }
        let measured = seconds.withLock { $0 }
        guard measured.count == cores else { throw BenchFailure("the limit's own signature is not valid") }
        return measured.reduce(0) { $0 + 1 / $1 }
    }
}

extension Array where Element == Double {
    /// The middle value; 0 where there is none.
    var median: Double {
        guard !isEmpty else { return 0 }
        let sorted = sorted()
        return count % 2 == 1 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2
    }
}
