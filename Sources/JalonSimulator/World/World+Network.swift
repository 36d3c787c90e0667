import JalonCore
import JalonCrypto
import JalonModel

/// Links and connections: what happens to a message between two nodes.
extension World {
    private func link(_ from: Int, _ to: Int) -> Int { from * nodes.count + to }

    private func hasLink(_ one: Int, _ other: Int) -> Bool {
        let pair = WorldConfiguration.Pair(nodes[one].identity, nodes[other].identity)
        // Twins know nothing of each other.
        return pair.first != pair.second && !configuration.missingLinks.contains(pair)
    }

    /// The most bytes that a node may send in a second: far above what any load here needs (rule R1).
    private static let sentByteCount = 20_000_000

    // MARK: - Messages

    func send(_ message: PeerMessage, to peers: [PeerID], from node: Int) {
        guard nodes[node].mind == nil else { return sendAsByzantine(message, to: peers, from: node) }
        if isHonest(node) { ask { (oracle) throws(Finding) in try oracle.sent(message, by: node) } }
        // Every message passes the codec, as it would on a wire.
        let bytes = message.encoded
        let decoded: PeerMessage
        do {
            guard bytes.count <= message.kind.maximumByteCount else {
                return report(
                    Finding("X", "a \(message.kind) of \(bytes.count) bytes is longer than its frame may be")
                )
            }
            decoded = try PeerMessage(kind: message.kind, body: bytes[...])
        } catch {
            return report(Finding("X", "what node \(node) sends does not decode: \(message.line): \(error)"))
        }
        guard decoded == message else {
            return report(Finding("X", "what node \(node) sends decodes to something else: \(message.line)"))
        }
        countSent(bytes.count * peers.count, by: node)
        let event = Event.received(decoded, from: membership.peers[nodes[node].identity])
        let posted = Posted(event, fingerprint: EventHash.fingerprint(of: bytes))
        for peer in peers {
            guard let to = membership.node(of: peer), to != nodes[node].identity else {
                return report(Finding("X", "node \(node) sends to \(peer.short), which is no peer of it"))
            }
            for process in processes[to] {
                transmit(.message(posted), from: node, to: process)
            }
        }
    }

    private func countSent(_ byteCount: Int, by node: Int) {
        let second = now.microseconds / 1_000_000
        if nodes[node].sentSecond != second {
            nodes[node].sentSecond = second
            nodes[node].sentByteCount = 0
        }
        nodes[node].sentByteCount += byteCount
        guard nodes[node].sentByteCount > World.sentByteCount, isHonest(node) else { return }
        report(Finding("R1", "node \(node) sends \(nodes[node].sentByteCount) bytes in a second"))
    }

    /// Puts a message on the way; `delay` is what a Byzantine sender waits with it.
    func transmit(
        _ content: Delivery.Content,
        from: Int,
        to: Int,
        delay: Moment.Span = .zero
    ) {
        let connection = nodes[from].connections[to]
        guard connection != 0 else { return }
        var content = content
        if let lens, case .message(let posted) = content, case .received(let message, let peer) = posted.event
        {
            guard let seen = lens(from, to, message) else { return }
            content = .message(Posted(.received(seen, from: peer), fingerprint: posted.fingerprint))
        }
        sentCount += 1
        let link = link(from, to)
        links[link].sentCount += 1
        let number = links[link].sentCount
        guard !links[link].isBlocked else {
            faults[links[link].partitions > 0 ? .partition : .oneWayPartition] += 1
            return
        }
        let quality = links[link].quality
        guard !random.happens(perMille: quality.dropPerMille) else {
            faults[.drop] += 1
            return say("lost \(from) → \(to): \(content.line)")
        }
        let isCorrupt =
            quality.corruptPer100000 > 0 && random.number(in: 1...100_000) <= quality.corruptPer100000
        let copies = random.happens(perMille: quality.duplicatePerMille) ? 2 : 1
        for copy in 0..<copies {
            let delivery = Delivery(
                from: from,
                to: to,
                connection: connection,
                number: number,
                isCopy: copy > 0,
                content: isCorrupt ? .corrupt : content
            )
            if links[link].isClogged {
                links[link].held.append(delivery)
            } else if delay > .zero {
                queue.schedule(.deliver(delivery), at: arrival(on: link, isCopy: true) + delay)
            } else {
                queue.schedule(.deliver(delivery), at: arrival(on: link, isCopy: copy > 0))
            }
        }
    }

