import Foundation
package import JalonModel

/// What a coordinator hands to every member of a new network: its genesis, in which names, keys and addresses stand.
///
/// The text is armoured as RFC 7468 has it: two lines say which network it is, for people, and are checked against the
/// bytes. The members compare the chain's id by another way than the one that the file came by.
package struct Invitation: Hashable, Sendable {
    /// Bytes of the longest text that is read.
    package static let maximumByteCount = 2 * Genesis.maximumByteCount

    package let genesis: Genesis

    package init(genesis: Genesis) {
        self.genesis = genesis
    }

    private static let begin = "-----BEGIN JALON INVITATION-----"
    private static let end = "-----END JALON INVITATION-----"

    /// The file's text.
    package var text: String {
        let base64 = Data(genesis.encoded).base64EncodedString()
        var lines = [Invitation.begin, "Network: \(genesis.network)", "Chain: \(genesis.chain)", ""]
        var rest = base64[...]
        while !rest.isEmpty {
            lines.append(String(rest.prefix(64)))
            rest = rest.dropFirst(64)
        }
        lines.append(Invitation.end)
        return lines.joined(separator: "\n") + "\n"
    }

    /// Reads an invitation and checks its genesis.
    ///
    /// - Parameters:
    ///   - text: The file's text.
    ///   - file: The name for an error.
    /// - Throws: ``SetupError/badInvitation(file:reason:)``.
    package init(text: String, file: String) throws(SetupError) {
        func fail(_ reason: String) -> SetupError { .badInvitation(file: file, reason: reason) }
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
        guard let begin = lines.firstIndex(of: Invitation.begin),
            let end = lines.lastIndex(of: Invitation.end),
            begin < end
        else { throw fail("it has no '\(Invitation.begin)' or no end") }
        let inside = lines[(begin + 1)..<end]
        guard let blank = inside.firstIndex(of: "") else { throw fail("no empty line after its heading") }
        let base64 = inside[(blank + 1)...].joined()
        guard let bytes = Data(base64Encoded: base64) else { throw fail("its body is not Base64") }
        do { genesis = try Genesis.decode(Array(bytes)) } catch { throw fail("\(error)") }
        let heading = ["Network: \(genesis.network)", "Chain: \(genesis.chain)"]
        guard Array(inside[..<blank]) == heading else {
            throw fail(
                "its heading does not name its genesis, \(genesis.network) with the chain \(genesis.chain)"
            )
        }
    }

    /// Reads an invitation from a file.
    package init(file: String) throws(SetupError) {
        let bytes = try SetupFiles.read(file, limit: Invitation.maximumByteCount)
        try self.init(text: String(decoding: bytes, as: UTF8.self), file: file)
    }

    /// Writes a new file.
    package func write(to file: String) throws(SetupError) {
        try SetupFiles.write(Array(text.utf8), to: file)
    }
}
