public import JalonCodec

/// A SHA-256 digest: 32 bytes, compared in bytewise order.
public struct Digest: Hashable, Sendable {
    /// The number of bytes in a digest.
    public static let byteCount = 32

    /// 32 zero bytes: an empty subtree, or the block of a nullify vote.
    public static let zero = Digest(words: (0, 0, 0, 0))

    // Four words instead of an array: no allocation, and hashing and comparing cost a few instructions.
    private let word0: UInt64
    private let word1: UInt64
    private let word2: UInt64
    private let word3: UInt64

    /// Takes four big-endian words.
    private init(words: (UInt64, UInt64, UInt64, UInt64)) {
        (word0, word1, word2, word3) = words
    }

    /// - Returns: `nil` unless `bytes` are exactly 32.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Digest.byteCount else { return nil }
        let digest = bytes.withContiguousStorageIfAvailable { Digest(raw: UnsafeRawBufferPointer($0)) }
        self = digest ?? Array(bytes).withUnsafeBytes { Digest(raw: $0) }
    }

    /// - Returns: `nil` unless `hex` is 64 hexadecimal digits.
    public init?(hex: String) {
        var hex = hex
        guard let digest = hex.withUTF8({ Digest(hexDigits: $0, allowsCapitals: true) }) else { return nil }
        self = digest
    }

    /// - Returns: `nil` unless `digits` are 64 hexadecimal digits in ASCII, the letters in lower case.
    public init?(lowerCaseHex digits: ArraySlice<UInt8>) {
        let digest = digits.withUnsafeBufferPointer { Digest(hexDigits: $0, allowsCapitals: false) }
        guard let digest else { return nil }
        self = digest
    }

    private init?(hexDigits digits: UnsafeBufferPointer<UInt8>, allowsCapitals: Bool) {
        guard digits.count == 2 * Digest.byteCount else { return nil }
        // What is no digit is noted and looked at once: a million paths are read at a start.
        var isBad = false
        func word(at start: Int) -> UInt64 {
            var word: UInt64 = 0
            for index in start..<(start + 16) {
                let byte = digits[index]
                let (number, letter) = (byte &- UInt8(ascii: "0"), byte &- UInt8(ascii: "a"))
                let capital = byte &- UInt8(ascii: "A")
                let isCapital = allowsCapitals && capital < 6
                isBad = isBad || !(number < 10 || letter < 6 || isCapital)
                let value = number < 10 ? number : (isCapital ? capital : letter) &+ 10
                word = word << 4 | UInt64(value & 15)
            }
            return word
        }
        self.init(words: (word(at: 0), word(at: 16), word(at: 32), word(at: 48)))
        guard !isBad else { return nil }
    }

    /// The first eight bytes tell digests apart as well as all do.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(word0)
    }

    /// Reads the 32 bytes that libcrypto wrote.
    init(raw: UnsafeRawBufferPointer) {
        precondition(raw.count == Digest.byteCount, "a SHA-256 digest has 32 bytes")
        func word(_ index: Int) -> UInt64 {
            UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
        }
        self.init(words: (word(0), word(1), word(2), word(3)))
    }

    /// Writes the 32 bytes at the start of `target`.
    func write(to target: UnsafeMutableRawBufferPointer) {
        target.storeBytes(of: word0.bigEndian, toByteOffset: 0, as: UInt64.self)
        target.storeBytes(of: word1.bigEndian, toByteOffset: 8, as: UInt64.self)
        target.storeBytes(of: word2.bigEndian, toByteOffset: 16, as: UInt64.self)
        target.storeBytes(of: word3.bigEndian, toByteOffset: 24, as: UInt64.self)
    }

    /// The 32 bytes.
    public var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Digest.byteCount) { buffer, count in
            write(to: UnsafeMutableRawBufferPointer(buffer))
            count = Digest.byteCount
        }
    }

    /// 64 lower-case hexadecimal digits.
    public var hex: String { hex(after: "") }

    /// A text and, behind it, 64 lower-case hexadecimal digits.
    public func hex(after prefix: String) -> String {
        var prefix = prefix
        return prefix.withUTF8 { prefix in
            String(unsafeUninitializedCapacity: prefix.count + 2 * Digest.byteCount) { buffer in
                writeHex(after: prefix, to: UnsafeMutableRawBufferPointer(buffer))
                return prefix.count + 2 * Digest.byteCount
            }
        }
    }

    /// Writes a text and, behind it, 64 lower-case hexadecimal digits, for which `target` has room.
    func writeHex(after prefix: UnsafeBufferPointer<UInt8>, to target: UnsafeMutableRawBufferPointer) {
        // Eight digits at once: each half byte in a byte of its own, then moved to the digits or to the letters.
        func write(_ half: UInt64, at start: Int) {
            var digits = (half | half << 16) & 0x0000_FFFF_0000_FFFF
            digits = (digits | digits << 8) & 0x00FF_00FF_00FF_00FF
            digits = (digits | digits << 4) & 0x0F0F_0F0F_0F0F_0F0F
            let isLetter = (digits &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
            digits = digits &+ 0x3030_3030_3030_3030 &+ isLetter &* 0x27
            target.storeBytes(of: digits.bigEndian, toByteOffset: start, as: UInt64.self)
        }
        target.copyMemory(from: UnsafeRawBufferPointer(prefix))
        var start = prefix.count
        func write(word: UInt64) {
            write(word >> 32, at: start)
            write(word & 0xFFFF_FFFF, at: start + 8)
            start += 16
        }
        write(word: word0)
        write(word: word1)
        write(word: word2)
        write(word: word3)
    }

    /// Hands over the 32 bytes, without an array of their own.
    fileprivate func withBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
        withUnsafeTemporaryAllocation(byteCount: Digest.byteCount, alignment: 8) { buffer in
            write(to: buffer)
            body(UnsafeRawBufferPointer(buffer))
        }
    }

    /// The first eight bytes as a number, in the digests' own order.
    public var prefix: UInt64 { word0 }

    /// The bit at `index`, 0 the most significant of the first byte, up to 255.
    public func bit(_ index: Int) -> Bool {
        let word =
            switch index >> 6 {
            case 0: word0
            case 1: word1
            case 2: word2
            default: word3
            }
        return word >> UInt64(63 - (index & 63)) & 1 == 1
    }
}

