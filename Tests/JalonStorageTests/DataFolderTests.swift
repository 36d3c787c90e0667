import Foundation
import Testing

@testable import JalonStorage

@Suite("The folder of a node")
struct DataFolderTests {
    private let place: TestFolder

    init() throws { place = try TestFolder() }

    @Test("is made with mode 0700, and opened again")
    func made() throws {
        let path = place.file("node")
        do {
            let folder = try DataFolder(creating: path + "/")
            #expect(folder.path == path)
            #expect(try mode(of: path) == 0o700)
            #expect(try mode(of: path + "/lock") == 0o600)
            #expect(try folder.availableByteCount() > 0)
        }
        _ = try DataFolder(opening: path)
    }

    @Test("lets a second process not in, and names the first")
    func held() throws {
        let path = place.file("node")
        let first = try DataFolder(creating: path)
        let own = ProcessInfo.processInfo.processIdentifier
        #expect(throws: DataFolderError.inUse(path: path, process: own)) { try DataFolder(opening: path) }
        #expect("\(DataFolderError.inUse(path: path, process: own))".contains("pid \(own)"))
        withExtendedLifetime(first) {}
    }

    @Test("is free again when the first process has let go")
    func freed() throws {
        let path = place.file("node")
        var first: DataFolder? = try DataFolder(creating: path)
        _ = first
        first = nil
        _ = try DataFolder(opening: path)
    }

    @Test("waits for a reader that needs it to stand still")
    func read() throws {
        let path = place.file("node")
        _ = try DataFolder(creating: path)
        let reader = try OpenFile(path + "/lock", for: .reading)
        #expect(try reader.lock(.shared))
        #expect(throws: DataFolderError.beingRead(path: path)) { try DataFolder(opening: path) }
    }

    @Test("is not reached through a symbolic link", arguments: ["link", "link/"])
    func link(name: String) throws {
        let manager = FileManager.default
        try manager.createDirectory(atPath: place.file("node"), withIntermediateDirectories: false)
        try manager.createSymbolicLink(atPath: place.file("link"), withDestinationPath: place.file("node"))
        #expect(throws: DataFolderError.symbolicLink(path: place.file("link"))) {
            try DataFolder(opening: place.file(name))
        }
        #expect(throws: DataFolderError.symbolicLink(path: place.file("link"))) {
            try DataFolder(creating: place.file(name))
        }
    }

    @Test("does not take its lock through a symbolic link")
    func linkedLock() throws {
        let path = place.file("node")
        _ = try DataFolder(creating: path)
        try FileManager.default.removeItem(atPath: path + "/lock")
        try FileManager.default.createSymbolicLink(
            atPath: path + "/lock",
            withDestinationPath: place.file("elsewhere")
        )
        #expect(throws: DataFolderError.symbolicLink(path: path + "/lock")) { try DataFolder(opening: path) }
    }

    @Test("is refused where others may get in, with the command to run", arguments: [0o750, 0o701, 0o755])
    func open(to mode: Int) throws {
        let path = place.file("node")
        _ = try DataFolder(creating: path)
        try setMode(mode, of: path)
        let error = #expect(throws: DataFolderError.self) { try DataFolder(opening: path) }
        #expect(error == .openToOthers(path: path, mode: "0" + String(mode, radix: 8)))
        #expect(error?.description.contains("chmod 700 \(path)") == true)
    }

    @Test("is refused where it belongs to another user", .enabled(if: geteuid() == 0))
    func owner() throws {
        let path = place.file("node")
        _ = try DataFolder(creating: path)
        try FileManager.default.setAttributes([.ownerAccountID: 65_534], ofItemAtPath: path)
        #expect(throws: DataFolderError.otherOwner(path: path, owner: 65_534)) {
            try DataFolder(opening: path)
        }
    }

    @Test("is refused where it is not there, or a file")
    func missing() throws {
        #expect(throws: DataFolderError.notFound(path: place.file("none"))) {
            try DataFolder(opening: place.file("none"))
        }
        try writeBytes([1], to: place.file("file"))
        #expect(throws: DataFolderError.notAFolder(path: place.file("file"))) {
            try DataFolder(opening: place.file("file"))
        }
        #expect(throws: DataFolderError.notAFolder(path: place.file("file"))) {
            try DataFolder(creating: place.file("file"))
        }
    }
}

@Suite("A file that is handed out")
struct SpooledFileTests {
    @Test("leaves nothing behind that a killed process began, and touches no other file")
    func discard() throws {
        let place = try TestFolder()
        let path = place.file("snapshot.outgoing")
        for name in [
            "snapshot.outgoing", "snapshot.outgoing.part-17", "snapshot.outgoing.part-4", "ledger.sqlite",
        ] {
            #expect(FileManager.default.createFile(atPath: place.file(name), contents: Data([1])))
        }
        SpooledFile.discard(path)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: OpenFile.parent(of: path)) == [
                "ledger.sqlite"
            ]
        )
    }
}
