import Foundation

/// Many readers of one node's feed, each a connection of its own, watched by one thread that costs as little as it can.
final class FeedReaders: @unchecked Sendable {  // Its state is the thread's until `end()` has joined it.
    private let sockets: [Int32]
    private var arrivals: [UInt64: [ContinuousClock.Instant]] = [:]
    private var tails: [[UInt8]]
    private let stopPipe: (read: Int32, write: Int32)
    private var thread: Thread?
    private let finished = DispatchSemaphore(value: 0)

    /// Connects so many readers to `http://127.0.0.1:port`, and waits until each has its stream's beginning.
    ///
    /// - Throws: ``BenchFailure`` where the node does not take them all.
    init(_ address: String, count: Int) throws {
        FeedReaders.raiseLimit()
        let port = try Loopback.port(of: address)
        let request = Array("GET /v1/feed HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\r\n".utf8)
        sockets = try (0..<count).map { _ in
            let socket = try Loopback.connect(to: port)
            guard write(socket, request, request.count) == request.count else {
                throw BenchFailure("a reader could not ask \(address)")
            }
            return socket
        }
        tails = Array(repeating: [], count: count)
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw BenchFailure("no pipe") }
        stopPipe = (ends[0], ends[1])
        for socket in sockets { try FeedReaders.awaitBeginning(of: socket, address) }
    }

    /// Begins to note when each event comes.
    func start() {
        let thread = Thread { [self] in
            watch()
            finished.signal()
        }
        self.thread = thread
        thread.start()
    }

    /// Ends the watch, and closes the connections.
    ///
    /// - Returns: By height, when each reader had the event of that block.
    func end() -> [UInt64: [ContinuousClock.Instant]] {
        var byte: UInt8 = 0
        write(stopPipe.write, &byte, 1)
        finished.wait()
        for socket in sockets + [stopPipe.read, stopPipe.write] { close(socket) }
        return arrivals
    }

    private func watch() {
        var entries = (sockets + [stopPipe.read]).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while poll(&entries, UInt(entries.count), -1) >= 0 {
            let now = ContinuousClock.now
            if entries[sockets.count].revents != 0 { return }
            for index in sockets.indices where entries[index].revents != 0 {
                let count = read(sockets[index], &buffer, buffer.count)
                guard count > 0 else {
                    entries[index].fd = -1
                    continue
                }
                note(buffer[..<count], of: index, at: now)
            }
        }
    }

    /// Looks for the events' ids, which stand at the beginning of a line each.
    private func note(_ bytes: ArraySlice<UInt8>, of reader: Int, at now: ContinuousClock.Instant) {
        tails[reader] += bytes
        while let end = tails[reader].firstIndex(of: UInt8(ascii: "\n")) {
            let line = tails[reader][..<end]
            if line.starts(with: Array("id: ".utf8)),
                let height = UInt64(String(decoding: line.dropFirst(4), as: UTF8.self))
            {
                arrivals[height, default: []].append(now)
            }
            tails[reader].removeFirst(line.count + 1)
        }
    }

    // MARK: - Sockets

    private static func raiseLimit() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = min(16_384, limit.rlim_max)
        setrlimit(resource, &limit)
    }

    /// Reads up to the stream's first frame, which says from where it tells.
    private static func awaitBeginning(of socket: Int32, _ address: String) throws {
        var (seen, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 4 << 10))
        while !seen.contains(UInt8(ascii: "\n")) || !String(decoding: seen, as: UTF8.self).contains("retry: ")
        {
            let count = read(socket, &buffer, buffer.count)
            guard count > 0 else { throw BenchFailure("\(address) takes no reader more: it closed a feed") }
            seen += buffer[..<count]
        }
        guard String(decoding: seen, as: UTF8.self).hasPrefix("HTTP/1.1 200") else {
            throw BenchFailure(
                "\(address) refuses a reader: \(String(decoding: seen.prefix(300), as: UTF8.self))"
            )
        }
    }
}

/// How fast blocks come while many read the feed of a node, and how fast they read them.
struct FeedResult {
    /// Readers of one node.
    static let readerCount = 1_000
    /// Milestones a second, each in a block of its own.
    static let rate = 4

    let readers: Int
    /// From handing in at another node to finality there, milliseconds, ascending.
    let final: [Double]
    /// From handing in at another node to the event at each reader, milliseconds, ascending.
    let seen: [Double]
    /// The part of a core that the readers' node used.
    let corePart: Double

    static func percentile(_ values: [Double], _ part: Double) -> Double {
        values.isEmpty ? .infinity : values[min(values.count - 1, Int(Double(values.count) * part))]
    }
}
