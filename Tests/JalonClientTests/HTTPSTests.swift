import Foundation
import JalonAPI
import JalonAPITestKit
import JalonClient
import JalonSchema
import Testing

@Suite("HTTPS")
struct HTTPSTests {
    private let certificates: TestCertificates

    init() throws { certificates = try TestCertificates() }

    private func failure(_ trust: Trust, of server: TestServer) async throws -> ClientError? {
        let client = try LedgerClient([server.address], trust: trust)
        return await #expect(throws: ClientError.self) { try await client.head() }
    }

    @Test("serves whoever trusts the authority, the feed too")
    func accepts() async throws {
        let certificate = try APICertificate(try certificates.server())
        let trust = Trust.file(certificates.authority)
        try await TestServer.run(certificate: certificate) { server async throws in
            let client = try LedgerClient([server.address], trust: trust)
            #expect(try await client.head().network == "test-network")
            for _ in 1...3 { await server.ledger.makeBlock() }
            var feed = client.feed(after: 1).makeAsyncIterator()
            #expect(try await feed.next()?.height == 2)
            #expect(try await feed.next()?.height == 3)
        }
    }

    @Test(
        "takes a renewed certificate without a restart, and serves the one before while the new one is none"
    )
    func renewed() async throws {
        let files = try certificates.server()
        let certificate = try APICertificate(files, lookedAtEvery: .zero)
        let next = try TestCertificates()
        let renewed = try next.server()
        try await TestServer.run(certificate: certificate) { server async throws in
            func isServed(_ trust: Trust) async throws -> Bool {
                (try? await LedgerClient([server.address], trust: trust).head()) != nil
            }
            #expect(try await isServed(.file(certificates.authority)))
            try replace(files.certificate, by: renewed.certificate)
            #expect(try await !isServed(.file(next.authority)), "the key is still the one before")
            #expect(certificate.warning(at: 0)?.contains("the one before is served on") == true)
            try replace(files.key, by: renewed.key)
            #expect(try await isServed(.file(next.authority)))
            #expect(certificate.warning(at: 0) == nil)
        }
    }

    private func replace(_ path: String, by other: String) throws {
        try Data(contentsOf: URL(filePath: other)).write(to: URL(filePath: path))
    }

    @Test("is refused by whoever trusts another authority, or the system's alone")
    func wrongAuthority() async throws {
        let certificate = try APICertificate(try certificates.server())
        let other = try TestCertificates()
        try await TestServer.run(certificate: certificate) { server async throws in
            for trust in [Trust.file(other.authority), .system] {
                let error = try await failure(trust, of: server)
                guard case .untrusted(_, let reason) = error else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
                #expect(reason.contains("no trusted authority"))
            }
        }
    }

    @Test("is refused where the certificate is another host's")
    func wrongHost() async throws {
        let certificate = try APICertificate(try certificates.server(host: "DNS:node.example"))
        let trust = Trust.file(certificates.authority)
        try await TestServer.run(certificate: certificate) { server async throws in
            let error = try await failure(trust, of: server)
            guard case .untrusted = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test("does not speak to a client of plain HTTP, and goes on")
    func plain() async throws {
        let certificate = try APICertificate(try certificates.server())
        let trust = Trust.file(certificates.authority)
        try await TestServer.run(certificate: certificate) { server async throws in
            let plain = try LedgerClient("http://127.0.0.1:\(server.port)", timeout: .seconds(5))
            await #expect(throws: ClientError.self) { try await plain.head() }
            #expect(try await LedgerClient([server.address], trust: trust).head().isReady)
        }
    }

    @Test("is not trusted by a file that names no authority")
    func badTrust() throws {
        let path = try certificates.rubbish()
        let error = #expect(throws: ClientError.self) {
            try LedgerClient(["https://127.0.0.1:1"], trust: .file(path))
        }
        let words = "\(try #require(error))"
        #expect(words.contains(path))
    }
}

@Suite("The certificate of the API")
struct APICertificateTests {
    private let certificates: TestCertificates

    init() throws { certificates = try TestCertificates() }

    @Test("that is none, or has another key, is refused with the file's name and what to do")
    func refuses() throws {
        let (good, other) = (try certificates.server(), try certificates.server("other"))
        let rubbish = try certificates.rubbish()
        let cases: [(files: APICertificate.Files, path: String, next: String)] = [
            (.init(certificate: rubbish, key: good.key), rubbish, "api.certificate"),
            (.init(certificate: good.certificate, key: rubbish), rubbish, "api.key"),
            (.init(certificate: good.certificate, key: other.key), other.key, "api.key"),
            (.init(certificate: "/nowhere.pem", key: good.key), "/nowhere.pem", "api.certificate"),
            (.init(certificate: good.certificate, key: "/nowhere.key"), "/nowhere.key", "api.key"),
        ]
        for (files, path, next) in cases {
            let error = #expect(throws: APIServerError.self) { try APICertificate(files) }
            let words = "\(try #require(error))"
            #expect(words.contains(path) && words.contains(next), "\(words)")
        }
    }

    @Test("says so from two weeks before its end, and after it")
    func warning() throws {
        let day: UInt64 = 86_400_000
        let certificate = try APICertificate(try certificates.server(days: 90))
        let end = certificate.expires
        #expect(certificate.warning(at: end - 15 * day) == nil)
        #expect(certificate.warning(at: end - 13 * day)?.contains("expires on") == true)
        let expired = try #require(certificate.warning(at: end + 1))
        #expect(expired.contains("expired on") && expired.contains(certificate.files.certificate))
        #expect(expired.contains("renew it, the node takes the new one by itself"))
    }
}
