import Dispatch
import JalonState
import Synchronization

/// Maps on all processors at once; the thread that asks takes part, and goes on once all is done.
struct ProcessorMapper: Mapper {
    func map<Element: Sendable, Value: Sendable>(
        _ elements: [Element],
        _ transform: @escaping @Sendable (Element) -> Value
    ) -> [Value] {
        let values = Mutex([Value?](repeating: nil, count: elements.count))
        DispatchQueue.concurrentPerform(iterations: elements.count) { index in
            let value = transform(elements[index])
            values.withLock { $0[index] = value }
        }
        return values.withLock { $0.compactMap { $0 } }
    }
}
