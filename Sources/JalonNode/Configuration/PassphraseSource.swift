package import JalonStorage

/// Where the passphrases of encrypted key files come from: the first of these that is there.
///
/// A file that was named; the variable `JALON_PASSPHRASE`; the file that `JALON_PASSPHRASE_FILE` names; the file that the
/// node's configuration names; a credential of systemd's (`LoadCredential=` or `LoadCredentialEncrypted=`), called as
/// the key's file with `.passphrase` behind or, for all keys, `jalon.passphrase`; whoever sits at the terminal.
package struct PassphraseSource: Sendable {
    package static let variable = "JALON_PASSPHRASE"
    package static let fileVariable = "JALON_PASSPHRASE_FILE"
    /// The name of systemd's own variable.
    static let credentialsVariable = "CREDENTIALS_DIRECTORY"

    private let file: String?
    private let environment: [String: String]
    private let configured: String?
    private let ask: @Sendable (String) -> [UInt8]?

    /// - Parameters:
    ///   - file: The file that a flag names.
    ///   - environment: The process' environment.
    ///   - configured: The file that a node's configuration names.
    ///   - ask: Asks whoever sits at the terminal for the passphrase of a key file; `nil` where nobody does.
    package init(
        file: String? = nil,
        environment: [String: String],
        configured: String? = nil,
        ask: @escaping @Sendable (String) -> [UInt8]? = { _ in nil }
    ) {
        (self.file, self.environment, self.configured, self.ask) = (file, environment, configured, ask)
    }

    /// The passphrase of a key file; `nil` where none of the places has one.
    ///
    /// - Throws: `KeyFileError` where a file that was named can't be read, is empty, or lies open to others.
    package func passphrase(of keyFile: String) throws(KeyFileError) -> [UInt8]? {
        try given(for: keyFile) ?? ask(keyFile)
    }

    /// The same without asking anybody.
    package func given(for keyFile: String) throws(KeyFileError) -> [UInt8]? {
        if let file { return try KeyFile.passphrase(at: file) }
        if let text = environment[PassphraseSource.variable], !text.isEmpty { return Array(text.utf8) }
        for path in [environment[PassphraseSource.fileVariable], configured] {
            if let path, !path.isEmpty { return try KeyFile.passphrase(at: path) }
        }
        guard let folder = environment[PassphraseSource.credentialsVariable], !folder.isEmpty else {
            return nil
        }
        let name = keyFile.split(separator: "/").last.map(String.init) ?? keyFile
        for credential in ["\(name).passphrase", "jalon.passphrase"] {
            do throws(KeyFileError) {
                return try KeyFile.passphrase(at: "\(folder)/\(credential)", isGuarded: true)
            } catch .notFound {
                continue
            }
        }
        return nil
    }
}
