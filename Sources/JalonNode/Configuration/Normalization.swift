import Foundation

extension String {
    /// The text in Unicode's form NFC, in which what looks the same has the same bytes.
    package var normalizedToNFC: String { precomposedStringWithCanonicalMapping }
}
