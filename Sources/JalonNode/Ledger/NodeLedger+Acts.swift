import JalonAPI
import JalonCrypto
import JalonModel
import JalonSchema
import JalonState
import JalonStorage

/// What one block tells of regions, remembered without its transactions.
struct BlockRegions: Sendable {
    /// The transactions that concern each region, by their positions, ascending.
    private let positions: [RegionCode: [UInt16]]

    /// - Complexity: Decodes every transaction of the block.
    init(_ block: Block, _ state: LedgerState) throws {
        var positions: [RegionCode: [UInt16]] = [:]
        for (position, bytes) in block.transactions.enumerated() {
            // No block holds as many transactions as 65,536.
            guard let place = UInt16(exactly: position) else { break }
            for region in BlockRegions.regions(of: try Transaction(bytes: bytes), state) {
                positions[region, default: []].append(place)
            }
        }
        self.positions = positions
    }

    /// The positions of what concerns a region, ascending.
    subscript(region: RegionCode) -> [UInt16] { positions[region] ?? [] }

    /// The regions that a transaction is about, and that of whoever signed it.
    private static func regions(of transaction: Transaction, _ state: LedgerState) -> Set<RegionCode> {
        var regions: Set<RegionCode> = []
        func add(_ member: MemberID?) {
            if let region = member.flatMap({ state.member($0)?.region }) { regions.insert(region) }
        }
        add(transaction.issuer)
        let subject = transaction.subject.text
        if let commitment = CommitmentID(subject).flatMap({ state.commitment($0) }) {
            regions.insert(commitment.current.body.region)
        } else {
            add(MemberID(subject))
        }
        switch try? transaction.content.get() {
        case .governancePropose(let body):
            if case .admit(let admission) = body.action, let region = admission.member.region {
                regions.insert(region)
            }
            add(body.action.member)
        case .governanceVote(let body): add(state.proposal(body.proposal)?.body.action.member)
        default: break
        }
        return regions
    }
}

/// A place in a list over blocks, the newest first: what stands below this height, or in it before this position.
private struct ActPlace {
    let height: UInt64
    let position: Int

    init(height: UInt64, position: Int) {
        (self.height, self.position) = (height, position)
    }

    /// Reads `57.3`.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let height = UInt64(parts[0]), height <= UInt64(Int64.max),
            let position = Int(parts[1]), position >= 0
        else { return nil }
        self.init(height: height, position: position)
    }

    var text: String { "\(height).\(position)" }
}

extension NodeLedger {
    /// Transactions that a request has decoded at the most before it stops looking back, and blocks that it looks at: so
    /// that a quiet region in a long ledger costs no more than a busy one.
    private static let decodedCount = 4_096
    private static let lookedAtCount = 16_384

    func acts(of region: RegionCode, page: Page) async throws -> API.ActPage {
        try await acts(of: region, page: page, decoding: NodeLedger.decodedCount)
    }

    /// The same with another bound on the transactions that are decoded; a block counts as eight more.
    func acts(of region: RegionCode, page: Page, decoding most: Int) async throws -> API.ActPage {
        let (snapshot, state) = (view.snapshot, view.snapshot.state)
        try await checkRegion(region)
        var place = ActPlace(height: snapshot.height.value + 1, position: 0)
        if let cursor = page.cursor {
            guard let asked = ActPlace(cursor) else {
                throw NodeLedger.query("cursor=\(cursor): expected the `next` of the page before")
            }
            if asked.height < place.height { place = asked }
        }
        let first = max(1, base.map(\.firstBlock.value) ?? 1)
        var acts: [API.Act] = []
        var (decoded, lookedAt) = (0, 0)
        var height = place.position > 0 ? place.height : max(place.height, 1) - 1
        var next: ActPlace?
        while height >= first, next == nil {
            if decoded >= most || lookedAt >= NodeLedger.lookedAtCount {
                next = ActPlace(height: height + 1, position: 0)
                break
            }
            lookedAt += 1
            var block: Block?
            let regions = try cache.regions(at: height) {
                block = try held(Height(height))
                // A block without one costs a look at the disk all the same.
                decoded += 8 + (block?.transactions.count ?? 0)
                return try block.map { try BlockRegions($0, state) }
            }
            let positions = (regions?[region] ?? []).map(Int.init).filter { position in
                height < place.height || position < place.position
            }
            if !positions.isEmpty, let block = try block ?? held(Height(height)) {
                let timestamp = block.header.timestamp.value
                for position in positions.reversed() where next == nil {
                    guard acts.count < page.limit else {
                        next = ActPlace(height: height, position: position + 1)
                        break
                    }
                    let transaction = try Transaction(bytes: block.transactions[position])
                    let entry = API.BlockEntry(transaction, position: position, state: state)
                    acts.append(API.Act(height: height, timestamp: timestamp, transaction: entry))
                }
            }
            height -= 1
        }
        return API.ActPage(
            height: snapshot.height.value,
            acts: acts,
            lookedBackTo: min(next?.height ?? first, snapshot.height.value),
            next: next?.text,
            firstBlock: base.map(\.firstBlock.value)
        )
    }

    private func held(_ height: Height) throws -> Block? { try reader.block(at: height) }

    private func checkRegion(_ region: RegionCode) async throws {
        let assessed = try await assessed(nil, after: nil)
        let known = LedgerNames(assessed.snapshot.state).provinces
        guard !known.contains(region), assessed.table.counts[region] == nil else { return }
        throw API.Problem.notFound(
            "E_NOT_FOUND",
            "the ledger knows no region \(region.text)",
            hint: "Known: \(known.map(\.text).joined(separator: ", "))."
        )
    }
}
