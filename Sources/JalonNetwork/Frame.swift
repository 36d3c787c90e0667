import JalonModel
import NIOCore

/// One frame as it stands on the wire: length (4 bytes, big-endian, of kind and body), kind (1 byte), body.
struct Frame: Equatable, Sendable {
    /// Bytes of the length and the kind.
    static let headByteCount = 5

    var kind: FrameKind
    var body: [UInt8]

    /// The frame's bytes, written once however many peers get them.
    ///
    /// - Returns: `nil` where the body is longer than its kind allows.
    static func encode(_ kind: FrameKind, _ body: [UInt8]) -> ByteBuffer? {
        guard body.count <= kind.maximumByteCount else { return nil }
        var buffer = ByteBuffer()
        buffer.reserveCapacity(headByteCount + body.count)
        buffer.writeInteger(UInt32(body.count + 1))
        buffer.writeInteger(kind.rawValue)
        buffer.writeBytes(body)
        return buffer
    }
}

/// Bytes that are no frame, or none that is allowed at its place: the connection ends.
package enum FrameError: Error, Equatable, Sendable {
    /// The length is 0, so that there is no kind.
    case empty
    /// The length is beyond the limit of its kind, or of every kind.
    case tooLong(byteCount: Int, limit: Int)
    /// The first frame, of this kind, is not a hello.
    case helloExpected(found: UInt8)
    /// A hello after the first frame.
    case unexpectedHello
    /// The hello's body does not decode, in the decoder's words.
    case malformedHello(String)
}

extension FrameError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .empty: "the peer sent a frame of length 0"
        case .tooLong(let byteCount, let limit):
            "the peer sent a frame of \(byteCount) bytes, at most \(limit) are allowed"
        case .helloExpected(let found):
            "the peer began with a frame of kind \(FrameKind(rawValue: found).map { "\($0)" } ?? "\(found)"), expected a hello"
        case .unexpectedHello: "the peer sent a second hello"
        case .malformedHello(let reason): "the peer's hello does not decode: \(reason)"
        }
    }
}

/// What a connection's bytes are cut into.
enum ReceivedFrame: Equatable, Sendable {
    case known(Frame)
    /// A frame of a kind that is none of ``FrameKind``, as newer programs may send: its bytes, head included, are gone.
    case unknown(kind: UInt8, byteCount: Int)

    /// Bytes on the wire, head included.
    var byteCount: Int {
        switch self {
        case .known(let frame): Frame.headByteCount + frame.body.count
        case .unknown(_, let byteCount): byteCount
        }
    }
}

/// Cuts a connection's bytes into frames, and refuses a frame by its head before its body is waited for.
///
/// After the hello a frame of an unknown kind is passed over, so that a newer program may say more than this one understands;
/// its body is let go as it arrives.
struct FrameDecoder: NIOSingleStepByteToMessageDecoder {
    typealias InboundOut = ReceivedFrame

    /// The limit of the kind with the longest bodies, and of unknown kinds.
    static let longestBody = FrameKind.allCases.reduce(0) { max($0, $1.maximumByteCount) }

    private var isFirst = true
    /// The frame of an unknown kind whose body has not all arrived.
    private var skipped: (kind: UInt8, byteCount: Int, left: Int)?

    mutating func decode(buffer: inout ByteBuffer) throws -> ReceivedFrame? {
        if skipped != nil { return skip(in: &buffer) }
        let start = buffer.readerIndex
        guard let length = buffer.getInteger(at: start, as: UInt32.self) else { return nil }
        guard length > 0 else { throw FrameError.empty }
        let bodyByteCount = Int(length) - 1
        // Before the kind is there: no kind would do.
        guard bodyByteCount <= FrameDecoder.longestBody else {
            throw FrameError.tooLong(byteCount: bodyByteCount, limit: FrameDecoder.longestBody)
        }
        guard let byte = buffer.getInteger(at: start + 4, as: UInt8.self) else { return nil }
        if isFirst && byte != FrameKind.hello.rawValue { throw FrameError.helloExpected(found: byte) }
        guard let kind = FrameKind(rawValue: byte) else {
            buffer.moveReaderIndex(forwardBy: Frame.headByteCount)
            skipped = (byte, Frame.headByteCount + bodyByteCount, left: bodyByteCount)
            return skip(in: &buffer)
        }
        if !isFirst && kind == .hello { throw FrameError.unexpectedHello }
        guard bodyByteCount <= kind.maximumByteCount else {
            throw FrameError.tooLong(byteCount: bodyByteCount, limit: kind.maximumByteCount)
        }
        guard let body = buffer.getBytes(at: start + Frame.headByteCount, length: bodyByteCount) else {
            return nil
        }
        buffer.moveReaderIndex(forwardBy: Frame.headByteCount + bodyByteCount)
        isFirst = false
        return .known(Frame(kind: kind, body: body))
    }

    mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> ReceivedFrame? {
        if let frame = try decode(buffer: &buffer) { return frame }
        // A frame that the end of the connection cut is no offence: the peer may have been killed.
        buffer.moveReaderIndex(to: buffer.writerIndex)
        return nil
    }

    /// Lets go what has arrived of the skipped frame.
    ///
    /// - Returns: `nil` while more of it is to come.
    private mutating func skip(in buffer: inout ByteBuffer) -> ReceivedFrame? {
        guard var frame = skipped else { return nil }
        let byteCount = min(frame.left, buffer.readableBytes)
        buffer.moveReaderIndex(forwardBy: byteCount)
        frame.left -= byteCount
        skipped = frame.left > 0 ? frame : nil
        return frame.left > 0 ? nil : .unknown(kind: frame.kind, byteCount: frame.byteCount)
    }
}
