extension API {
    /// The last final block of this node.
    package struct Head: Codable, Hashable, Sendable {
        /// Blocks since the genesis.
        package var height: UInt64
        /// The block id.
        package var block: String
        /// Root of the state after the block: equal at equal height on every node.
        package var stateRoot: String
        /// Transactions in the log.
        package var logSize: UInt64
        /// RFC 9162 root of the log.
        package var logRoot: String
        package var epoch: UInt64
        /// The view in which the block was proposed.
        package var view: UInt64
        /// The block's time, milliseconds since 1970 UTC.
        package var timestamp: UInt64

        package init(
            height: UInt64,
            block: String,
            stateRoot: String,
            logSize: UInt64,
            logRoot: String,
            epoch: UInt64,
            view: UInt64,
            timestamp: UInt64
        ) {
            self.height = height
            self.block = block
            self.stateRoot = stateRoot
            self.logSize = logSize
            self.logRoot = logRoot
            self.epoch = epoch
            self.view = view
            self.timestamp = timestamp
        }
    }

    /// How many validators there are, and how many this node hears.
    package struct Validators: Codable, Hashable, Sendable {
        /// Validators of the current epoch: n.
        package var total: Int
        /// The quorum: n − f.
        package var needed: Int
        /// This node included, where it is one.
        package var connected: Int
        /// f = ⌊(n − 1) / 3⌋; 0 for n ≤ 3: one validator that stops then stops the ledger.
        package var toleratedFaults: Int

        package init(total: Int, needed: Int, connected: Int, toleratedFaults: Int) {
            self.total = total
            self.needed = needed
            self.connected = connected
            self.toleratedFaults = toleratedFaults
        }
    }

    /// What a node can't do for want of disk space; it goes on by itself once there is room.
    package enum DiskShortage: String, Codable, Hashable, Sendable {
        /// Less than 64 MiB: a validator casts no votes.
        case low
        /// Less than 16 MiB: no blocks and no transactions are taken either.
        case exhausted
    }

    /// A node, its head and its view of the network: `GET /v1/head`.
    package struct NodeStatus: Codable, Hashable, Sendable {
        /// The name of the network.
        package var network: String
        /// The chain id: the hash of the genesis.
        package var chain: String
        /// The member that runs this node.
        package var member: String?
        /// Whether this node votes; else it is an observer.
        package var isValidator: Bool
        /// Whether its vote may be cast now; absent for an observer.
        package var voting: Voting?
        /// Of the program.
        package var version: String
        package var head: Head
        /// The view that the network is in, as this node knows.
        package var view: UInt64
        package var validators: Validators
        /// The greatest height for which this node has seen a certificate.
        package var bestSignedHeight: UInt64
        /// Whether this node serves the newest state and could confirm a transaction.
        package var isReady: Bool
        /// Why not, in words, one reason each.
        package var notReady: [String]
        /// The day at which statuses are judged where a request names none.
        package var asOf: String
        /// Whether the network's parameter `statusDate` fixes that day.
        package var isDemonstrationDate: Bool
        /// Whether any reported value is fictional: show `DEMO DATA`.
        package var hasDemoData: Bool
        /// What its disk has no room for; absent where there is room for everything.
        package var diskShortage: DiskShortage?
        /// What its disk holds; absent before it was measured first.
        package var storage: StorageUse?
        /// What its operator should mend, one sentence each; absent where nothing is.
        package var warnings: [String]?
        /// The first block that it holds, where it joined by a snapshot; absent where it holds all of them.
        package var firstBlock: UInt64?

        package init(
            network: String,
            chain: String,
            member: String? = nil,
            isValidator: Bool,
            voting: Voting? = nil,
            version: String,
            head: Head,
            view: UInt64,
            validators: Validators,
            bestSignedHeight: UInt64,
            isReady: Bool,
            notReady: [String] = [],
            asOf: String,
            isDemonstrationDate: Bool,
            hasDemoData: Bool,
            storage: StorageUse? = nil,
            warnings: [String]? = nil
        ) {
            self.warnings = warnings
            self.network = network
            self.chain = chain
            self.member = member
            self.isValidator = isValidator
            self.voting = voting
            self.version = version
            self.head = head
            self.view = view
            self.validators = validators
            self.bestSignedHeight = bestSignedHeight
            self.isReady = isReady
            self.notReady = notReady
            self.asOf = asOf
            self.isDemonstrationDate = isDemonstrationDate
            self.hasDemoData = hasDemoData
            self.storage = storage
        }
    }
}

extension API.Validators {
    /// Whether enough validators are connected for a transaction to become final.
    package var hasQuorum: Bool { connected >= needed }
}

extension API.NodeStatus {
    /// Final blocks that this node still lacks, as far as it knows.
    package var blocksBehind: UInt64 {
        bestSignedHeight > head.height ? bestSignedHeight - head.height : 0
    }
}
