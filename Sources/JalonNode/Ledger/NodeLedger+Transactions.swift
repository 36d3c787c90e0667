import JalonAPI
import JalonCore
import JalonCrypto
import JalonModel
import JalonSchema
import JalonState
import JalonStorage

extension NodeLedger {
    func transaction(_ id: TransactionID) async throws -> API.Transaction {
        // What waits is looked at first: what leaves it for a block is on the disk before.
        let pending = view.pending(id)
        if let stored = try reader.transaction(id) { return try final(stored) }
        if let archived = try reader.archivedTransaction(id) { return try final(id, archived) }
        let head = view.snapshot.timestamp
        if let pending {
            return API.Transaction(pending, state: pending.expires < head ? .expired : .pending)
        }
        guard let remembered = view.refusal(of: id) else {
            return API.Transaction(id: id.hex, state: .unknown, problem: mayBeEarlier(id))
        }
        // No later block may hold it: only now is it certain that none ever will.
        let isExpired = remembered.expires.map { $0 < head } ?? false
        return API.Transaction(
            id: id.hex,
            state: isExpired ? .expired : .rejected,
            problem: API.Problem(remembered.refusal, of: id),
            expires: remembered.expires?.value
        )
    }

    func transactions(beginningWith digits: String, limit: Int) async throws -> [API.Transaction] {
        guard let prefix = IDPrefix(digits) else {
            throw NodeLedger.query("'\(digits)' begins no id: expected 8 to 16 hexadecimal digits")
        }
        let held = try reader.transactions(withPrefix: prefix, limit: limit).map { stored in
            var answer = try final(stored)
            answer.body = nil
            return answer
        }
        let archived = try reader.archivedTransactions(withPrefix: prefix, limit: limit).compactMap { id in
            try reader.archivedTransaction(id).map { try final(id, $0) }
        }
        return held + archived
    }

    func settledTransaction(_ id: TransactionID) async throws -> API.Transaction {
        while true {
            let changes = view.changes
            let answer = try await transaction(id)
            switch answer.state {
            case .final, .rejected, .expired: return answer
            case .pending, .unknown: try await view.change(since: changes, of: id)
            }
        }
    }

    func transactionBytes(_ id: TransactionID) async throws -> [UInt8]? {
        let pending = view.pending(id)
        if let stored = try reader.transaction(id) { return stored.bytes }
        if let archived = try reader.archivedTransaction(id) { throw NodeLedger.archived(id, archived) }
        if pending == nil, let problem = mayBeEarlier(id) { throw problem }
        // The id says nothing of the signature, so a copy that was handed in is only served with a good one.
        guard let pending, let key = view.snapshot.state.key(pending.keyID)?.key else { return nil }
        return pending.verified(key: key, by: KeySignatureVerifier())?.value.bytes
    }

    // MARK: - Submitting

    func submit(_ transactions: [Transaction]) async throws -> [API.Transaction] {
        let snapshot = view.snapshot
        let state = snapshot.state
        if let reason = NodeLedger.unheard(node, in: state) {
            throw API.Problem.unavailable(
                "E_MIRROR",
                "\(reason): members' nodes take no transactions from it",
                hint: "Send it to the node of a member, with --node URL: \(NodeLedger.heardNodes(in: state))"
            )
        }
        // It would pass them on, but could neither hold nor confirm what comes of them.
        guard snapshot.diskSpace != .exhausted else {
            throw API.Problem.unavailable(
                "E_DISK_FULL",
                NodeLedger.exhaustedDisk,
                hint: "Send the same bytes to another node, with --node URL: nothing is recorded twice."
            )
        }
        let bytes = transactions.map(\.bytes)
        let settlements = await view.settlements(of: transactions, within: submissionLimit) { submit(bytes) }
        return try transactions.map { transaction in
            switch settlements[transaction.leaf] {
            case .pending: return API.Transaction(transaction, state: .pending, hasBody: false)
            case .rejected(let refusal):
                if let answer = try final(transaction, despite: refusal) { return answer }
                return API.Transaction(
                    transaction,
                    state: .rejected,
                    problem: API.Problem(refusal, of: transaction.id),
                    hasBody: false
                )
            case .final:
                guard let stored = try reader.transaction(transaction.id) else {
                    throw NodeLedgerError.missing(transaction.id)
                }
                return try final(stored)
            case nil: return API.Transaction(transaction, state: .unknown, problem: NodeLedger.unanswered)
            }
        }
    }

    /// A refused transaction that is final long since: it has expired or its signer may no longer.
    ///
    /// It is looked for only where something is refused, so that new ones cost no look at the disk; and not where no
    /// known key signed these bytes, which anybody can make as many of as they like: no such are final.
    private func final(_ transaction: Transaction, despite refusal: Refusal) throws -> API.Transaction? {
        guard refusal.code != .unknownKey, refusal.code != .signature else { return nil }
        if let stored = try reader.transaction(transaction.id) { return try final(stored) }
        guard let archived = try reader.archivedTransaction(transaction.id) else { return nil }
        var answer = try final(transaction.id, archived)
        answer.problem = nil
        return answer
    }

    /// Why peers drop what this node passes on, in words: they take transactions from the nodes of members alone.
    ///
    /// - Returns: `nil` where they take them; the node of an observer passes them on as well as any.
    static func unheard(_ node: KeyID, in state: LedgerState) -> String? {
        guard let key = state.key(node), let member = state.member(key.member) else {
            return "this node is a mirror, its key \(node) is no member's"
        }
        if member.standing == .removed { return "\(member.id), whose node this is, was removed" }
        guard member.nodes.contains(where: { $0.key.id == node }) else {
            return "\(member.id) has another node key now than this node's \(node)"
        }
        return nil
    }

    /// The first validators, with the hosts of their nodes where those are known.
    static func heardNodes(in state: LedgerState) -> String {
        let named = state.validators.validators.prefix(4).map { validator in
            let nodes = state.member(validator.member)?.nodes ?? []
            let host = nodes.lazy.flatMap(\.addresses).first?.text
            return validator.member.text + (host.map { " (its peers dial \($0))" } ?? "")
        }
        let count = state.validators.count
        return named.joined(separator: ", ") + (count > named.count ? " …" : "") + ". See: jalon member list"
    }

    private static let unanswered = API.Problem.unavailable(
        "E_TIMEOUT",
        "the node did not check the transaction in time",
        hint: "Send the same bytes again, here or to another node: nothing is recorded twice."
    )

    /// A final transaction whose body was dropped, with its place and its hash.
    private func final(_ id: TransactionID, _ archived: ArchivedTransaction) throws -> API.Transaction {
        let location = archived.location
        let header = try reader.header(at: location.height)
        return API.Transaction(
            id: id.hex,
            state: .final,
            height: location.height.value,
            position: location.position,
            block: header?.id.hex,
            logIndex: location.logIndex,
            leaf: archived.leaf.hex,
            timestamp: header?.timestamp.value,
            problem: NodeLedger.archived(id, archived)
        )
    }

    /// A final transaction with its place.
    private func final(_ stored: StoredTransaction) throws -> API.Transaction {
        let transaction = try Transaction(bytes: stored.bytes)
        var answer = API.Transaction(transaction, state: .final)
        let body = try? transaction.content.get()
        answer.summary = body.map { API.LocalizedText(Summary($0, state: view.snapshot.state)) }
        let header = try reader.header(at: stored.location.height)
        answer.height = stored.location.height.value
        answer.position = stored.location.position
        answer.logIndex = stored.location.logIndex
        answer.block = header?.id.hex
        answer.timestamp = header?.timestamp.value
        return answer
    }
}
