extension API {
    /// What a block commits to: `GET /v1/headers/{height}`.
    package struct Header: Codable, Hashable, Sendable {
        package var id: String
        package var height: UInt64
        package var chain: String
        package var epoch: UInt64
        package var view: UInt64
        package var parentView: UInt64
        package var parent: String
        package var timestamp: UInt64
        /// Index among the validators of the epoch.
        package var leader: Int
        package var leaderMember: String?
        package var logSize: UInt64
        package var logRoot: String
        package var bodyByteCount: UInt64
        package var stateRoot: String
        package var validatorsHash: String
        package var nextValidatorsHash: String
        /// The bytes whose SHA-256 is `id`, in hexadecimal.
        package var encoded: String

        package init(
            id: String,
            height: UInt64,
            chain: String,
            epoch: UInt64,
            view: UInt64,
            parentView: UInt64,
            parent: String,
            timestamp: UInt64,
            leader: Int,
            leaderMember: String? = nil,
            logSize: UInt64,
            logRoot: String,
            bodyByteCount: UInt64,
            stateRoot: String,
            validatorsHash: String,
            nextValidatorsHash: String,
            encoded: String
        ) {
            self.id = id
            self.height = height
            self.chain = chain
            self.epoch = epoch
            self.view = view
            self.parentView = parentView
            self.parent = parent
            self.timestamp = timestamp
            self.leader = leader
            self.leaderMember = leaderMember
            self.logSize = logSize
            self.logRoot = logRoot
            self.bodyByteCount = bodyByteCount
            self.stateRoot = stateRoot
            self.validatorsHash = validatorsHash
            self.nextValidatorsHash = nextValidatorsHash
            self.encoded = encoded
        }
    }

    /// A transaction's line in a block.
    package struct BlockEntry: Codable, Hashable, Sendable {
        package var id: String
        package var position: Int
        package var type: String
        package var issuer: String
        package var subject: String
        /// In words, for people.
        package var summary: LocalizedText?
        package var isFictional: Bool

        package init(
            id: String,
            position: Int,
            type: String,
            issuer: String,
            subject: String,
            summary: LocalizedText? = nil,
            isFictional: Bool = false
        ) {
            self.id = id
            self.position = position
            self.type = type
            self.issuer = issuer
            self.subject = subject
            self.summary = summary
            self.isFictional = isFictional
        }
    }

    /// A final block: `GET /v1/blocks/{height, id or head}`.
    package struct Block: Codable, Hashable, Sendable {
        package var header: Header
        /// In their order.
        package var transactions: [BlockEntry]
        /// Members whose finalize votes this node holds; empty where a descendant made it final.
        package var signers: [String]

        package init(header: Header, transactions: [BlockEntry], signers: [String] = []) {
            self.header = header
            self.transactions = transactions
            self.signers = signers
        }
    }
}
