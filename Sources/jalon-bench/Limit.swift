import Dispatch
import JalonCrypto
import JalonModel
import Synchronization

/// The machine's own limit: how fast libsodium verifies.
struct Limit {
    let message: [UInt8]
    let signature: [UInt8]
    let key: PublicKey

    init(_ transaction: Transaction, key: PublicKey) {
        message = transaction.toBeSigned
        signature = Array(transaction.signature)
        self.key = key
    }

    /// Seconds of one core for one verification, over half a second.
    func secondsPerVerification() throws -> Double {
        let end = ContinuousClock.now + .milliseconds(500)
        let start = ContinuousClock.now
        var count = 0
        while ContinuousClock.now < end {
            for _ in 0..<100 {
                guard key.isValid(signature: signature, for: message) else {
                    throw BenchFailure("the limit's own signature is not valid")
                }
            }
            count += 100
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
