/// Words that a text must hold, compared without regard to case.
///
/// Case is that of ASCII and of the letters of Latin-1, which is what English and French need; no text is copied for it.
package struct TextFilter: Hashable, Sendable {
    /// Words of a filter at the most; more are refused by whoever reads a request.
    package static let maximumWordCount = 8
    /// Bytes of a filter at the most.
    package static let maximumByteCount = 200

    private let words: [[UInt8]]

    /// Splits at blanks.
    ///
    /// - Returns: `nil` where there is no word, more than ``maximumWordCount``, or more than ``maximumByteCount`` bytes.
    package init?(_ text: String) {
        guard text.utf8.count <= TextFilter.maximumByteCount else { return nil }
        words = text.split(whereSeparator: \.isWhitespace).map { TextFilter.folded($0.utf8) }
        guard (1...TextFilter.maximumWordCount).contains(words.count) else { return nil }
    }

    /// Whether each word stands in one of the texts.
    ///
    /// - Complexity: O(n · w) for n bytes and w words.
    package func admits(_ texts: [String?]) -> Bool {
        words.allSatisfy { word in
            texts.contains { text in
                guard var text else { return false }
                return text.withUTF8 { TextFilter.holds($0, word) }
            }
        }
    }

    private static func holds(_ text: UnsafeBufferPointer<UInt8>, _ word: [UInt8]) -> Bool {
        guard text.count >= word.count, let first = word.first else { return false }
        var start = 0
        while start <= text.count - word.count {
            if folded(text[start], after: start > 0 ? text[start - 1] : 0) == first {
                var index = 1
                while index < word.count,
                    folded(text[start + index], after: text[start + index - 1]) == word[index]
                {
                    index += 1
                }
                if index == word.count { return true }
            }
            start += 1
        }
        return false
    }

    private static func folded(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var last: UInt8 = 0
        return bytes.map { byte in
            defer { last = byte }
            return folded(byte, after: last)
        }
    }

    /// A byte of UTF-8 in lower case: A to Z, and after C3 the capitals À to Þ but ×.
    private static func folded(_ byte: UInt8, after last: UInt8) -> UInt8 {
        if (0x41...0x5A).contains(byte) { return byte + 0x20 }
        if last == 0xC3, (0x80...0x9E).contains(byte), byte != 0x97 { return byte + 0x20 }
        return byte
    }
}
