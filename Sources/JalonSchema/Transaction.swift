extension API {
    /// The final transactions whose ids begin with the digits that were asked for: `GET /v1/ids/{digits}`.
    package struct IDMatches: Codable, Hashable, Sendable {
        /// Entries that an answer holds at the most.
        package static let maximumCount = 20

        /// The newest first, without their bodies.
        package var transactions: [Transaction]

        package init(transactions: [Transaction]) {
            self.transactions = transactions
        }
    }

    /// What a node knows of a transaction.
    package enum TransactionState: String, Codable, CaseIterable, Hashable, Sendable {
        /// Never seen, or forgotten.
        case unknown
        /// Accepted and not yet in a final block.
        case pending
        /// Refused by this node, in its present state; not an answer for ever.
        case rejected
        /// In a final block. Terminal.
        case final
        /// Its time passed without it. Terminal.
        case expired
    }

    /// A transaction as a node sees it: `GET /v1/transactions/{id}`.
    package struct Transaction: Codable, Hashable, Sendable {
        /// Absent where the bytes are no transaction.
        package var id: String?
        package var state: TransactionState
        /// Where it is final.
        package var height: UInt64?
        /// Within its block, from 0.
        package var position: Int?
        package var block: String?
        /// Its place in the log, from 0.
        package var logIndex: UInt64?
        /// Its hash in the log, where the node holds no more of it.
        package var leaf: String?
        /// Of its block.
        package var timestamp: UInt64?
        /// Why it was rejected, or why there is no more to see of it here.
        package var problem: Problem?
        /// For example `milestone.report`.
        package var type: String?
        /// The member.
        package var issuer: String?
        /// The id of what it is about.
        package var subject: String?
        package var keyID: String?
        /// The last block time at which it may stand in a block.
        package var expires: UInt64?
        package var byteCount: Int?
        /// Whether it reports an invented value: show `DEMO DATA`.
        package var isFictional: Bool
        /// What it did, in words after its issuer's name; only where it is final.
        package var summary: LocalizedText?
        /// The signed body, for reading: the truth is the bytes.
        package var body: JSON?

        package init(
            id: String? = nil,
            state: TransactionState,
            height: UInt64? = nil,
            position: Int? = nil,
            block: String? = nil,
            logIndex: UInt64? = nil,
            leaf: String? = nil,
            timestamp: UInt64? = nil,
            problem: Problem? = nil,
            type: String? = nil,
            issuer: String? = nil,
            subject: String? = nil,
            keyID: String? = nil,
            expires: UInt64? = nil,
            byteCount: Int? = nil,
            isFictional: Bool = false,
            summary: LocalizedText? = nil,
            body: JSON? = nil
        ) {
            self.id = id
            self.state = state
            self.height = height
            self.position = position
            self.block = block
            self.logIndex = logIndex
            self.leaf = leaf
            self.timestamp = timestamp
            self.problem = problem
            self.type = type
            self.issuer = issuer
            self.subject = subject
            self.keyID = keyID
            self.expires = expires
            self.byteCount = byteCount
            self.isFictional = isFictional
            self.summary = summary
            self.body = body
        }
    }

    /// `POST /v1/transactions`: one answer a transaction, in the order sent.
    package struct SubmitResult: Codable, Hashable, Sendable {
        package var transactions: [Transaction]

        package init(transactions: [Transaction]) {
            self.transactions = transactions
        }
    }
}
