import JalonCodec
package import JalonModel
package import JalonState

/// A snapshot as a file: written and read from its start to its end.
package enum SnapshotFile {
    /// Writes a new file; it appears under its name when it is whole and durable.
    ///
    /// - Parameters:
    ///   - path: Where nothing stands yet.
    ///   - items: Hands each item, in order, to what it is given.
    /// - Returns: The bytes of the file.
    /// - Throws: ``StorageError/fileExists(path:)``, and what writing and `items` throw.
    package static func write(
        to path: String,
        _ items: (_ write: (Snapshot.Item) throws -> Void) throws -> Void
    ) throws -> UInt64 {
        let file = try NewFile(path)
        try items { try file.append($0.encoded) }
        return try file.finish()
    }

    /// Reads a file, and checks each item before the next one is read.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - genesis: What is believed.
    ///   - body: Given each item that holds as far as can be said by then, and how many of how many came.
    /// - Returns: What the whole file proves.
    /// - Throws: ``SnapshotFileError`` naming the item; and whatever `body` throws.
    package static func check(
        _ path: String,
        genesis: Genesis,
        _ body: (SnapshotCheck.Taken, (done: UInt64, total: UInt64)) throws -> Void = { _, _ in }
    ) throws -> SnapshotGround {
        var check = SnapshotCheck(genesis: genesis)
        var items: SequenceCursor
        do throws(SystemError) {
            items = SequenceCursor(
                try OpenFile(path, for: .reading),
                longest: Snapshot.maximumItemByteCount
            )
        } catch { throw SnapshotFileError.system(error) }
        while let kind = check.next {
            let taken: SnapshotCheck.Taken
            do {
                let item = try items.next { (decoder) throws(CBORError) in
                    try Snapshot.Item(kind, from: &decoder)
                }
                taken = try check.take(item)
            } catch let error as SequenceError {
                throw SnapshotFileError(error, path: path, place: check.place, isHead: kind == .head)
            } catch let error as SnapshotError {
                throw SnapshotFileError.doesNotHold(path: path, error)
            }
            try body(taken, check.progress)
        }
        let isAtEnd: Bool
        do throws(SystemError) { isAtEnd = try items.isAtEnd } catch {
            throw SnapshotFileError.system(error)
        }
        guard isAtEnd else { throw SnapshotFileError.longer(path: path) }
        do throws(SnapshotError) { return try check.finish() } catch {
            throw SnapshotFileError.doesNotHold(path: path, error)
        }
    }
}

/// Why a file can't be used as a snapshot.
package enum SnapshotFileError: Error, Equatable, Sendable {
    /// The first item is not that of a snapshot.
    case notASnapshot(path: String, reason: String)
    /// What stands at an item's place is none.
    case damaged(path: String, place: String, reason: String)
    /// Bytes stand behind the last item.
    case longer(path: String)
    /// It is read, and does not prove what it says.
    case doesNotHold(path: String, SnapshotError)
    case system(SystemError)

    init(_ error: SequenceError, path: String, place: String, isHead: Bool) {
        let reason: String
        switch error {
        case .system(let error):
            self = .system(error)
            return
        case .ended: reason = "the file ends before it"
        case .undecodable(let error): reason = "\(error)"
        }
        self =
            isHead
            ? .notASnapshot(path: path, reason: reason) : .damaged(path: path, place: place, reason: reason)
    }
}

extension SnapshotFileError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notASnapshot(let path, let reason):
            "\(path) is no snapshot (\(reason)): make one with 'jalon snapshot'"
        case .damaged(let path, let place, let reason):
            "\(path) is damaged at \(place) (\(reason)): get another copy, or make one anew"
        case .longer(let path):
            "\(path) has bytes behind its last item: get another copy, or make one anew"
        case .doesNotHold(let path, let error):
            "\(path) does not hold: \(error)"
        case .system(let error): error.description
        }
    }
}