    private func arrival(on link: Int, isCopy: Bool) -> Moment {
        let quality = links[link].quality
        var span = Moment.Span(microseconds: random.number(in: quality.latency))
        if random.happens(perMille: quality.tailPerMille) {
            span = random.heavyTail(base: .milliseconds(100), doublings: 6)
            faults[.delay] += 1
        }
        if isCopy { span = random.heavyTail(base: span, doublings: 6) }
        guard !isCopy, !random.happens(perMille: quality.reorderPerMille) else { return now + span }
        links[link].lastArrival = max(links[link].lastArrival, now + span)
        return links[link].lastArrival
    }

    func deliver(_ delivery: Delivery) {
        guard nodes[delivery.to].connections[delivery.from] == delivery.connection else { return }
        let link = link(delivery.from, delivery.to)
        if delivery.isCopy { faults[.duplicate] += 1 }
        if delivery.number < links[link].lastDelivered, !delivery.isCopy { faults[.reorder] += 1 }
        links[link].lastDelivered = max(links[link].lastDelivered, delivery.number)
        deliveryCount += 1
        switch delivery.content {
        case .message(let posted):
            if let mind = nodes[delivery.to].mind, let message = posted.message { mind.hear(message) }
            if !isHonest(delivery.from), let message = posted.message { oracle.heard(message) }
            enqueue(posted, at: delivery.to)
        case .malformed(let kind):
            penalize(membership.peers[nodes[delivery.from].identity], .malformed(kind), by: delivery.to)
        case .corrupt:
            faults[.corruptFrame] += 1
            disconnect(delivery.from, delivery.to)
        }
    }

    // MARK: - Blame

    /// What a node's driver does where a peer did what no honest one does.
    func penalize(_ peer: PeerID, _ misbehaviour: Misbehaviour, by node: Int) {
        guard let blamed = membership.node(of: peer) else { return }
        if isHonest(node), !oracle.isByzantine(blamed) {
            return report(
                Finding("V1", "node \(node) blames the honest node \(blamed): \(misbehaviour)")
            )
        }
        say("node \(node) blames node \(blamed): \(misbehaviour)")
        for process in processes[blamed] {
            nodes[node].refusals[process] = now + .seconds(30)
            disconnect(node, process)
        }
    }

    // MARK: - Connections

    func dial(_ one: Int, _ other: Int) {
        guard nodes[one].isRunning, nodes[other].isRunning, hasLink(one, other) else { return }
        guard nodes[one].connections[other] == 0, nodes[other].connections[one] == 0 else {
            // One side does not know yet that the last connection is gone.
            if nodes[one].connections[other] != nodes[other].connections[one] { dialLater(one, other) }
            return
        }
        let isRefused = nodes[one].refusals[other] > now || nodes[other].refusals[one] > now
        guard !isRefused, !links[link(one, other)].isBlocked, !links[link(other, one)].isBlocked else {
            return dialLater(one, other)
        }
        connectionCount += 1
        // A node with twins at the other end is told of the first that comes and of the last that goes.
        let isNews = [(one, other), (other, one)].map { node, peer in !isConnected(node, with: peer) }
        // Both ends first: a node may die while it is told, and the other end must then see the connection go.
        for (node, peer) in [(one, other), (other, one)] { nodes[node].connections[peer] = connectionCount }
        for (index, (node, peer)) in [(one, other), (other, one)].enumerated() where isNews[index] {
            let id = membership.peers[nodes[peer].identity]
            enqueue(.connected(id), fingerprint: connectionCount, at: node)
        }
    }

    /// Whether a node has a connection with any process of the peer's identity.
    private func isConnected(_ node: Int, with peer: Int) -> Bool {
        processes[nodes[peer].identity].contains { nodes[node].connections[$0] != 0 }
    }

    private func dialLater(_ one: Int, _ other: Int) {
        let wait = Moment.Span(microseconds: random.number(in: 200_000...1_000_000))
        let refused = max(nodes[one].refusals[other], nodes[other].refusals[one])
        queue.schedule(.dial(one, other), at: max(now, refused) + wait)
    }

    /// A node sees that a connection is gone.
    func lose(_ node: Int, peer: Int, connection: UInt64) {
        guard nodes[node].connections[peer] == connection else { return }
        nodes[node].connections[peer] = 0
        guard !isConnected(node, with: peer) else { return }
        enqueue(.disconnected(membership.peers[nodes[peer].identity]), fingerprint: connection, at: node)
    }

    /// Breaks the connection of two nodes, if they have one; they dial anew.
    package func disconnect(_ one: Int, _ other: Int) {
        let connection = nodes[one].connections[other]
        guard connection != 0, connection == nodes[other].connections[one] else { return }
        say("the connection of \(one) and \(other) breaks")
        for (node, peer) in [(one, other), (other, one)] {
            let wait = Moment.Span(microseconds: random.number(in: 0...20_000))
            queue.schedule(.lose(node, peer: peer, connection: connection), at: now + wait)
        }
        dialLater(one, other)
    }

