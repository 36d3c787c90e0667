import Foundation
import JalonClient
import JalonNode
import JalonStorage

/// Where a person says that a ledger is.
enum LedgerPlace {
    /// A node's data folder, or a copy of one.
    case folder(LedgerReader)
    case file(ExportedLedger)
    case node(RemoteLedger)

    /// Opens what an argument names: an address by its scheme, else a folder or an exported file.
    init(_ text: String) async throws {
        if text.hasPrefix("http://") || text.hasPrefix("https://") {
            self = .node(try await RemoteLedger(LedgerClient([text], trust: NodeOptions.trust())))
            return
        }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: text, isDirectory: &isFolder) else {
            throw Failure.usage(
                "there is nothing at \(text)",
                next: "Give a node's data folder, an exported file, or a node's address (http://…)."
            )
        }
        self =
            isFolder.boolValue
            ? .folder(try LedgerReader.open(readOnly: text)) : .file(try ExportedLedger(path: text))
    }

    /// The place that an argument or `--data` names; exactly one of them has to.
    static func given(_ argument: String?, data: String?) async throws -> LedgerPlace {
        switch (argument, data) {
        case (let text?, nil): return try await LedgerPlace(text)
        case (nil, let folder?): return .folder(try LedgerReader.open(readOnly: folder))
        case (nil, nil):
            throw Failure.usage(
                "no ledger is given",
                next: "Give a node's data folder, an exported file, or a node's address (http://…)."
            )
        case (.some, .some):
            throw Failure.usage("two ledgers are given", next: "Give the one or the other, without --data.")
        }
    }

    var source: any LedgerSource {
        switch self {
        case .folder(let reader): reader
        case .file(let file): file
        case .node(let node): node
        }
    }

    /// Verifies everything that the place holds.
    var verifier: LedgerVerifier {
        if case .folder(let reader) = self { LedgerVerifier(reader) } else { LedgerVerifier(source: source) }
    }
}
