import JalonCrypto
import JalonModel

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
}

extension Array where Element == Double {
    /// The middle value; 0 where there is none.
    var median: Double {
        guard !isEmpty else { return 0 }
        let sorted = sorted()
        return count % 2 == 1 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2
    }
}
