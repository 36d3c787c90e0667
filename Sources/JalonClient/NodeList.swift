import Synchronization

/// A client went on to another node.
package struct NodeChange: Hashable, Sendable {
    /// The node that it asked before.
    package let from: String
    /// Why it asks that one no more.
    package let reason: String
    /// The node that it asks now.
    package let to: String
}

/// The nodes that a client may ask, and the one that it asks; copies of a client share it.
final class NodeList: Sendable {
    private struct State {
        var current = 0
        /// Whether one was chosen that is up to date.
        var isChosen = false
    }

    /// Without a slash at the end; at least one.
    let addresses: [String]
    private let didMove: @Sendable (NodeChange) -> Void
    private let state = Mutex(State())

    init(_ addresses: [String], didMove: @escaping @Sendable (NodeChange) -> Void) {
        precondition(!addresses.isEmpty, "a client has a node to ask")
        (self.addresses, self.didMove) = (addresses, didMove)
    }

    /// The node that is asked.
    var current: String { addresses[state.withLock { $0.current }] }

    var hasSeveral: Bool { addresses.count > 1 }

    /// Whether nobody looked yet which node is up to date; the first to ask has to look.
    func mustChoose() -> Bool {
        guard hasSeveral else { return false }
        return state.withLock { state in
            defer { state.isChosen = true }
            return !state.isChosen
        }
    }

    /// Goes on to the next node, unless that was done already by somebody else who saw `address` fail.
    func move(from address: String, because reason: String) {
        let place = state.withLock { state -> Int? in
            guard hasSeveral, addresses[state.current] == address else { return nil }
            state.current = (state.current + 1) % addresses.count
            return state.current
        }
        if let place { didMove(NodeChange(from: address, reason: reason, to: addresses[place])) }
    }

    /// Goes to a node that was found to be better than the first.
    func choose(_ place: Int, because reason: String) {
        let old = state.withLock { state in
            defer { state.current = place }
            return state.current
        }
        guard old != place else { return }
        didMove(NodeChange(from: addresses[old], reason: reason, to: addresses[place]))
    }
}
