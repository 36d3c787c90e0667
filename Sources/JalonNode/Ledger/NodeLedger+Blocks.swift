import JalonAPI
import JalonCrypto
import JalonModel
import JalonSchema
import JalonState
import JalonStorage

extension NodeLedger {
    func block(_ reference: BlockReference) async throws -> API.Block? {
        let snapshot = view.snapshot
        let height: Height
        switch reference {
        case .head: height = snapshot.height
        case .height(let value):
            guard value <= UInt64(Int64.max) else { return nil }
            height = Height(value)
        case .id(let id):
            // A block that is held may be one of a branch that lost.
            guard let held = try reader.block(id)?.header.height,
                try reader.header(at: held)?.id == id
            else { return nil }
            height = held
        }
        try checkHeld(height.value)
        guard height.value > 0,
            let stored = try reader.blocks(from: height, count: 1, byteLimit: BlockLimits.bodyByteCount).first
        else { return nil }
        return API.Block(
            header: API.Header(
                stored.block.header,
                id: stored.block.id,
                validators: snapshot.context.validators
            ),
            transactions: try entries(of: stored.block, snapshot.state),
            signers: signers(of: stored.finalization, snapshot)
        )
    }

    func genesis() async throws -> [UInt8] { try reader.genesis() }

    func ledger(from height: UInt64, limit: Int) async throws -> [UInt8] {
        guard height <= UInt64(Int64.max) else { return [] }
        try checkHeld(height)
        return try reader.rawBlocks(from: Height(height), count: limit, byteLimit: 4 << 20)
            .flatMap { LedgerExport.encode($0) }
    }

    func snapshot() async throws -> StoredSnapshot { try await spool.snapshot(head: view.snapshot.height) }

    func header(at height: UInt64) async throws -> API.Header? {
        guard height <= UInt64(Int64.max), let header = try reader.header(at: Height(height)) else {
            try checkHeld(height)
            return nil
        }
        return API.Header(header, id: header.id, validators: view.snapshot.context.validators)
    }

    func feedEvent(after asked: UInt64) async throws -> API.FeedEvent {
        // The heights of the events tell that some are passed over.
        let height = max(asked, base?.height.value ?? 0)
        while true {
            let changes = view.changes
            let snapshot = view.snapshot
            // Not by the disk, which is a moment ahead: whoever hears of a block finds its state here.
            if snapshot.height.value > height {
                guard let event = try event(at: Height(height).next, snapshot.state) else {
                    throw StorageError.damaged(
                        table: "chain",
                        key: "height \(height + 1)",
                        reason: "a final block is missing"
                    )
                }
                return event
            }
            try await view.change(since: changes)
        }
    }

    func head(after height: UInt64) async throws -> API.Head {
        while true {
            let changes = view.changes
            let snapshot = view.snapshot
            if snapshot.height.value > height { return API.Head(snapshot) }
            try await view.change(since: changes)
        }
    }

    private func event(at height: Height, _ state: LedgerState) throws -> API.FeedEvent? {
        try cache.event(at: height.value) {
            guard let block = try reader.block(at: height) else { return nil }
            return API.FeedEvent(
                height: height.value,
                block: block.id.hex,
                stateRoot: block.header.stateRoot.hex,
                timestamp: block.header.timestamp.value,
                transactions: try entries(of: block, state)
            )
        }
    }

    private func entries(of block: Block, _ state: LedgerState) throws -> [API.BlockEntry] {
        try block.transactions.enumerated().map { position, bytes in
            API.BlockEntry(try Transaction(bytes: bytes), position: position, state: state)
        }
    }

    /// The members whose votes a finalization puts together, by index.
    private func signers(of finalization: Certificate?, _ snapshot: LedgerSnapshot) -> [String] {
        guard let finalization, let context = EpochContexts(genesis, snapshot.state)[finalization.epoch],
            let signers = finalization.signers(in: context)
        else { return [] }
        return signers.compactMap { context.validators[$0]?.member.text }
    }
}
