import ArgumentParser
import Foundation
import JalonCrypto
import JalonModel

/// Files of evidence: hashed here, never sent.
enum EvidenceFile {
    /// What the ledger keeps of a file: its name, kind, size and digest.
    static func describe(_ path: String, access: EvidenceAccess) throws -> Evidence {
        let url = URL(fileURLWithPath: path)
        guard let name = FileName(url.lastPathComponent.precomposedStringWithCanonicalMapping) else {
            throw Failure.usage("--evidence \(path): the name is not a file's name of at most 255 bytes")
        }
        let (digest, byteCount) = try digest(of: path, "--evidence \(path)")
        return Evidence(
            name: name,
            mediaType: mediaType(of: url.pathExtension.lowercased()),
            byteCount: byteCount,
            sha256: digest,
            access: access
        )
    }

    /// SHA-256 of a file of any size, and its bytes' count; `what` names the argument in an error.
    static func digest(of path: String, _ what: String) throws -> (Digest, byteCount: UInt64) {
        let handle: FileHandle
        do { handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path)) } catch {
            throw Failure.usage("\(what): the file can't be read")
        }
        defer { try? handle.close() }
        var hasher = SHA256()
        var byteCount: UInt64 = 0
        while let part = try handle.read(upToCount: 1 << 20), !part.isEmpty {
            hasher.update(part)
            byteCount += UInt64(part.count)
        }
        return (hasher.finalize(), byteCount)
    }

    /// The media type that a file's extension stands for (IANA), or any bytes.
    static func mediaType(of fileExtension: String) -> MediaType {
        let name =
            switch fileExtension {
            case "pdf": "application/pdf"
            case "txt", "log": "text/plain"
            case "csv": "text/csv"
            case "md": "text/markdown"
            case "html", "htm": "text/html"
            case "json": "application/json"
            case "xml": "application/xml"
            case "yaml", "yml": "application/yaml"
            case "zip": "application/zip"
            case "png": "image/png"
            case "jpg", "jpeg": "image/jpeg"
            case "tif", "tiff": "image/tiff"
            case "doc": "application/msword"
            case "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
            case "xls": "application/vnd.ms-excel"
            case "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            case "ods": "application/vnd.oasis.opendocument.spreadsheet"
            case "odt": "application/vnd.oasis.opendocument.text"
            case "ofd": "application/ofd"
            case "mp4": "video/mp4"
            default: "application/octet-stream"
            }
        guard let type = MediaType(name) else { preconditionFailure("the names above are media types") }
        return type
    }
}

/// Files that a statement rests on.
struct EvidenceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A file of evidence, which is hashed and never sent; repeatable.",
            valueName: "file"
        )
    )
    var evidence: [String] = []

    @Option(help: "Who may ask for the evidence: public, auditor or sealed.")
    var access = "public"

    /// What the ledger keeps of them.
    func described() throws -> [Evidence] {
        let access = try ArgumentValue.choice(access, "--access", EvidenceAccess.self)
        let described = try evidence.map { try EvidenceFile.describe($0, access: access) }
        guard described.count <= MilestoneContent.maximumEvidenceCount else {
            throw Failure.usage(
                "\(described.count) files of evidence, at most \(MilestoneContent.maximumEvidenceCount)"
            )
        }
        return described
    }
}
