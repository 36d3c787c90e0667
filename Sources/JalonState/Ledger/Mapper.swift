/// Maps the elements of an array, in turn or on several processors at once: whoever restores a state says which.
package protocol Mapper: Sendable {
    /// Gives what `transform` makes of each element, in the order of the elements.
    func map<Element: Sendable, Value: Sendable>(
        _ elements: [Element],
        _ transform: @escaping @Sendable (Element) -> Value
    ) -> [Value]
}

/// Maps one element after the other.
package struct InTurn: Mapper {
    package init() {}

    package func map<Element: Sendable, Value: Sendable>(
        _ elements: [Element],
        _ transform: @escaping @Sendable (Element) -> Value
    ) -> [Value] {
        elements.map(transform)
    }
}
