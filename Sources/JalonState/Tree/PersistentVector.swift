/// A list that shares its structure: a copy is one reference, and a change copies one path of a wide tree, in place where
/// nobody else holds it.
///
/// Elements are only added at the end. Finding one compares nothing, as it does in a map of numbers.
struct PersistentVector<Element: Sendable>: Sendable {
    /// Elements of a leaf and children of an inner node, as bits of an index.
    private static var widthBits: Int { 4 }
    private static var width: Int { 1 << widthBits }

    private enum Node: Sendable {
        case leaf([Element])
        case inner([Node])
    }

    private var root = Node.leaf([])
    /// Levels of inner nodes.
    private var height = 0
    /// Elements in the list.
    private(set) var count = 0

    init() {}

    /// A list of these elements, in their order.
    ///
    /// - Complexity: O(n).
    init(_ elements: [Element]) {
        count = elements.count
        var nodes = Self.groups(of: elements).map(Node.leaf)
        while nodes.count > 1 {
            nodes = Self.groups(of: nodes).map(Node.inner)
            height += 1
        }
        if let top = nodes.first { root = top }
    }

    private static func groups<Member>(of members: [Member]) -> [[Member]] {
        stride(from: 0, to: members.count, by: width).map {
            Array(members[$0..<min($0 + width, members.count)])
        }
    }

    var indices: Range<Int> { 0..<count }

    /// The element at a place, from 0 up to the count.
    ///
    /// - Complexity: O(log n), to read and to write.
    subscript(index: Int) -> Element {
        get {
            precondition(indices.contains(index), "a list is read within its bounds")
            return Self.element(of: root, at: index, height: height)
        }
        set {
            precondition(indices.contains(index), "a list is changed within its bounds")
            Self.put(newValue, at: index, into: &root, height: height)
        }
    }

    /// Adds an element at the end.
    ///
    /// - Complexity: O(log n).
    mutating func append(_ element: Element) {
        if count == 1 << (Self.widthBits * (height + 1)) {
            root = .inner([root])
            height += 1
        }
        Self.put(element, at: count, into: &root, height: height)
        count += 1
    }

    private static func place(of index: Int, height: Int) -> Int {
        index >> (widthBits * height) & (width - 1)
    }

    private static func element(of node: Node, at index: Int, height: Int) -> Element {
        switch node {
        case .leaf(let elements): elements[place(of: index, height: 0)]
        case .inner(let nodes):
            element(of: nodes[place(of: index, height: height)], at: index, height: height - 1)
        }
    }

    /// Sets the element at an index, which is that of one or the next one.
    private static func put(_ element: Element, at index: Int, into node: inout Node, height: Int) {
        let place = place(of: index, height: height)
        switch node {
        case .leaf(var elements):
            // Taken out of its place, so that it is changed there and not copied.
            node = .leaf([])
            if place < elements.count { elements[place] = element } else { elements.append(element) }
            node = .leaf(elements)
        case .inner(var nodes):
            node = .leaf([])
            if place == nodes.count { nodes.append(height == 1 ? .leaf([]) : .inner([])) }
            put(element, at: index, into: &nodes[place], height: height - 1)
            node = .inner(nodes)
        }
    }
}