    /// Takes the link between two nodes away.
    package func cut(_ one: Int, _ other: Int) {
        configuration.missingLinks.append(WorldConfiguration.Pair(nodes[one].identity, nodes[other].identity))
        disconnect(one, other)
    }

    /// Gives two nodes the link back that ``cut(_:_:)`` took.
    package func join(_ one: Int, _ other: Int) {
        let pair = WorldConfiguration.Pair(nodes[one].identity, nodes[other].identity)
        configuration.missingLinks.removeAll { $0 == pair }
        dial(one, other)
    }

    /// Some time after a link was blocked its connection breaks, if it still is.
    func keepAlive(_ one: Int, _ other: Int, connection: UInt64) {
        guard nodes[one].connections[other] == connection, connection != 0,
            links[link(one, other)].isBlocked || links[link(other, one)].isBlocked
        else { return }
        disconnect(one, other)
    }

    // MARK: - Damage

    /// Makes the directions from one node to another lossy, slow or good again.
    package func setQuality(_ quality: LinkQuality, from: Int, to: Int) {
        links[link(from, to)].quality = quality
    }

    /// Splits the nodes into two groups that hear nothing of each other, or joins them again.
    ///
    /// Where it `isOneWay`, messages still pass from the others to the group.
    package func block(_ group: [Int], isOneWay: Bool, _ isBlocked: Bool) {
        say("\(isBlocked ? "cuts off" : "joins") \(group)\(isOneWay ? " one way" : "")")
        for inside in group {
            for outside in nodes.indices where !group.contains(outside) {
                block(inside, outside, isOneWay: isOneWay, isBlocked)
                if !isOneWay { block(outside, inside, isOneWay: false, isBlocked) }
                let connection = nodes[inside].connections[outside]
                guard isBlocked, connection != 0 else { continue }
                let wait = Moment.Span(microseconds: random.number(in: 2_000_000...8_000_000))
                queue.schedule(.keepAlive(inside, outside, connection: connection), at: now + wait)
            }
        }
    }

    private func block(_ from: Int, _ to: Int, isOneWay: Bool, _ isBlocked: Bool) {
        let link = link(from, to)
        let change = isBlocked ? 1 : -1
        if isOneWay {
            links[link].oneWayPartitions = max(0, links[link].oneWayPartitions + change)
        } else {
            links[link].partitions = max(0, links[link].partitions + change)
        }
    }

    /// Holds back everything on a direction of a link.
    package func clog(from: Int, to: Int) {
        links[link(from, to)].isClogged = true
    }

    /// Lets everything go that a direction of a link held back.
    package func unclog(from: Int, to: Int) {
        let link = link(from, to)
        guard links[link].isClogged else { return }
        links[link].isClogged = false
        let held = links[link].held
        links[link].held = []
        if !held.isEmpty { faults[.clog] += 1 }
        for delivery in held {
            queue.schedule(.deliver(delivery), at: arrival(on: link, isCopy: delivery.isCopy))
        }
    }

    /// Ends all damage between and at these nodes; what is broken elsewhere stays so.
    ///
    /// Nodes of the core that are down start.
    package func heal(_ core: [Int]) {
        say("\(core) heal")
        isDamaged = false
        for one in core {
            for other in core where other != one {
                unclog(from: one, to: other)
                let link = link(one, other)
                links[link].partitions = 0
                links[link].oneWayPartitions = 0
                links[link].quality = .good
                // What is still under way from before may come late; nothing that is sent from now on waits for it.
                links[link].lastArrival = now
            }
            let skew = configuration.maximumSkew
            nodes[one].clock.skew = Int64(random.number(in: 0...2 * skew)) - Int64(skew)
            nodes[one].clock.freeze(false, at: now)
            nodes[one].doom = nil
            nodes[one].slowness = 0
            nodes[one].refusals = nodes[one].refusals.map { _ in .start }
            // A change for the worse may still wait in the inbox of a slow process: this one comes after it.
            setDiskSpace(.ample, of: one)
            if nodes[one].pausedUntil != nil {
                nodes[one].pausedUntil = nil
                pump(one)
            }
            if !nodes[one].isRunning { start(one) }
        }
        for one in core {
            for other in core where one < other { dial(one, other) }
        }
    }
}

extension Delivery.Content {
    var line: String {
        switch self {
        case .message(let posted): posted.message?.line ?? ""
        case .malformed(let kind): "a broken \(kind)"
        case .corrupt: "a frame that changed"
        }
    }
}
