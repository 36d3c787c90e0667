import Foundation
import JalonCodec
import JalonCrypto
import JalonModel
import Testing

@Suite("The bodies and leaves of the golden vectors")
struct VectorBodyTests {
    private struct Vectors: Decodable {
        struct Transaction: Decodable {
            let sub: String
            let bytes: String
        }
        let transactions: [Transaction]
    }

    private func body(_ index: Int) throws -> (body: TransactionBody, bytes: [UInt8], subject: SubjectID) {
        let url = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../Vectors/vectors.json"
        )
        let vectors = try JSONDecoder().decode(Vectors.self, from: Data(contentsOf: url))
        let transaction = try Transaction(bytes: #require(Hex.decode(vectors.transactions[index].bytes)))
        #expect(transaction.subject.text == vectors.transactions[index].sub)
        return (try TransactionBody.decode(transaction.body), Array(transaction.body), transaction.subject)
    }

    private func report(_ commitment: String, _ value: String) throws -> MilestoneReport {
        MilestoneReport(
            commitment: try #require(CommitmentID(commitment)),
            content: MilestoneContent(
                periodEnd: try Domain.day("2021-06-30"),
                reading: .value(try Domain.decimal(value))
            )
        )
    }

    @Test(
        "A milestone without evidence is reproduced to the byte",
        arguments: [
            (0, "CN-HN-2020-001", "9500"), (2, "CN-HE-2020-001", "4"),
        ]
    )
    func plain(index: Int, commitment: String, value: String) throws {
        let (body, bytes, subject) = try body(index)
        let expected = TransactionBody.milestoneReport(try report(commitment, value))
        #expect(body == expected)
        #expect(expected.encoded == bytes)
        #expect(expected.subject == subject)
    }

    @Test("A provisional milestone with evidence is reproduced to the byte")
    func withEvidence() throws {
        let (body, bytes, subject) = try body(1)
        var report = try report("CN-GZ-2020-001", "41")
        report.content.valueStatus = .provisional
        report.content.evidence = [
            Evidence(
                name: try #require(FileName("q2.pdf")),
                mediaType: try #require(MediaType("application/pdf")),
                byteCount: 48_213,
                sha256: try #require(
                    Digest(hex: "ac7c2253a81759d19d4f7d23ac07ead9093e9540142d54c5dad96fc38c2bd5d9")
                )
            )
        ]
        #expect(body == .milestoneReport(report))
        #expect(report.encoded == bytes)
        #expect(body.subject == subject)
    }

    @Test("The parameter maxLifetime is the vectors' leaf")
    func parameterLeaf() {
        #expect(Parameters().encodedValue(of: .maxLifetime) == Hex.decode("1a0036ee80"))
    }
}
