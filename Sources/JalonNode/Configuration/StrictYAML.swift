import Foundation
import Yams

/// One value of a YAML file together with where it stands and what it is called, so that every error names both.
///
/// The decoder is strict: a key that nobody asked for, a key given twice, a value of another kind or outside its range
/// and a missing key are errors, each with its line. JSON is read by the same rules, being YAML.
package struct StrictYAML {
    /// Bytes of the longest file that is read.
    package static let maximumByteCount = 4 << 20

    /// The file, as the caller named it.
    let file: String
    /// The keys that lead here, for example `api.listen`; empty at the top.
    let path: String
    let node: Yams.Node

    /// Reads a document.
    ///
    /// - Throws: ``ConfigurationError`` where the text is not YAML, or holds no document or several.
    package init(text: String, file: String) throws(ConfigurationError) {
        let node: Yams.Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw ConfigurationError(yaml: error, file: file)
        } catch {
            throw ConfigurationError(file: file, message: "can't be read as YAML: \(error)")
        }
        guard let node else { throw ConfigurationError(file: file, message: "the file is empty") }
        self.init(file: file, path: "", node: node)
    }

    /// Reads a document from a file.
    package init(contentsOf file: String) throws(ConfigurationError) {
        try self.init(text: StrictYAML.text(of: file), file: file)
    }

    init(file: String, path: String, node: Yams.Node) {
        (self.file, self.path, self.node) = (file, path, node)
    }

    private static func text(of file: String) throws(ConfigurationError) -> String {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: file))
        } catch {
            throw ConfigurationError(file: file, message: "can't be read: \(reason(error))")
        }
        guard data.count <= maximumByteCount else {
            throw ConfigurationError(
                file: file,
                message: "has \(data.count) bytes, at most \(maximumByteCount) are read"
            )
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw ConfigurationError(file: file, message: "is not UTF-8")
        }
        return text
    }

    private static func reason(_ error: any Error) -> String {
        switch (error as? CocoaError)?.code {
        case .some(.fileReadNoSuchFile), .some(.fileNoSuchFile): "there is no such file"
        case .some(.fileReadNoPermission): "permission denied"
        default: error.localizedDescription
        }
    }

    // MARK: - Errors

    /// An error at this value.
    package func error(_ message: String) -> ConfigurationError {
        ConfigurationError(file: file, line: node.mark?.line, column: node.mark?.column, message: message)
    }

    /// An error that names the value's key, what was found and what was expected.
    package func error(expected: String) -> ConfigurationError {
        error("\(path.isEmpty ? "the document" : "'\(path)'") is \(found), expected \(expected)")
    }

    private var found: String {
        switch node {
        case .scalar(let scalar) where scalar.string.isEmpty: "empty"
        case .scalar(let scalar) where scalar.string.unicodeScalars.count > 60:
            "'\(String(String.UnicodeScalarView(scalar.string.unicodeScalars.prefix(60))))…'"
        case .scalar(let scalar): "'\(scalar.string)'"
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }

    // MARK: - Kinds

    /// A text as written, quoted or not; never empty.
    package func text() throws(ConfigurationError) -> String {
        guard case .scalar(let scalar) = node, !scalar.string.isEmpty, !isNull(scalar) else {
            throw error(expected: "a text")
        }
        return scalar.string
    }

    private func isNull(_ scalar: Yams.Node.Scalar) -> Bool {
        scalar.style == .plain && ["~", "null", "Null", "NULL"].contains(scalar.string)
    }

    /// A whole number in decimal digits.
    package func integer(in range: ClosedRange<Int>) throws(ConfigurationError) -> Int {
        guard case .scalar(let scalar) = node, scalar.style == .plain, let number = Int(scalar.string),
            range.contains(number), String(number) == scalar.string
        else { throw error(expected: "a whole number from \(range.lowerBound) to \(range.upperBound)") }
        return number
    }

    /// `true` or `false`.
    package func bool() throws(ConfigurationError) -> Bool {
        guard case .scalar(let scalar) = node, scalar.style == .plain, let value = Bool(scalar.string) else {
            throw error(expected: "true or false")
        }
        return value
    }

    /// One of the listed texts.
    package func choice(_ names: [String]) throws(ConfigurationError) -> String {
        let text = try? text()
        guard let text, names.contains(text) else {
            let meant = text.flatMap { NearestName.nearest(to: $0, among: names) }
            let question = meant.map { "; did you mean '\($0)'?" } ?? ""
            throw error(expected: StrictYAML.list(names) + question)
        }
        return text
    }

    /// The entries of a list.
    package func list(maximum: Int = 10_000) throws(ConfigurationError) -> [StrictYAML] {
        guard case .sequence(let sequence) = node else { throw error(expected: "a list") }
        guard sequence.count <= maximum else {
            throw error("'\(path)' has \(sequence.count) entries, at most \(maximum)")
        }
        return sequence.enumerated().map { index, node in
            StrictYAML(file: file, path: "\(path)[\(index)]", node: node)
        }
    }

    /// The mapping, whose keys are all among `keys`.
    package func mapping(_ keys: [String]) throws(ConfigurationError) -> StrictMapping {
        guard case .mapping(let mapping) = node else { throw error(expected: "a mapping") }
        var values: [String: StrictYAML] = [:]
        for (key, value) in mapping {
            let at = StrictYAML(file: file, path: path, node: key)
            guard case .scalar(let scalar) = key else { throw at.error("a key must be a text") }
            let name = scalar.string
            guard keys.contains(name) else {
                let place = path.isEmpty ? "" : " in '\(path)'"
                let meant = NearestName.nearest(to: name, among: keys)
                let hint = meant.map { "did you mean '\($0)'?" } ?? "known: \(StrictYAML.list(keys))"
                throw at.error("unknown key '\(name)'\(place) — \(hint)")
            }
            guard values[name] == nil else { throw at.error("the key '\(name)' is given twice") }
            values[name] = StrictYAML(file: file, path: path.isEmpty ? name : "\(path).\(name)", node: value)
        }
        return StrictMapping(whole: self, values: values)
    }

    private static func list(_ names: [String]) -> String {
        guard let last = names.last, names.count > 1 else { return names.joined() }
        return names.dropLast().joined(separator: ", ") + " or " + last
    }
}

