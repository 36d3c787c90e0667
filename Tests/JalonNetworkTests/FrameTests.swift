import JalonModel
@testable import JalonNetwork
import NIOCore
import NIOEmbedded
import Testing

@Suite("Bytes cut into frames")
struct FrameTests {
    /// Feeds the chunks and gives the frames that came out before the end or the error.
    private func decode(_ chunks: [[UInt8]]) -> (frames: [Frame], error: FrameError?) {
        let processor = NIOSingleStepByteToMessageProcessor(FrameDecoder())
        var frames: [Frame] = []
        do {
            for chunk in chunks where !chunk.isEmpty {
                try processor.process(buffer: ByteBuffer(bytes: chunk)) { frames.append($0) }
            }
            try processor.finishProcessing(seenEOF: true) { frames.append($0) }
            return (frames, nil)
        } catch {
            return (frames, error as? FrameError)
        }
    }

    private func makeStream(_ frames: [Frame]) throws -> [UInt8] {
        try frames.flatMap { Array(try #require(Frame.encode($0.kind, $0.body)).readableBytesView) }
    }

    private func makeFrames() -> [Frame] {
        [Frame(kind: .hello, body: [1, 2, 3])]
            + FrameKind.allCases.filter { $0 != .hello }.enumerated().map { index, kind in
                Frame(kind: kind, body: [UInt8](repeating: UInt8(index), count: index * 7))
            }
    }

    @Test("are written as length, kind, body")
    func layout() throws {
        let bytes = try #require(Frame.encode(.vote, [9, 8, 7]))
        #expect(Array(bytes.readableBytesView) == [0, 0, 0, 4, 2, 9, 8, 7])
        #expect(Frame.encode(.vote, [UInt8](repeating: 0, count: FrameKind.vote.maximumByteCount)) != nil)
        #expect(Frame.encode(.vote, [UInt8](repeating: 0, count: FrameKind.vote.maximumByteCount + 1)) == nil)
    }

    @Test("come out the same however the stream is cut", arguments: 1..<40)
    func anyCut(size: Int) throws {
        let frames = makeFrames()
        let stream = try makeStream(frames)
        let chunks = stride(from: 0, to: stream.count, by: size).map {
            Array(stream[$0..<min($0 + size, stream.count)])
        }
        let (decoded, error) = decode(chunks)
        #expect(decoded == frames)
        #expect(error == nil)
    }

    @Test("that the end of the stream cuts are forgotten without an error")
    func cutOff() throws {
        let frames = makeFrames()
        let stream = try makeStream(frames)
        for count in 0..<stream.count {
            let (decoded, error) = decode([Array(stream.prefix(count))])
            #expect(error == nil)
            #expect(decoded == Array(frames.prefix(decoded.count)))
        }
    }

    @Test("are accepted as long as their kind allows, and refused one byte beyond, by the head alone")
    func limits() throws {
        for kind in FrameKind.allCases {
            let first = kind == .hello ? [] : frameBytes(1, [])
            let limit = kind.maximumByteCount
            let longest = decode([first, frameBytes(kind.rawValue, [UInt8](repeating: 5, count: limit))])
            #expect(longest.error == nil)
            #expect(longest.frames.last?.body.count == limit)
            let beyond = decode([first, frameBytes(kind.rawValue, [], length: UInt32(limit + 2))])
            #expect(beyond.error == .tooLong(byteCount: limit + 1, limit: limit))
        }
    }

    @Test("of length 0, of an unknown kind, of an absurd length, without or with a second hello are refused")
    func refused() {
        let hello = frameBytes(1, [])
        let longest = FrameKind.block.maximumByteCount
        let cases: [([UInt8], FrameError)] = [
            ([0, 0, 0, 0], .empty),
            ([255, 255, 255, 255], .tooLong(byteCount: 4_294_967_294, limit: longest)),
            (frameBytes(0, []), .unknownKind(0)),
            (frameBytes(14, []), .unknownKind(14)),
            (frameBytes(255, []), .unknownKind(255)),
            (frameBytes(2, []), .helloExpected(found: .vote)),
            (hello + hello, .unexpectedHello),
            (hello + [0, 0, 0, 0], .empty),
            (hello + frameBytes(200, []), .unknownKind(200)),
        ]
        for (bytes, expected) in cases {
            #expect(decode([bytes]).error == expected)
            #expect(decode(bytes.map { [$0] }).error == expected)
        }
    }

    @Test("in a channel end the stream at the first bad one")
    func channel() throws {
        let channel = EmbeddedChannel(handler: ByteToMessageHandler(FrameDecoder()))
        try channel.writeInbound(ByteBuffer(bytes: frameBytes(1, [7])))
        #expect(try channel.readInbound(as: Frame.self) == Frame(kind: .hello, body: [7]))
        #expect(throws: FrameError.unknownKind(99)) {
            try channel.writeInbound(ByteBuffer(bytes: frameBytes(99, []) + frameBytes(2, [])))
        }
        #expect(try channel.readInbound(as: Frame.self) == nil)
        _ = try? channel.finish(acceptAlreadyClosed: true)
    }

    @Test(
        "of mutated and randomly cut streams never trap, never exceed a limit and give the same however cut",
        arguments: 0..<40
    )
    func fuzz(seed: UInt64) throws {
        var generator = SplitMix(state: seed)
        let stream = try makeStream(makeFrames() + makeFrames().dropFirst())
        for _ in 0..<50 {
            var bytes = stream
            for _ in 0..<Int.random(in: 0...6, using: &generator) {
                guard let index = bytes.indices.randomElement(using: &generator) else { break }
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                case 2: bytes.remove(at: index)
                default: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: index)
                }
            }
            var chunks: [[UInt8]] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Int.random(in: 1...max(1, min(rest.count, 90)), using: &generator)
                chunks.append(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            let whole = decode([bytes])
            let cut = decode(chunks)
            #expect(whole.frames == cut.frames)
            #expect(whole.error == cut.error)
            for frame in whole.frames { #expect(frame.body.count <= frame.kind.maximumByteCount) }
        }
    }
}

/// A small generator (SplitMix64), so that a failing seed prints itself.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
