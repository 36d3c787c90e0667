import JalonAPI
import JalonCore
import JalonCrypto
import JalonModel
import JalonSchema
import JalonState
import JalonStorage

extension NodeLedger {
    /// How long a node may take to have what this one has: longer than a message and a write take.
    private static let tolerance: UInt64 = 3_000

    func nodes() async throws -> API.NodeList {
        let snapshot = view.snapshot
        let now = NodeDriver.clock()
        var chain = Headers(reader: reader, snapshot: snapshot)
        var nodes = try listed(snapshot).map { try entry($0, snapshot, &chain, now) }
        nodes.sort { left, right in
            if left.isValidator != right.isValidator { return left.isValidator }
            return (left.member ?? "~", left.key) < (right.member ?? "~", right.key)
        }
        return API.NodeList(
            height: snapshot.height.value,
            block: snapshot.block.hex,
            stateRoot: snapshot.state.root.hex,
            view: snapshot.view.value,
            leader: snapshot.leader?.text,
            nextLeader: snapshot.nextLeader?.text,
            agreeing: nodes.count { $0.isValidator && ($0.agreement == .same || $0.agreement == .behind) },
            validators: snapshot.context.validators.count,
            nodes: nodes
        )
    }

    private struct Listed {
        let key: KeyID
        let member: MemberID?
    }

    /// The nodes of members that were not removed, this one, and whatever else is connected.
    private func listed(_ snapshot: LedgerSnapshot) -> [Listed] {
        var nodes = snapshot.state.members.filter { $0.standing != .removed }.flatMap { member in
            member.nodes.map { Listed(key: $0.key.id, member: member.id) }
        }
        let known = Set(nodes.map(\.key))
        for key in [node] + snapshot.connectedPeers where !known.contains(key) {
            nodes.append(Listed(key: key, member: snapshot.state.key(key)?.member))
        }
        return nodes
    }

    private func entry(
        _ listed: Listed,
        _ snapshot: LedgerSnapshot,
        _ chain: inout Headers,
        _ now: Clock
    ) throws -> API.NetworkNode {
        let isValidator = listed.member.flatMap { snapshot.context.validators.index(of: $0) } != nil
        if listed.key == node {
            return API.NetworkNode(
                key: listed.key.hex,
                member: listed.member?.text,
                isValidator: isValidator,
                isSelf: true,
                isConnected: true,
                height: snapshot.height.value,
                block: snapshot.block.hex,
                agreement: .same,
                view: snapshot.view.value,
                skew: 0,
                heardAgo: 0,
                hears: snapshot.connectedValidators
            )
        }
        var shown = API.NetworkNode(
            key: listed.key.hex,
            member: listed.member?.text,
            isValidator: isValidator,
            isConnected: snapshot.connectedPeers.contains(listed.key)
        )
        guard let told = snapshot.tips.first(where: { $0.peer == listed.key }) else { return shown }
        let ago = now.monotonic > told.heardAt ? now.monotonic - told.heardAt : 0
        let tip = told.tip
        (shown.height, shown.block, shown.view) = (tip.finalHeight.value, tip.finalBlock.hex, tip.view.value)
        (shown.heardAgo, shown.hears) = (ago, tip.hears.reduce(0) { $0 + $1.nonzeroBitCount })
        // Its clock has gone on since it told; both are milliseconds since 1970, so the difference fits.
        let clock = tip.clock.advanced(byMilliseconds: ago).value
        shown.skew = Int64(clamping: clock) - Int64(clamping: now.wall.value)
        shown.agreement = try chain.agreement(tip)
        if shown.agreement == .behind {
            let then = now.wall.value > ago ? now.wall.value - ago : 0
            shown.blocksBehind = try chain.missed(tip.finalHeight, at: then, tolerance: NodeLedger.tolerance)
        }
        return shown
    }

    /// The chain's headers as far as nodes are compared with them, each read once.
    private struct Headers {
        let reader: LedgerReader
        let snapshot: LedgerSnapshot
        private var read: [Height: BlockHeader] = [:]

        init(reader: LedgerReader, snapshot: LedgerSnapshot) {
            (self.reader, self.snapshot) = (reader, snapshot)
        }

        /// The header of a height, which no later block changes; `nil` above the head.
        private mutating func header(at height: Height) throws -> BlockHeader? {
            if let header = read[height] { return header }
            guard height <= snapshot.height, let header = try reader.header(at: height) else { return nil }
            read[height] = header
            return header
        }

        mutating func agreement(_ tip: Tip) throws -> API.NodeAgreement {
            if tip.finalHeight > snapshot.height { return .ahead }
            if tip.finalHeight == snapshot.height {
                return tip.finalBlock == snapshot.block ? .same : .differs
            }
            guard let header = try header(at: tip.finalHeight) else { return .unknown }
            return header.id == tip.finalBlock ? .behind : .differs
        }

        /// Blocks that a node lacked although they were there: all since the first one it lacks, where that is older than
        /// `tolerance` was at the time; none where it only told before they came.
        mutating func missed(_ height: Height, at time: UInt64, tolerance: UInt64) throws -> UInt64 {
            guard let next = try header(at: height.next), next.timestamp.value + tolerance < time else {
                return 0
            }
            return snapshot.height.value - height.value
        }
    }
}
