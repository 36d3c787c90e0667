import JalonAPI
import JalonCrypto
import JalonModel
import JalonNetwork
import JalonStorage
import Synchronization

/// Checks signatures like the product's own verifier, and counts them.
final class CountingVerifier: SignatureVerifying {
    private let checked = Atomic<UInt64>(0)
    private let refused = Atomic<UInt64>(0)
    private let verifier = KeySignatureVerifier()

    func isValid(signature: ArraySlice<UInt8>, message: [UInt8], key: PublicKey) -> Bool {
        let isValid = verifier.isValid(signature: signature, message: message, key: key)
        if isValid {
            checked.wrappingAdd(1, ordering: .relaxed)
        } else {
            refused.wrappingAdd(1, ordering: .relaxed)
        }
        return isValid
    }

    /// Signatures checked so far.
    var counts: (valid: UInt64, invalid: UInt64) {
        (checked.load(ordering: .relaxed), refused.load(ordering: .relaxed))
    }
}

extension NodeDriver {
    /// Enters what the driver, its network and its store have counted.
    func count(in metrics: inout NodeMetrics) {
        (metrics.validSignatures, metrics.invalidSignatures) = verifier.counts
        metrics.storageWrites = store.writeCount
        metrics.storageSynchronous = store.synchronousLevel
        let peers = network.peers.compactMap(\.security)
        metrics.connections = Set(peers).sorted().map { security in
            NodeMetrics.Connection(security: security, count: peers.count { $0 == security })
        }
        let counters = network.counters
        (metrics.received, metrics.sent) = (traffic(counters.received), traffic(counters.sent))
        let unknown = counters.receivedUnknown
        metrics.received.append(
            NodeMetrics.Traffic(kind: "unknown", frames: unknown.frames, bytes: unknown.bytes)
        )
        metrics.dropped = NetworkCounters.Drop.allCases.map { reason in
            // A request that the disk has no turn for is beyond the budget like one that never got to it.
            let unserved = reason == .overBudget ? servings.droppedCount : 0
            return NodeMetrics.Drop(reason: reason.rawValue, frames: counters.dropped(reason) + unserved)
        }
    }

    private func traffic(_ traffic: [FrameKind: NetworkCounters.Traffic]) -> [NodeMetrics.Traffic] {
        FrameKind.allCases.map { kind in
            let entry = traffic[kind] ?? NetworkCounters.Traffic()
            return NodeMetrics.Traffic(kind: "\(kind)", frames: entry.frames, bytes: entry.bytes)
        }
    }
}
