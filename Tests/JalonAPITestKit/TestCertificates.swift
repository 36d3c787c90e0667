import Foundation
package import JalonAPI

/// Certificates of an authority that is made for one test, in a folder that goes with it.
package final class TestCertificates: Sendable {
    private let folder: String

    /// The authority's certificate, for a client to trust.
    package var authority: String { "\(folder)/authority.pem" }

    /// Makes an authority.
    package init() throws {
        folder = NSTemporaryDirectory() + "jalon-certificates-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try openssl(
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=Test authority",
            "-keyout",
            "\(folder)/authority.key",
            "-out",
            authority
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Makes a server's certificate and its key.
    ///
    /// - Parameters:
    ///   - name: Of the files.
    ///   - host: As `openssl` writes it, such as `IP:127.0.0.1`.
    ///   - days: How long it is valid from now.
    /// - Returns: Where they are.
    /// - Throws: What `openssl` or the disk reports.
    package func server(
        _ name: String = "server",
        host: String = "IP:127.0.0.1",
        days: Int = 2
    ) throws -> APICertificate.Files {
        let files = APICertificate.Files(certificate: "\(folder)/\(name).pem", key: "\(folder)/\(name).key")
        let extensions = "\(folder)/\(name).ext"
        try Data("subjectAltName=\(host)\n".utf8).write(to: URL(fileURLWithPath: extensions))
        try openssl(
            "req",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-subj",
            "/CN=Test server",
            "-keyout",
            files.key,
            "-out",
            "\(folder)/\(name).csr"
        )
        try openssl(
            "x509",
            "-req",
            "-in",
            "\(folder)/\(name).csr",
            "-CA",
            authority,
            "-CAkey",
            "\(folder)/authority.key",
            "-CAcreateserial",
            "-days",
            "\(days)",
            "-extfile",
            extensions,
            "-out",
            files.certificate
        )
        return files
    }

    /// Writes a file that is no certificate and no key.
    package func rubbish(_ name: String = "rubbish") throws -> String {
        try Data("rubbish".utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        return "\(folder)/\(name)"
    }

    private func openssl(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw NotMade(arguments: arguments) }
    }

    private struct NotMade: Error { let arguments: [String] }
}
