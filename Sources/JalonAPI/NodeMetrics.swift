package import JalonSchema

/// What a node has counted since its start and where it stands: `GET /metrics`, in Prometheus' text format 0.0.4.
///
/// Names are `jalon_<part>_<what>_<unit>`; every dimension is of a closed set.
package struct NodeMetrics: Equatable, Sendable {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// Blocks since the genesis that are final here.
    package var finalHeight: UInt64 = 0
    /// Transactions in the log.
    package var logSize: UInt64 = 0
    /// The view that the node is in.
    package var view: UInt64 = 0
    /// Transactions that wait for a block.
    package var mempoolCount = 0
    /// Validators that are connected, this node included where it is one.
    package var connectedValidators = 0
    /// Two contradicting votes each, of validators that were caught.
    package var evidenceCount = 0
    /// Signatures that were checked and found valid: of transactions, votes, certificates and evidence.
    package var validSignatures: UInt64 = 0
    /// Signatures that were checked and found not valid.
    package var invalidSignatures: UInt64 = 0
    /// Writes to the ledger's file, each synchronized once.
    package var storageWrites: UInt64 = 0
    /// What SQLite reads back for `PRAGMA synchronous` on the writer's connection: 2, FULL.
    package var storageSynchronous: Int64 = 0
    /// What the disk holds; `nil` before it was measured first.
    package var storageUse: API.StorageUse?
    /// Peers that are connected, by the protocol that their handshake agreed on.
    package var connections: [Connection] = []
    /// Frames and their bytes, by kind; those received of a kind that this program does not know are `unknown`.
    package var received: [Traffic] = []
    package var sent: [Traffic] = []
    /// Frames that were not sent or not handed on, by reason.
    package var dropped: [Drop] = []

    package init() {}

    package struct Connection: Equatable, Sendable {
        /// For example `TLSv1.3`.
        package var security: String
        package var count: Int

        package init(security: String, count: Int) {
            (self.security, self.count) = (security, count)
        }
    }

    package struct Traffic: Equatable, Sendable {
        package var kind: String
        package var frames: UInt64
        package var bytes: UInt64

        package init(kind: String, frames: UInt64, bytes: UInt64) {
            (self.kind, self.frames, self.bytes) = (kind, frames, bytes)
        }
    }

    package struct Drop: Equatable, Sendable {
        package var reason: String
        package var frames: UInt64

        package init(reason: String, frames: UInt64) {
            (self.reason, self.frames) = (reason, frames)
        }
    }

    // MARK: - Text

    /// The exposition, one family after the other, in a fixed order.
    package var text: String {
        var text = Exposition()
        text.gauge("jalon_ledger_final_height_blocks", "Final blocks since the genesis.", finalHeight)
        text.counter("jalon_ledger_log_transactions_total", "Transactions in the log.", logSize)
        text.gauge(
            "jalon_consensus_entered_views",
            "The view that the node is in: how many it has entered.",
            view
        )
        text.gauge(
            "jalon_consensus_connected_validators",
            "Validators that are connected, this node included.",
            connectedValidators
        )
        text.gauge(
            "jalon_consensus_evidence_pairs",
            "Pairs of contradicting votes of one validator.",
            evidenceCount
        )
        text.gauge("jalon_mempool_waiting_transactions", "Transactions that wait for a block.", mempoolCount)
        text.family("jalon_crypto_verified_signatures_total", "Signatures that were checked.", "counter")
        text.sample("jalon_crypto_verified_signatures_total", ("result", "valid"), validSignatures)
        text.sample("jalon_crypto_verified_signatures_total", ("result", "invalid"), invalidSignatures)
        text.counter("jalon_storage_writes_total", "Writes, each synchronized once.", storageWrites)
        text.gauge(
            "jalon_storage_synchronous_level",
            "PRAGMA synchronous as the writer's connection reads it back: 2 is FULL.",
            storageSynchronous
        )
        if let storageUse { storage(storageUse, in: &text) }
        text.family("jalon_network_connected_peers", "Peers, by the protocol of their link.", "gauge")
        for entry in connections {
            text.sample("jalon_network_connected_peers", ("security", entry.security), entry.count)
        }
        traffic("received", received, in: &text)
        traffic("sent", sent, in: &text)
        text.family("jalon_network_dropped_frames_total", "Frames not sent or not handed on.", "counter")
        for drop in dropped {
            text.sample("jalon_network_dropped_frames_total", ("reason", drop.reason), drop.frames)
        }
        return text.text
    }

    private func storage(_ use: API.StorageUse, in text: inout Exposition) {
        text.gauge("jalon_storage_ledger_bytes", "The ledger's file and its log.", use.ledgerBytes)
        text.gauge("jalon_storage_free_bytes", "What may still be written to its disk.", use.freeBytes)
        // Families that say nothing yet are left out, so that no rule takes a missing value for 0.
        guard let growth = use.growth else { return }
        text.gauge(
            "jalon_storage_daily_growth_bytes",
            "How much the ledger grows in a day, by the times in its blocks.",
            growth.bytesPerDay
        )
        guard let days = growth.daysUntilFull else { return }
        text.gauge("jalon_storage_until_full_days", "Days until the disk is too full for votes.", days)
    }

    private func traffic(_ direction: String, _ traffic: [Traffic], in text: inout Exposition) {
        let (frames, bytes) = (
            "jalon_network_\(direction)_frames_total", "jalon_network_\(direction)_bytes_total"
        )
        text.family(frames, "Frames \(direction), by kind.", "counter")
        for entry in traffic { text.sample(frames, ("kind", entry.kind), entry.frames) }
        text.family(bytes, "Bytes of frames \(direction), heads included.", "counter")
        for entry in traffic { text.sample(bytes, ("kind", entry.kind), entry.bytes) }
    }
}

/// Puts families and samples in the text format; names and label values are ours and need no escapes.
private struct Exposition {
    private(set) var text = ""

    mutating func family(_ name: String, _ help: String, _ type: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    mutating func gauge(_ name: String, _ help: String, _ value: some BinaryInteger) {
        family(name, help, "gauge")
        text += "\(name) \(value)\n"
    }

    mutating func counter(_ name: String, _ help: String, _ value: UInt64) {
        family(name, help, "counter")
        text += "\(name) \(value)\n"
    }

    mutating func sample(_ name: String, _ label: (name: String, value: String), _ value: some BinaryInteger)
    {
        text += "\(name){\(label.name)=\"\(label.value)\"} \(value)\n"
    }
}
