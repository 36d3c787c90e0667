import JalonModel
import Testing

@testable import JalonNode

@Suite("The changes of an amendment in a file")
struct AmendmentInputTests {
    private func read(_ text: String) throws(ConfigurationError) -> AmendmentInput {
        try AmendmentInput(StrictYAML(text: text, file: "changes.yaml"))
    }

    @Test("are those fields alone that stand there")
    func fields() throws {
        let input = try read(
            """
            title: {zh: 新题目, en: New title}
            target: {op: ge, value: 1000}
            deadline: {date: "2023-12-31", precision: year}
            verification: {minimumLevel: L2}
            reporting: {every: quarterly, firstDue: "2021-01-01", graceDays: 30}
            trajectory: [{date: "2021-12-31", value: 500}]
            removes: [description, baseline]
            """
        )
        #expect(
            Set(input.changes.fields)
                == [.title, .target, .deadline, .verification, .reporting, .trajectory]
        )
        #expect(input.changes.target == .bound(.ge, try decimal("1000")))
        #expect(input.changes.title?.en?.string == "New title")
        #expect(input.removes == [.description, .baseline])
        #expect(try read("curve: step").changes.fields == [.curve])
    }

    @Test(
        "are refused where they can't change, are unknown, or leave out a part",
        arguments: [
            "id: CN-HN-2020-001", "region: CN-HN", "joint: [cn-hn]", "titel: {zh: x}", "removes: [joint]",
            "reporting: {every: yearly}", "target: {op: ge}", "[]",
        ]
    )
    func refused(text: String) {
        let error = #expect(throws: ConfigurationError.self) { try read(text) }
        #expect(error?.line == 1)
    }
}