/// A mapping of a YAML file, all of whose keys are known ones.
package struct StrictMapping {
    /// The mapping as a value, for errors about the whole.
    package let whole: StrictYAML
    private let values: [String: StrictYAML]

    fileprivate init(whole: StrictYAML, values: [String: StrictYAML]) {
        (self.whole, self.values) = (whole, values)
    }

    /// The value of a key, or `nil` where the key is left out.
    package subscript(_ key: String) -> StrictYAML? { values[key] }

    /// The value of a key that must be there.
    package func required(_ key: String) throws(ConfigurationError) -> StrictYAML {
        guard let value = values[key] else {
            let place = whole.path.isEmpty ? "the file" : "'\(whole.path)'"
            throw whole.error("\(place) has no '\(key)'")
        }
        return value
    }
}

extension ConfigurationError {
    fileprivate init(yaml error: YamlError, file: String) {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let circumstance = context.map { " (\($0.text), from line \($0.mark.line))" } ?? ""
            self.init(file: file, line: mark.line, column: mark.column, message: problem + circumstance)
        case .duplicatedKeysInMapping(let duplicates, let context):
            let names = duplicates.map { "'\($0)'" }.joined(separator: ", ")
            self.init(
                file: file,
                line: context.mark.line,
                column: context.mark.column,
                message: "given twice in the mapping that begins here: \(names)"
            )
        default:
            self.init(file: file, message: "can't be read as YAML: \(error)")
        }
    }
}
