import JalonModel
@testable import JalonNetwork
import NIOCore
import NIOEmbedded
import Testing

@Suite("Bytes cut into frames")
struct FrameTests {
    /// Feeds the chunks and gives the frames that came out before the end or the error.
    private func receive(_ chunks: [[UInt8]]) -> (frames: [ReceivedFrame], error: FrameError?) {
        let processor = NIOSingleStepByteToMessageProcessor(FrameDecoder())
        var frames: [ReceivedFrame] = []
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

    /// Only the frames of known kinds.
    private func decode(_ chunks: [[UInt8]]) -> (frames: [Frame], error: FrameError?) {
        let (received, error) = receive(chunks)
        let frames = received.compactMap { if case .known(let frame) = $0 { frame } else { nil } }
        return (frames, error)
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

    @Test("of length 0, of an absurd length, without or with a second hello are refused")
    func refused() {
        let hello = frameBytes(1, [])
        let longest = FrameKind.block.maximumByteCount
        let cases: [([UInt8], FrameError)] = [
            ([0, 0, 0, 0], .empty),
            ([255, 255, 255, 255], .tooLong(byteCount: 4_294_967_294, limit: longest)),
            (frameBytes(0, []), .helloExpected(found: 0)),
            (frameBytes(14, []), .helloExpected(found: 14)),
            (frameBytes(255, [], length: 4_000), .helloExpected(found: 255)),
            (frameBytes(2, []), .helloExpected(found: 2)),
            (hello + hello, .unexpectedHello),
            (hello + [0, 0, 0, 0], .empty),
            (
                hello + frameBytes(200, [], length: UInt32(longest + 2)),
                .tooLong(byteCount: longest + 1, limit: longest)
            ),
            (hello + frameBytes(200, [1, 2]) + [0, 0, 0, 0], .empty),
        ]
        for (bytes, expected) in cases {
            #expect(decode([bytes]).error == expected)
            #expect(decode(bytes.map { [$0] }).error == expected)
        }
    }

    @Test(
        "of kinds that only newer programs know are passed over, and what follows counts",
        arguments: [0, 14, 255]
    )
    func unknown(kind: UInt8) throws {
        let longest = FrameKind.block.maximumByteCount
        for count in [0, 1, 700, longest] {
            let bytes =
                frameBytes(1, [7]) + frameBytes(kind, [UInt8](repeating: 2, count: count))
                + frameBytes(2, [8]) + frameBytes(kind, []) + frameBytes(2, [9])
            let expected: [ReceivedFrame] = [
                .known(Frame(kind: .hello, body: [7])),
                .unknown(kind: kind, byteCount: 5 + count),
                .known(Frame(kind: .vote, body: [8])),
                .unknown(kind: kind, byteCount: 5),
                .known(Frame(kind: .vote, body: [9])),
            ]
            for size in [1, 3, 4, 5, 6, 7, 11, 13, 4_096, bytes.count] where bytes.count / size < 20_000 {
                let chunks = stride(from: 0, to: bytes.count, by: size).map {
                    Array(bytes[$0..<min($0 + size, bytes.count)])
                }
                let (frames, error) = receive(chunks)
                #expect(frames == expected, "in pieces of \(size)")
                #expect(error == nil)
            }
            // Cut by the end of the stream, it is forgotten like every frame.
            let cut = receive([Array(bytes.prefix(6 + 5 + max(count - 1, 0)))])
            #expect(cut.error == nil && cut.frames.first == expected.first)
        }
    }

    @Test("of an unknown kind are let go as they arrive")
    func letGo() throws {
        var decoder = FrameDecoder()
        var buffer = ByteBuffer(bytes: frameBytes(1, []) + frameBytes(99, [1, 2, 3], length: 1_000))
        #expect(try decoder.decode(buffer: &buffer) == .known(Frame(kind: .hello, body: [])))
        #expect(try decoder.decode(buffer: &buffer) == nil)
        #expect(buffer.readableBytes == 0)
        buffer.writeRepeatingByte(4, count: 990)
        #expect(try decoder.decode(buffer: &buffer) == nil)
        #expect(buffer.readableBytes == 0)
        buffer.writeBytes([5, 5, 5, 5, 5, 5] + frameBytes(2, [6]))
        #expect(try decoder.decode(buffer: &buffer) == .unknown(kind: 99, byteCount: 1_004))
        #expect(try decoder.decode(buffer: &buffer) == .known(Frame(kind: .vote, body: [6])))
    }

    @Test("in a channel end the stream at the first bad one")
    func channel() throws {
        let channel = EmbeddedChannel(handler: ByteToMessageHandler(FrameDecoder()))
        try channel.writeInbound(ByteBuffer(bytes: frameBytes(1, [7])))
        #expect(
            try channel.readInbound(as: ReceivedFrame.self) == .known(Frame(kind: .hello, body: [7]))
        )
        #expect(throws: FrameError.empty) {
            try channel.writeInbound(ByteBuffer(bytes: [0, 0, 0, 0] + frameBytes(2, [])))
        }
        #expect(try channel.readInbound(as: ReceivedFrame.self) == nil)
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
            let whole = receive([bytes])
            let cut = receive(chunks)
            #expect(whole.frames == cut.frames)
            #expect(whole.error == cut.error)
            for case .known(let frame) in whole.frames {
                #expect(frame.body.count <= frame.kind.maximumByteCount)
            }
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
