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
                transactions.append(try configuration.reader.read(bytes))
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

    /// - Returns: Whether a block took any of them.
    mutating func onTransactions(_ batch: [[UInt8]], from peer: PeerID) -> Bool {
        var transactions: [Transaction] = []
        var isTaken = false
        for bytes in batch {
            let leaf = LeafHash(of: bytes)
            // What a proposal waits for is checked with its block; the rest waits for a block of its own.
            guard !offer(bytes, leaf: leaf) else {
                isTaken = true
                continue
            }
            guard mempool[leaf] == nil, !inFlight.contains(leaf) else { continue }
            guard let transaction = try? configuration.reader.read(bytes) else {
                // Once a frame, which may hold thousands: no honest node passes on a single one, so the rest is not read.
                turn.add(.penalize(peer, .malformed(.transactions)))
                break
            }
            transactions.append(transaction)
        }
        check(transactions, source: peer, isOwn: false)
        return isTaken
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
            if case .none(let waiting) = mempool.room(for: transaction) {
                // Before its signature costs anything: a flood is not to keep the others' waiting.
                answer(transaction, lackOfRoom(transaction.issuer, waiting: waiting), isOwn: isOwn)
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
        var isPenalized = false
        for (verified, asked) in zip(checked, asked) {
            inFlight.end(asked.transaction.leaf)
            guard let verified else {
                // Once a frame; what is valid beside it was checked and is taken.
                if let peer, !isPenalized { turn.add(.penalize(peer, .invalidSignature(.transactions))) }
                isPenalized = true
                let refusal = Refusal(
                    .signature,
                    "the signature is not that of key \(asked.transaction.keyID)",
                    hint: "Sign it again: these bytes will never be accepted."
                )
                answer(asked.transaction, refusal, isOwn: isOwn)
                offerChecked(asked.transaction)
                continue
            }
            admit(verified, from: peer, isOwn: isOwn)
            offerChecked(asked.transaction)
        }
    }

    /// A proposal that came while a transaction was being checked waits for it, whatever came of the check: what names an
    /// invalid one is refused at once.
    private mutating func offerChecked(_ transaction: Transaction) {
        guard configuration.guards[.checkedOffered] else { return }
        _ = offer(transaction.bytes, leaf: transaction.leaf)
    }

    // MARK: - Admission

    private mutating func admit(_ verified: Verified<Transaction>, from peer: PeerID?, isOwn: Bool) {
        let transaction = verified.value
        if isFinal(transaction.id) {
            if isOwn { turn.add(.notify(.alreadyFinal(transaction.id, transaction.leaf))) }
            return
        }
        if !mempool.contains(transaction.id) {
            do {
                let isLimited = try checkDisputeRate(of: transaction, from: peer, isOwn: isOwn)
                try wait(for: verified)
                if isLimited { disputeRate.take(transaction.issuer, at: clock.monotonic) }
            } catch {
                return answer(transaction, error, isOwn: isOwn)
            }
            outgoing.append(Outgoing(bytes: transaction.bytes, source: peer))
        }
        if isOwn { turn.add(.notify(.pending(transaction.id, transaction.leaf))) }
    }

    /// Has an admissible transaction wait for a block; whoever holds more than its issuer makes room where there is none.
    mutating func wait(for verified: Verified<Transaction>) throws(Refusal) {
        let transaction = verified.value
        if case .none(let waiting) = mempool.room(for: transaction) {
            throw lackOfRoom(transaction.issuer, waiting: waiting)
        }
        try admission.admit(verified)
        while case .heldBy(let member) = mempool.room(for: transaction) {
            for lost in mempool.shrink(member, for: transaction.bytes.count) {
                let refusal = lackOfRoom(member, waiting: mempool.count(of: member))
                turn.add(.notify(.rejected(lost.leaf, lost.id, refusal)))
            }
            admission.forget()
        }
        mempool.insert(verified, at: clock.monotonic)
        answerAskers([verified])
    }

    private func lackOfRoom(_ member: MemberID, waiting: Int) -> Refusal {
        Refusal(
            .overloaded,
            "\(mempool.count) transactions wait for a block here, \(waiting) of them of \(member)",
            hint: "Send the same bytes again later, or to another node.",
            retryAfterSeconds: 2
        )
    }

    /// Refuses a dispute of an observer that opened several lately, where it enters the network.
    ///
    /// That is where a client hands it in, or a node that does not vote passes it on. What a validator passes on was let in
    /// there, and is not left with it alone.
    ///
    /// - Returns: Whether the transaction counts.
    private func checkDisputeRate(
        of transaction: Transaction,
        from peer: PeerID?,
        isOwn: Bool
    ) throws(Refusal) -> Bool {
        guard case .success(.disputeOpen) = transaction.content,
            peer.map({ peers[$0]?.index == nil }) ?? isOwn,
            admission.isObserver(transaction.issuer)
        else { return false }
        if let refusal = disputeRate.refusal(of: transaction.issuer, at: clock.monotonic) { throw refusal }
        return true
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
    ///
    /// A proposal hurries: what it names goes out before it, and while it is being written.
    mutating func flushOutgoing(hurries: Bool = false) {
        guard !outgoing.isEmpty, hurries || clock.monotonic >= outgoingSentAt + Core.batchInterval else {
            return
        }
        let batch = outgoing
        outgoing.removeAll(keepingCapacity: true)
        let all = takers
        for peer in peersByTurnToLead where all.contains(peer) {
            // A loop and no closure, which would copy the whole core for each of them.
            var wanted: [[UInt8]] = []
            for outgoing in batch where isNews(outgoing, to: peer) { wanted.append(outgoing.bytes) }
            // What nobody needs holds back nothing.
            if !wanted.isEmpty { outgoingSentAt = clock.monotonic }
            for message in PeerMessage.batches(of: wanted) { turn.sendAhead(message, to: [peer]) }
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
        let first = peers.ids { $0.index.map { next.contains($0) } ?? false }
        return first + peers.ids.filter { !first.contains($0) }
    }

    /// Transactions that wait for longer than 2Δ go to the next leaders again, the first few to everybody.
    mutating func resendTransactions() {
        let age = simplex.timing.retryInterval
        guard let oldest = mempool.oldest, clock.monotonic >= oldest.admittedAt + age,
            configuration.guards[.resend]
        else { return }
        // In turns, so that what one member has waiting does not hide what another has.
        var old: [[UInt8]] = []
        for (looked, entry) in mempool.turns.enumerated() {
            if old.count >= 50 || looked >= 1_000 { break }
            if clock.monotonic >= entry.admittedAt + age { old.append(entry.transaction.value.bytes) }
        }
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
