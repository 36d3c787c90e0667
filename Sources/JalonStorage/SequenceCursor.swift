import JalonCodec

/// A place in a file that is a CBOR sequence (RFC 8742), and what was read ahead of it.
///
/// A few MiB of the file are in memory at a time, however long it is.
struct SequenceCursor: Sendable {
    let file: OpenFile
    /// Bytes of the longest item that is read.
    private let longest: Int
    private var buffer: [UInt8] = []
    private var position = 0
    /// Where in the file the buffer ends.
    private var offset = 0
    private var hasRead = false

    private static let readByteCount = 4 << 20

    init(_ file: OpenFile, longest: Int) {
        (self.file, self.longest) = (file, longest)
    }

    /// Reads the next item.
    mutating func next<Value>(
        _ body: (inout CBORDecoder) throws(CBORError) -> Value
    ) throws(SequenceError) -> Value {
        do throws(SystemError) { try fill() } catch { throw .system(error) }
        guard position < buffer.count else { throw .ended }
        var decoder = CBORDecoder(buffer[position...])
        let value: Value
        do throws(CBORError) { value = try body(&decoder) } catch { throw .undecodable(error) }
        position += decoder.offset
        return value
    }

    /// Whether nothing stands behind the last item that was read.
    var isAtEnd: Bool {
        mutating get throws(SystemError) {
            try fill()
            return position == buffer.count
        }
    }

    /// Reads on until the buffer holds the longest item, or the rest of the file.
    private mutating func fill() throws(SystemError) {
        guard !hasRead, buffer.count - position < longest else { return }
        buffer.removeFirst(position)
        position = 0
        while !hasRead, buffer.count < longest {
            let bytes = try file.read(limit: SequenceCursor.readByteCount, from: offset)
            offset += bytes.count
            hasRead = bytes.isEmpty
            buffer += bytes
        }
    }
}

/// Why there is no next item.
enum SequenceError: Error, Equatable, Sendable {
    case ended
    case undecodable(CBORError)
    case system(SystemError)
}
