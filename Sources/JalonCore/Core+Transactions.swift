import JalonConsensus
import JalonCrypto
import JalonModel
import JalonState

/// A transaction on its way to the peers.
struct Outgoing: Sendable {
    let bytes: [UInt8]
    /// Who sent it here; `nil` where a client of this node did.
    let source: PeerID?
}

extension Core {
    /// Admitted transactions are gathered for at most so many milliseconds before they are sent on.
    static let batchInterval: UInt64 = 10

    // MARK: - Coming in

    mutating func onSubmitted(_ submitted: [[UInt8]]) {
        var transactions: [Transaction] = []
        for bytes in submitted {
            do {
                transactions.append(try Transaction(bytes: bytes))
            } catch {
                let refusal = Refusal(
                    .malformed,
                    "not a transaction: \(error)",
                    hint: "Make it with the jalon command."
                )
                turn.add(.notify(.rejected(LeafHash(of: bytes), nil, refusal)))
            }
        }
        check(transactions, source: nil, isOwn: true)
    }

    mutating func onTransactions(_ batch: [[UInt8]], from peer: PeerID) {
        var transactions: [Transaction] = []
        for bytes in batch {
            let leaf = LeafHash(of: bytes)
            // What a proposal waits for is checked with its block; the rest waits for a block of its own.
            guard !offer(bytes, leaf: leaf), mempool[leaf] == nil else { continue }
            guard let transaction = try? Transaction(bytes: bytes) else {
                turn.add(.penalize(peer, .malformed(.transactions)))
                continue
            }
            transactions.append(transaction)
        }
        check(transactions, source: peer, isOwn: false)
    }

    /// Has the signatures of new transactions checked; answers at once where that is not needed.
    mutating func check(_ transactions: [Transaction], source: PeerID?, isOwn: Bool) {
        var unchecked: [(transaction: Transaction, key: PublicKey)] = []
        for transaction in transactions {
            if isFinal(transaction.id) {
                if isOwn { turn.add(.notify(.alreadyFinal(transaction.id, transaction.leaf))) }
                continue
            }
            if mempool.contains(transaction.id) {
                if isOwn { turn.add(.notify(.pending(transaction.id, transaction.leaf))) }
                continue
            }
            guard let key = admission.key(transaction.keyID) else {
                let refusal = Refusal(
                    .unknownKey,
                    "no member has the key \(transaction.keyID)",
                    hint: "Sign with a key of \(transaction.issuer): jalon key show FILE prints a key's id."
                )
                answer(transaction, refusal, isOwn: isOwn)
                continue
            }
            // A client's own copy is always checked, so that it is always answered.
            guard inFlight.begin(transaction.leaf) || isOwn else { continue }
            unchecked.append((transaction, key))
        }
        guard !unchecked.isEmpty else { return }
        turn.add(.verify(Verification(source: source, subject: .transactions(unchecked, isOwn: isOwn))))
    }

    mutating func onVerifiedTransactions(
        _ checked: [Verified<Transaction>?],
        of asked: [(transaction: Transaction, key: PublicKey)],
        from peer: PeerID?,
        isOwn: Bool
    ) {
        refreshAdmission()
        for (verified, asked) in zip(checked, asked) {
            inFlight.end(asked.transaction.leaf)
            guard let verified else {
                if let peer { turn.add(.penalize(peer, .invalidSignature(.transactions))) }
                let refusal = Refusal(
                    .signature,
                    "the signature is not that of key \(asked.transaction.keyID)",
                    hint: "Sign it again: these bytes will never be accepted."
                )
                answer(asked.transaction, refusal, isOwn: isOwn)
                continue
            }
            admit(verified, from: peer, isOwn: isOwn)
        }
    }

    // MARK: - Admission

    private mutating func admit(_ verified: Verified<Transaction>, from peer: PeerID?, isOwn: Bool) {
        let transaction = verified.value
        if isFinal(transaction.id) {
            if isOwn { turn.add(.notify(.alreadyFinal(transaction.id, transaction.leaf))) }
            return
        }
        if !mempool.contains(transaction.id) {
            guard mempool.hasRoom(for: transaction.bytes.count) else {
                let refusal = Refusal(
                    .overloaded,
                    "\(mempool.count) transactions wait already",
                    hint: "Send the same bytes again later."
                )
                return answer(transaction, refusal, isOwn: isOwn)
            }
            do {
                try admission.admit(verified)
            } catch {
                return answer(transaction, error, isOwn: isOwn)
            }
            mempool.insert(verified, at: clock.monotonic)
            outgoing.append(Outgoing(bytes: transaction.bytes, source: peer))
        }
        if isOwn { turn.add(.notify(.pending(transaction.id, transaction.leaf))) }
    }

