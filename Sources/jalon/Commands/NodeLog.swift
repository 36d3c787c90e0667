import Foundation
import JalonNode
import Logging

/// What a node writes about itself: to the standard error, a line an event.
enum NodeLog {
    /// The logger that a configuration asks for.
    static func logger(_ configuration: LogConfiguration) -> Logger {
        let format = configuration.format
        var logger = Logger(label: "jalon") { label in
            switch format {
            case .text: StreamLogHandler.standardError(label: label)
            case .json: JSONLogHandler(label: label)
            }
        }
        logger.logLevel =
            switch configuration.level {
            case .trace: .trace
            case .debug: .debug
            case .info: .info
            case .notice: .notice
            case .warning: .warning
            case .error: .error
            }
        return logger
    }
}

/// A log as JSON, an object a line, for machines that collect it.
struct JSONLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    var logLevel: Logger.Level = .info
    let label: String

    init(label: String) {
        self.label = label
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields: [String: String] = [:]
        for (key, value) in metadataProvider?.get() ?? [:] { fields[key] = "\(value)" }
        for (key, value) in metadata { fields[key] = "\(value)" }
        for (key, value) in event.metadata ?? [:] { fields[key] = "\(value)" }
        let line = JSONLogHandler.line(
            time: Date(),
            level: event.level,
            message: "\(event.message)",
            fields: fields
        )
        try? FileHandle.standardError.write(contentsOf: Data((line + "\n").utf8))
    }

    /// One event: its time (RFC 3339), level and message, then its data by name.
    static func line(time: Date, level: Logger.Level, message: String, fields: [String: String]) -> String {
        struct Line: Encodable {
            let time: String
            let level: String
            let message: String
            let data: [String: String]
        }
        let stamp = time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        return Output.encoded(
            Line(time: stamp, level: level.rawValue, message: message, data: fields),
            pretty: false
        )
    }
}
