import Foundation
import JalonCrypto
import JalonModel
import JalonNode
import Testing

@testable import jalon

@Suite("A file of evidence is described, not sent")
struct EvidenceFileTests {
    @Test("by name, kind, size and digest")
    func describe() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/evidence-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let content = Array("a quarter's report\n".utf8)
        try Data(content).write(to: URL(fileURLWithPath: "\(folder)/q2.PDF"))
        let evidence = try EvidenceFile.describe("\(folder)/q2.PDF", access: .auditor)
        #expect(evidence.name.text.string == "q2.PDF")
        #expect(evidence.mediaType.text == "application/pdf")
        #expect(evidence.byteCount == UInt64(content.count))
        #expect(evidence.sha256 == SHA256.hash(content))
        #expect(evidence.access == .auditor)
        #expect(evidence.uris.isEmpty)
    }

    @Test("and refused where there is none")
    func missing() {
        let failure = #expect(throws: Failure.self) {
            try EvidenceFile.describe("/nowhere.pdf", access: .public)
        }
        #expect(failure?.status == .usage)
    }

    @Test(
        "its kind follows from its name",
        arguments: [
            ("pdf", "application/pdf"), ("csv", "text/csv"), ("jpeg", "image/jpeg"),
            ("", "application/octet-stream"),
            ("exe", "application/octet-stream"),
        ]
    )
    func kinds(fileExtension: String, type: String) {
        #expect(EvidenceFile.mediaType(of: fileExtension).text == type)
    }
}

@Suite("Arguments are read strictly")
struct ArgumentTests {
    @Test("and a mistyped choice is answered with the one that was meant")
    func choice() {
        let failure = #expect(throws: Failure.self) {
            try ArgumentValue.choice("provisionl", "--value-status", ValueStatus.self)
        }
        #expect(failure?.next == "Did you mean 'provisional'?")
    }

    @Test("texts come out in NFC")
    func normalization() throws {
        #expect(
            Array(try ArgumentValue.text("Re\u{301}gion", "--note").string.utf8) == Array("R\u{E9}gion".utf8)
        )
    }

    @Test("days, numbers and addresses of another form are refused with the option's name")
    func forms() {
        for refused in [
            { _ = try ArgumentValue.day("30.6.2021", "--at") },
            { _ = try ArgumentValue.decimal("9,500", "--at") },
            { _ = try ArgumentValue.address("7400", "--at") },
        ] as [() throws -> Void] {
            let failure = #expect(throws: Failure.self) { try refused() }
            #expect(failure?.status == .usage)
        }
    }
}

@Suite("A devnet's plan")
struct DevnetPlanTests {
    @Test("invents members whose regions and ids have their form")
    func members() throws {
        let members = try DevnetPlan.inventedMembers(34)
        #expect(members.count == 34)
        #expect(members.first?.region?.text == "XZ-01")
        #expect(members.last?.id.text == "xz-34")
    }

    @Test("is made once, and found again")
    func madeOnce() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/devnet-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func plan(_ count: Int) throws -> DevnetPlan {
            DevnetPlan(
                folder: folder,
                members: try DevnetPlan.inventedMembers(count),
                networkFile: nil,
                network: NetworkID("devnet"),
                firstPort: 27_500,
                firstAPIPort: 28_500
            )
        }
        let layout = try plan(2).madeOrFound()
        #expect(layout.nodes.count == 2)
        #expect(layout.commands.count == 3)
        #expect(try plan(2).madeOrFound() == layout)
        let failure = #expect(throws: Failure.self) { try plan(3).madeOrFound() }
        #expect(failure?.status == .usage)
    }
}