    private mutating func answer(_ transaction: Transaction, _ refusal: Refusal, isOwn: Bool) {
        guard isOwn else { return }
        turn.add(.notify(.rejected(transaction.leaf, transaction.id, refusal)))
    }

    /// Brings the admission state up to date and tells what can't stand in a block any more.
    mutating func refreshAdmission() {
        // A leader's time, as for any block: a node whose own clock is far ahead must not call everything expired.
        let time = leaderTime(on: tree.tip)
        let dropped = admission.refresh(
            on: tree.tip,
            genesis: genesis,
            time: time,
            at: clock.monotonic,
            mempool: &mempool
        )
        for (transaction, refusal) in dropped {
            turn.add(.notify(.rejected(transaction.leaf, transaction.id, refusal)))
        }
    }

    // MARK: - Going out

    /// Sends what was admitted, at once where the last batch is ``batchInterval`` ago, else together with what comes.
    mutating func flushOutgoing() {
        guard !outgoing.isEmpty, clock.monotonic >= outgoingSentAt + Core.batchInterval else { return }
        outgoingSentAt = clock.monotonic
        let batch = outgoing
        outgoing.removeAll(keepingCapacity: true)
        let all = takers
        for peer in peersByTurnToLead where all.contains(peer) {
            // A loop and no closure, which would copy the whole core for each of them.
            var wanted: [[UInt8]] = []
            for outgoing in batch where isNews(outgoing, to: peer) { wanted.append(outgoing.bytes) }
            for message in PeerMessage.batches(of: wanted) { turn.send(message, to: [peer]) }
        }
    }

    /// Who gets transactions: the validators, and where some of them have no link to this node every peer, since the way to
    /// them may lead through nodes that do not vote.
    private var takers: [PeerID] {
        let isPartial = simplex.context.validators.indices.contains { $0 != simplex.own && !peers.hears($0) }
        return isPartial && configuration.guards[.transactionsPassedOn] ? peers.ids : peers.validators
    }

    /// A peer gets what came from a client here, or from a peer that it does not hear itself.
    private func isNews(_ outgoing: Outgoing, to peer: PeerID) -> Bool {
        guard let source = outgoing.source else { return true }
        guard configuration.guards[.relayTransactions] else { return false }
        guard source != peer else { return false }
        guard let index = peers[source]?.index, let tip = peers[peer]?.tip else { return true }
        return !tip.hears(index)
    }

    /// The connected peers, the leaders of the next views first.
    private var peersByTurnToLead: [PeerID] {
        let next = [simplex.leader(of: simplex.view), simplex.leader(of: simplex.view.next)]
        let first = peers.ids.filter { id in peers[id]?.index.map { next.contains($0) } ?? false }
        return first + peers.ids.filter { !first.contains($0) }
    }

    /// Transactions that wait for longer than 2Δ go to the next leaders again, the oldest few to everybody.
    mutating func resendTransactions() {
        let age = simplex.timing.retryInterval
        var old: [[UInt8]] = []
        for entry in mempool.inOrder {
            if old.count >= 50 || clock.monotonic < entry.admittedAt + age { break }
            old.append(entry.transaction.value.bytes)
        }
        guard !old.isEmpty, configuration.guards[.resend] else { return }
        let leaders = [simplex.leader(of: simplex.view), simplex.leader(of: simplex.view.next)]
        for peer in takers {
            let isLeader = peers[peer]?.index.map { leaders.contains($0) } ?? false
            let part = isLeader ? old : Array(old.prefix(5))
            for message in PeerMessage.batches(of: part) { turn.send(message, to: [peer]) }
        }
    }
}

extension PeerMessage {
    /// Transactions in as few messages as their bounds allow.
    static func batches(of transactions: [[UInt8]]) -> [PeerMessage] {
        var messages: [PeerMessage] = []
        var batch: [[UInt8]] = []
        var byteCount = 16
        for bytes in transactions {
            if byteCount + bytes.count + 8 > transactionsByteCount
                || batch.count >= BlockLimits.transactionCount
            {
                messages.append(.transactions(batch))
                batch = []
                byteCount = 16
            }
            batch.append(bytes)
            byteCount += bytes.count + 8
        }
        if !batch.isEmpty { messages.append(.transactions(batch)) }
        return messages
    }
}
