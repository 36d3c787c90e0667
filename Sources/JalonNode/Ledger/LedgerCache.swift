import JalonModel
import JalonSchema
import Synchronization

/// What was read from the disk lately and never changes: final blocks as the feed tells them, and what transactions say.
final class LedgerCache: Sendable {
    private struct State {
        var events = RecentMap<UInt64, API.FeedEvent>(capacity: 64)
        var words = RecentMap<TransactionID, MilestoneWords>(capacity: 1_024)
        var steps = RecentMap<StepPlace, [API.LifeStep]>(capacity: 1_024)
        var bodies = RecentMap<TransactionID, TransactionBody>(capacity: 256)
        var regions = RecentMap<UInt64, BlockRegions>(capacity: 16_384)
    }

    private struct StepPlace: Hashable {
        let commitment: CommitmentID
        let height: Height
    }

    private let state = Mutex(State())

    /// The steps that a commitment took in a block, read by `read` where they are not at hand.
    func steps(
        of commitment: CommitmentID,
        at height: Height,
        _ read: () throws -> [API.LifeStep]
    ) rethrows -> [API.LifeStep] {
        let place = StepPlace(commitment: commitment, height: height)
        if let steps = state.withLock({ $0.steps[place] }) { return steps }
        let steps = try read()
        state.withLock { $0.steps[place] = steps }
        return steps
    }

    /// The regions that a block concerns, found by `find` where they are not at hand.
    func regions(at height: UInt64, _ find: () throws -> BlockRegions?) rethrows -> BlockRegions? {
        if let regions = state.withLock({ $0.regions[height] }) { return regions }
        let found = try find()
        if let found { state.withLock { $0.regions[height] = found } }
        return found
    }

    /// The event of a height, made by `make` where it is not at hand.
    func event(at height: UInt64, _ make: () throws -> API.FeedEvent?) rethrows -> API.FeedEvent? {
        if let event = state.withLock({ $0.events[height] }) { return event }
        let made = try make()
        if let made { state.withLock { $0.events[height] = made } }
        return made
    }

    /// What a milestone's own transaction says, read by `read` where it is not at hand.
    func words(of id: TransactionID, _ read: () throws -> MilestoneWords) rethrows -> MilestoneWords {
        if let words = state.withLock({ $0.words[id] }) { return words }
        let words = try read()
        state.withLock { $0.words[id] = words }
        return words
    }

    /// What a final transaction says, read by `read` where it is not at hand.
    func body(of id: TransactionID, _ read: () throws -> TransactionBody) rethrows -> TransactionBody {
        if let body = state.withLock({ $0.bodies[id] }) { return body }
        let body = try read()
        state.withLock { $0.bodies[id] = body }
        return body
    }
}
