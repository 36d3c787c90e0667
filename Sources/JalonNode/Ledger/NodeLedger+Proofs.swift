import JalonAPI
import JalonCrypto
import JalonModel
import JalonSchema
import JalonState
import JalonStorage

// What others check without this node.
extension NodeLedger {
    func transparentStatement(of id: TransactionID, given: Transaction?) async throws -> [UInt8] {
        let stored = try await finalTransaction(id, given)
        let height = stored.location.height
        guard let (sealed, finalization) = try reader.finalization(atOrAbove: height),
            let header = try reader.header(at: sealed)
        else { throw NodeLedger.notSealed(height) }
        let snapshot = try await snapshot(notBelow: sealed)
        let proof = try await outline.inclusionProof(of: stored, in: header)
        guard let context = EpochContexts(genesis, snapshot.state)[finalization.epoch],
            let receipts = ReceiptSet.receipts(of: finalization, proof: proof, in: context),
            !receipts.isEmpty
        else { throw NodeLedger.damagedFinalization(sealed) }
        return TransparentStatement(transaction: try Transaction(bytes: stored.bytes), receipts: receipts)
            .encoded
    }

    func proof(of id: TransactionID, given: Transaction?) async throws -> [UInt8] {
        let stored = try await finalTransaction(id, given)
        let snapshot = try await snapshot(notBelow: stored.location.height)
        let seal = try seal(at: snapshot.height)
        let transaction = try Transaction(bytes: stored.bytes)
        // What the genesis says needs no proof.
        let isKnown = genesis.key(of: transaction) != nil
        let paths = [StatePath(recordOf: transaction), isKnown ? nil : .key(transaction.keyID)].compactMap {
            $0
        }
        var claims: [StateClaim] = []
        for path in paths where !claims.contains(where: { $0.path == path }) {
            claims.append(StateClaim(path, in: snapshot.state))
        }
        return Proof(
            seal: seal,
            epochs: try epochs(before: seal.header.epoch, snapshot.state),
            statement: Proof.Statement(
                transaction: transaction,
                inclusion: try await outline.inclusionProof(of: stored, in: seal.header)
            ),
            states: claims
        )
        .encoded
    }

    func stateProof(at path: String) async throws -> [UInt8] {
        guard let path = StatePath(path) else {
            throw NodeLedger.query(
                "path=\(path): no path of the state",
                hint: "For example path=commitment/CN-HN-2020-001; the list of paths: the page JalonState."
            )
        }
        let snapshot = view.snapshot
        let seal = try seal(at: snapshot.height)
        return Proof(
            seal: seal,
            epochs: try epochs(before: seal.header.epoch, snapshot.state),
            states: [StateClaim(path, in: snapshot.state)]
        )
        .encoded
    }

    func consistencyProof(from: UInt64, to: UInt64?) async throws -> [UInt8] {
        let snapshot = view.snapshot
        let head = snapshot.height.value
        let to = to ?? head
        for height in [from, to] where height > head {
            throw API.Problem.notFound(
                "E_UNKNOWN_BLOCK",
                "this node holds no final block \(height)",
                hint: "See /v1/head for its height."
            )
        }
        guard from <= to else {
            throw NodeLedger.query("from=\(from) is above to=\(to)", hint: "Give the earlier height first.")
        }
        guard from > 0 else {
            throw NodeLedger.query(
                "from=0: the log is empty at the genesis, and every log begins with an empty one",
                hint: "Give the height of a block."
            )
        }
        let (earlier, later) = (try seal(at: Height(from)), try seal(at: Height(to)))
        guard earlier.header.logSize > 0 else {
            throw NodeLedger.query("from=\(from): no transaction stands in the log of that block yet")
        }
        return Proof(
            seal: later,
            epochs: try epochs(before: later.header.epoch, snapshot.state),
            earlier: Proof.Earlier(
                seal: earlier,
                consistency: try await outline.consistencyProof(from: earlier.header, to: later.header)
            )
        )
        .encoded
    }

