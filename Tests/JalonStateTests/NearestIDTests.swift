import JalonModel
import Testing

@testable import JalonState

@Suite("The id that somebody meant")
struct NearestIDTests {
    private let ids = (0..<20_000).map {
        CommitmentID(checked: "CN-HN-\(2_000 + $0 / 1_000)-\(100 + $0 % 1_000)")
    }
    private func map() -> PersistentMap<CommitmentID, Int> {
        PersistentMap(sorted: Set(ids).sorted().map { ($0, 1) })
    }

    @Test("is found among many where the slip is near the end, and nothing where nothing is near")
    func bounded() {
        #expect(nearest(to: CommitmentID(checked: "CN-HN-2005-5000"), in: map()) != nil)
        #expect(
            nearest(to: CommitmentID(checked: "CN-HN-2005-50"), in: map())?.text.hasPrefix("CN-HN-2005-")
                == true
        )
        #expect(nearest(to: CommitmentID(checked: "QQQQQQQQQQQQQQQQQQQQ"), in: map()) == nil)
    }

    @Test("is found wherever the slip is when all are looked at")
    func whole() {
        #expect(
            nearest(to: CommitmentID(checked: "CM-HN-2005-500"), among: ids)
                == CommitmentID(checked: "CN-HN-2005-500")
        )
    }
}
