package import JalonModel
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
    /// The kind is none of ``FrameKind``.
    case unknownKind(UInt8)
    /// The length is beyond the limit of its kind, or of every kind.
    case tooLong(byteCount: Int, limit: Int)
    /// The first frame is not a hello.
    case helloExpected(found: FrameKind)
    /// A hello after the first frame.
    case unexpectedHello
    /// The hello's body does not decode, in the decoder's words.
    case malformedHello(String)
}

extension FrameError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .empty: "the peer sent a frame of length 0"
        case .unknownKind(let kind): "the peer sent a frame of the unknown kind \(kind)"
        case .tooLong(let byteCount, let limit):
            "the peer sent a frame of \(byteCount) bytes, at most \(limit) are allowed"
        case .helloExpected(let found): "the peer began with a frame of kind \(found), expected a hello"
        case .unexpectedHello: "the peer sent a second hello"
        case .malformedHello(let reason): "the peer's hello does not decode: \(reason)"
        }
    }
}

/// Cuts a connection's bytes into frames, and refuses a frame by its head before its body is waited for.
struct FrameDecoder: NIOSingleStepByteToMessageDecoder {
    typealias InboundOut = Frame

    /// The limit of the kind with the longest bodies.
    private static let longestBody = FrameKind.allCases.reduce(0) { max($0, $1.maximumByteCount) }

    private var isFirst = true

    mutating func decode(buffer: inout ByteBuffer) throws -> Frame? {
        let start = buffer.readerIndex
        guard let length = buffer.getInteger(at: start, as: UInt32.self) else { return nil }
        guard length > 0 else { throw FrameError.empty }
        let bodyByteCount = Int(length) - 1
        // Before the kind is there: no kind would do.
        guard bodyByteCount <= FrameDecoder.longestBody else {
            throw FrameError.tooLong(byteCount: bodyByteCount, limit: FrameDecoder.longestBody)
        }
        guard let byte = buffer.getInteger(at: start + 4, as: UInt8.self) else { return nil }
        guard let kind = FrameKind(rawValue: byte) else { throw FrameError.unknownKind(byte) }
        if isFirst && kind != .hello { throw FrameError.helloExpected(found: kind) }
        if !isFirst && kind == .hello { throw FrameError.unexpectedHello }
        guard bodyByteCount <= kind.maximumByteCount else {
            throw FrameError.tooLong(byteCount: bodyByteCount, limit: kind.maximumByteCount)
        }
        guard let body = buffer.getBytes(at: start + Frame.headByteCount, length: bodyByteCount) else {
            return nil
        }
        buffer.moveReaderIndex(forwardBy: Frame.headByteCount + bodyByteCount)
        isFirst = false
        return Frame(kind: kind, body: body)
    }

    mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> Frame? {
        if let frame = try decode(buffer: &buffer) { return frame }
        // A frame that the end of the connection cut is no offence: the peer may have been killed.
        buffer.moveReaderIndex(to: buffer.writerIndex)
        return nil
    }
}