    // MARK: - Parts

    /// Finds a final transaction; one whose body was dropped is put together with what the request brings, once that is
    /// found to be what the log holds the hash of.
    private func finalTransaction(_ id: TransactionID, _ given: Transaction?) async throws
        -> StoredTransaction
    {
        if let stored = try reader.transaction(id) {
            if let given, given.leaf != LeafHash(of: stored.bytes) {
                throw NodeLedger.otherStatement(given, leaf: LeafHash(of: stored.bytes))
            }
            return stored
        }
        if let archived = try reader.archivedTransaction(id) {
            guard let given else { throw NodeLedger.archived(id, archived) }
            guard let stored = archived.transaction(given.bytes) else {
                throw NodeLedger.otherStatement(given, leaf: archived.leaf)
            }
            return stored
        }
        let known = try await transaction(id)
        guard known.state != .unknown else {
            if let problem = mayBeEarlier(id) { throw problem }
            throw API.Problem.notFound("E_UNKNOWN_TRANSACTION", "this node holds no transaction \(id.hex)")
        }
        throw API.Problem(
            code: "E_NOT_FINAL",
            title: "Not final",
            status: 409,
            detail: "the transaction \(id.hex) is \(known.state.rawValue): only what is final can be proven",
            hint: "Wait for it: jalon transaction wait \(id.hex)"
        )
    }

    /// The newest snapshot, once it has come to a height: the disk is a moment ahead.
    private func snapshot(notBelow height: Height) async throws -> LedgerSnapshot {
        while true {
            let changes = view.changes
            let snapshot = view.snapshot
            if snapshot.height >= height { return snapshot }
            try await view.change(since: changes)
        }
    }

    /// The header at a height, with the votes that make it final: its own, or those of the next block that has some.
    private func seal(at height: Height) throws -> Seal {
        try checkKnown(height.value)
        guard height.value > 0, let (last, finalization) = try reader.finalization(atOrAbove: height),
            last.value - height.value <= UInt64(Seal.maximumLinkCount)
        else { throw NodeLedger.notSealed(height) }
        var headers: [BlockHeader] = []
        for height in height.value...last.value {
            guard let header = try reader.header(at: Height(height)) else {
                throw StorageError.damaged(
                    table: "chain",
                    key: "height \(height)",
                    reason: "a final block is missing"
                )
            }
            headers.append(header)
        }
        return Seal(header: headers[0], links: Array(headers.dropFirst()), finalization: finalization)
    }

    /// How the validators handed over, epoch by epoch, up to the one of a block.
    private func epochs(before epoch: Epoch, _ state: LedgerState) throws -> [EpochChange] {
        guard epoch.value <= UInt64(Proof.maximumEpochCount) else {
            throw API.Problem.unavailable(
                "E_NOT_SEALED",
                "\(epoch) epochs since the genesis, a proof file holds \(Proof.maximumEpochCount)"
            )
        }
        return try state.epochs.prefix(Int(epoch.value)).map { record in
            guard let header = try reader.header(at: record.closing),
                let (height, finalization) = try reader.finalization(atOrAbove: record.closing),
                height == record.closing
            else { throw NodeLedger.damagedFinalization(record.closing) }
            return EpochChange(header: header, finalization: finalization, validators: record.validators)
        }
    }

    private static func notSealed(_ height: Height) -> API.Problem {
        .unavailable(
            "E_NOT_SEALED",
            height.value == 0
                ? "no block is final yet: there is nothing to prove"
                : "block \(height) is final by a later one, which this node has not applied yet",
            hint: "Try again in a moment, or ask another node."
        )
    }

    private static func damagedFinalization(_ height: Height) -> StorageError {
        .damaged(table: "finalization", key: "height \(height)", reason: "missing, or not of its epoch")
    }

    static func query(_ detail: String, hint: String? = nil) -> API.Problem {
        API.Problem(code: "E_QUERY", title: "Bad query", status: 400, detail: detail, hint: hint)
    }
}
