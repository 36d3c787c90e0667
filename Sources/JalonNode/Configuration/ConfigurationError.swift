/// What is wrong with a file of configuration or of ledger input, and where it stands.
package struct ConfigurationError: Error, Equatable, Sendable {
    /// The file, as the caller named it.
    package let file: String
    /// Counted from 1; `nil` where the whole file is meant.
    package let line: Int?
    /// Counted from 1, in Unicode scalars.
    package let column: Int?
    /// What was found, what was expected, what to do.
    package let message: String

    package init(file: String, line: Int? = nil, column: Int? = nil, message: String) {
        (self.file, self.line, self.column, self.message) = (file, line, column, message)
    }
}

extension ConfigurationError: CustomStringConvertible {
    /// `file:line:column: message`, which editors and terminals make a link of.
    package var description: String {
        var place = file
        if let line { place += ":\(line)" }
        if let column { place += ":\(column)" }
        return "\(place): \(message)"
    }
}
