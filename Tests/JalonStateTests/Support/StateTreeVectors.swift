import Foundation
import JalonTestKit

/// The state trees of `vectors.json`, made by an independent implementation.
struct StateTreeVectors: Decodable {
    struct Entry: Decodable {
        let path: String
        let value: String
    }

    struct Case: Decodable {
        let entries: [Entry]
        let root: String
    }

    let stateTree: [Case]

    static func load() throws -> [Case] {
        try JSONDecoder().decode(StateTreeVectors.self, from: VectorFile.read("vectors.json")).stateTree
    }
}
