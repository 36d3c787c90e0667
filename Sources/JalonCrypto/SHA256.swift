private import COpenSSL

/// SHA-256 (FIPS 180-4), by libcrypto.
public struct SHA256: ~Copyable {
    private var context = SHA256_CTX()

    public init() {
        SHA256_Init(&context)
    }

    /// Adds bytes to the message.
    public mutating func update(_ bytes: some Sequence<UInt8>) {
        let added: Void? = bytes.withContiguousStorageIfAvailable { buffer in
            _ = SHA256_Update(&context, buffer.baseAddress, buffer.count)
        }
        if added == nil {
            let copy = Array(bytes)
            SHA256_Update(&context, copy, copy.count)
        }
    }

    /// Adds one byte to the message.
    public mutating func update(byte: UInt8) {
        withUnsafeBytes(of: byte) { _ = SHA256_Update(&context, $0.baseAddress, 1) }
    }

    /// Adds a digest's 32 bytes to the message, without an array of their own.
    public mutating func update(_ digest: Digest) {
        withUnsafeTemporaryAllocation(byteCount: Digest.byteCount, alignment: 8) { buffer in
            digest.write(to: buffer)
            SHA256_Update(&context, buffer.baseAddress, buffer.count)
        }
    }

    /// Ends the message.
    public consuming func finalize() -> Digest {
        withUnsafeTemporaryAllocation(byteCount: Digest.byteCount, alignment: 8) { buffer in
            SHA256_Final(buffer.baseAddress, &context)
            return Digest(raw: UnsafeRawBufferPointer(buffer))
        }
    }

    /// The digest of one message.
    public static func hash(_ bytes: some Sequence<UInt8>) -> Digest {
        var hasher = SHA256()
        hasher.update(bytes)
        return hasher.finalize()
    }

    /// The digest of a text and, behind it, another digest's 64 lower-case hexadecimal digits.
    public static func hash(_ text: String, hex digest: Digest) -> Digest {
        var text = text
        return text.withUTF8 { text in
            let byteCount = text.count + 2 * Digest.byteCount
            return withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 8) { buffer in
                digest.writeHex(after: text, to: buffer)
                var hasher = SHA256()
                SHA256_Update(&hasher.context, buffer.baseAddress, byteCount)
                return hasher.finalize()
            }
        }
    }

    /// The digest of `prefix ‖ left ‖ right`: an inner node of the log and of the state tree.
    public static func hash(prefix: UInt8, _ left: Digest, _ right: Digest) -> Digest {
        withUnsafeTemporaryAllocation(byteCount: 1 + 2 * Digest.byteCount, alignment: 8) { buffer in
            buffer[0] = prefix
            left.write(to: UnsafeMutableRawBufferPointer(rebasing: buffer[1..<33]))
            right.write(to: UnsafeMutableRawBufferPointer(rebasing: buffer[33..<65]))
            var hasher = SHA256()
            SHA256_Update(&hasher.context, buffer.baseAddress, buffer.count)
            return hasher.finalize()
        }
    }

    /// The digest of `prefix ‖ bytes`: a leaf of the log.
    public static func hash(prefix: UInt8, _ bytes: some Sequence<UInt8>) -> Digest {
        var hasher = SHA256()
        hasher.update(byte: prefix)
        hasher.update(bytes)
        return hasher.finalize()
    }
}