extension Digest: Comparable {
    public static func < (left: Digest, right: Digest) -> Bool {
        if left.word0 != right.word0 { return left.word0 < right.word0 }
        if left.word1 != right.word1 { return left.word1 < right.word1 }
        if left.word2 != right.word2 { return left.word2 < right.word2 }
        return left.word3 < right.word3
    }
}

extension Digest: CustomStringConvertible {
    public var description: String { hex }
}

/// A digest with a meaning of its own, so that a block's id can't be passed for a transaction's.
public protocol TypedDigest: Hashable, Comparable, Sendable, CustomStringConvertible {
    var digest: Digest { get }
    init(_ digest: Digest)
}

extension TypedDigest {
    /// - Returns: `nil` unless `bytes` are exactly 32.
    public init?(bytes: some Collection<UInt8>) {
        guard let digest = Digest(bytes) else { return nil }
        self.init(digest)
    }

    /// - Returns: `nil` unless `hex` is 64 hexadecimal digits.
    public init?(hex: String) {
        guard let digest = Digest(hex: hex) else { return nil }
        self.init(digest)
    }

    /// The 32 bytes.
    public var bytes: [UInt8] { digest.bytes }

    /// 64 lower-case hexadecimal digits.
    public var hex: String { digest.hex }

    public var description: String { digest.hex }

    public static func < (left: Self, right: Self) -> Bool { left.digest < right.digest }
}

/// SHA-256 of a public key's SubjectPublicKeyInfo (RFC 5280 §4.1): the `kid` of COSE headers.
public struct KeyID: TypedDigest {
    public let digest: Digest

    public init(_ digest: Digest) {
        self.digest = digest
    }
}

extension CBOREncoder {
    /// Writes a digest as a byte string of 32 bytes.
    public mutating func encode(_ digest: Digest) {
        digest.withBytes { encode(bytes: $0) }
    }

    /// Writes a typed digest as a byte string of 32 bytes.
    public mutating func encode(_ value: some TypedDigest) {
        encode(value.digest)
    }
}

extension CBORDecoder {
    /// Reads a byte string of exactly 32 bytes.
    public mutating func decodeDigest() throws(CBORError) -> Digest {
        let at = offset
        let bytes = try decodeBytes(count: Digest.byteCount)
        guard let digest = Digest(bytes) else {
            throw .wrongCount(expected: Digest.byteCount, found: bytes.count, offset: at)
        }
        return digest
    }

    /// Reads a typed digest, a byte string of exactly 32 bytes.
    public mutating func decode<Value: TypedDigest>(_ type: Value.Type = Value.self) throws(CBORError)
        -> Value
    {
        Value(try decodeDigest())
    }
}
