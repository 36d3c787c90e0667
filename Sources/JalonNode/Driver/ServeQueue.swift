import JalonCore
import JalonModel
import Synchronization

/// What a peer asked for that is read from the disk.
struct ServeJob: Equatable, Sendable {
    var request: FetchRequest
    var peer: PeerID

    /// Whether the answer is a range of blocks, which nobody's consensus waits for.
    var isRange: Bool { if case .finalBlocks = request { true } else { false } }
}

/// The jobs that wait for the thread that reads for peers: a few a peer, and the most urgent first.
///
/// Known peers go before strangers, single blocks before ranges, and what came first before the rest. A lane that others
/// went before ``patience`` times is given one turn: nothing starves.
struct ServeJobs {
    /// An asker that got no answer asks again, so that what is beyond these costs it time and nobody anything.
    static let blocksPerPeer = 16
    /// A peer asks for one range at a time; a second may follow one that took too long.
    static let rangesPerPeer = 2
    /// All strangers' jobs together: they come and go with new keys, while the known peers are so many and no more.
    static let strangersCount = 512
    static let patience = 16

    private struct Lane {
        var jobs: [ServeJob] = []
        /// How many jobs of other lanes went before this lane's first one.
        var overtaken = 0
    }

    /// In the order of their urgency.
    private var lanes = [Lane](repeating: Lane(), count: 4)

    var count: Int { lanes.reduce(0) { $0 + $1.jobs.count } }

    /// Adds a job at the end of its lane; what waits already is not added again.
    ///
    /// - Returns: Whether it will be done; `false` where as much waits of this peer, or of all strangers, as may.
    mutating func add(_ job: ServeJob, isKnown: Bool) -> Bool {
        let index = (isKnown ? 0 : 2) + (job.isRange ? 1 : 0)
        let own = lanes[index].jobs.count { $0.peer == job.peer }
        if own > 0, lanes[index].jobs.contains(job) { return true }
        let limit = job.isRange ? ServeJobs.rangesPerPeer : ServeJobs.blocksPerPeer
        let strangers = lanes[2].jobs.count + lanes[3].jobs.count
        guard own < limit, isKnown || strangers < ServeJobs.strangersCount else { return false }
        lanes[index].jobs.append(job)
        return true
    }

    /// Removes the job to do now.
    mutating func next() -> ServeJob? {
        let waiting = lanes.indices.filter { !lanes[$0].jobs.isEmpty }
        guard let first = waiting.first else { return nil }
        let chosen = waiting.first { lanes[$0].overtaken >= ServeJobs.patience } ?? first
        for index in waiting where index > chosen { lanes[index].overtaken += 1 }
        lanes[chosen].overtaken = 0
        return lanes[chosen].jobs.removeFirst()
    }

    /// Removes what a peer asked for.
    mutating func remove(of peer: PeerID) {
        for index in lanes.indices { lanes[index].jobs.removeAll { $0.peer == peer } }
    }
}

/// ``ServeJobs`` between the driver, which adds and never waits, and the one task that does them.
final class ServeQueue: Sendable {
    private struct State {
        var jobs = ServeJobs()
        var dropped: UInt64 = 0
        var reader: CheckedContinuation<Void, Never>?
        var isFinished = false
    }

    private let state = Mutex(State())

    /// Jobs that were not taken on so far.
    var droppedCount: UInt64 { state.withLock { $0.dropped } }

    /// Adds a job, or counts that it was dropped.
    func add(_ job: ServeJob, isKnown: Bool) {
        let reader = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.isFinished else { return nil }
            guard state.jobs.add(job, isKnown: isKnown) else {
                state.dropped += 1
                return nil
            }
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume()
    }

    /// Forgets what a peer asked for that is not connected any more.
    func remove(of peer: PeerID) {
        state.withLock { $0.jobs.remove(of: peer) }
    }

    /// The next job, as soon as there is one; `nil` once finished.
    func next() async -> ServeJob? {
        while true {
            let (job, isFinished) = state.withLock { ($0.isFinished ? nil : $0.jobs.next(), $0.isFinished) }
            if job != nil || isFinished { return job }
            await withCheckedContinuation { continuation in
                let mayGoOn = state.withLock { state in
                    guard state.jobs.count == 0, !state.isFinished else { return true }
                    precondition(state.reader == nil, "one task alone does the jobs")
                    state.reader = continuation
                    return false
                }
                if mayGoOn { continuation.resume() }
            }
        }
    }

    /// Ends the queue: what waits is dropped.
    func finish() {
        let reader = state.withLock { state in
            state.isFinished = true
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume()
    }
}
