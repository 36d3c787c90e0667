extension API {
    /// Any JSON value, its object members sorted by name.
    ///
    /// Byte strings of a transaction's body stand here as hexadecimal texts.
    package indirect enum JSON: Hashable, Sendable {
        case null
        case bool(Bool)
        case integer(Int64)
        case string(String)
        case array([JSON])
        case object([Member])

        /// A name and a value of an object.
        package struct Member: Hashable, Sendable {
            package var name: String
            package var value: JSON

            package init(_ name: String, _ value: JSON) {
                self.name = name
                self.value = value
            }
        }

        /// The value of a member of an object; `nil` for another kind of value or an absent name.
        package subscript(name: String) -> JSON? {
            guard case .object(let members) = self else { return nil }
            return members.first { $0.name == name }?.value
        }
    }
}

extension API.JSON: Codable {
    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    package init(from decoder: any Decoder) throws {
        if let container = try? decoder.container(keyedBy: Name.self) {
            let members = try container.allKeys.map { name in
                Member(name.stringValue, try container.decode(API.JSON.self, forKey: name))
            }
            self = .object(members.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) })
            return
        }
        if var container = try? decoder.unkeyedContainer() {
            var elements: [API.JSON] = []
            while !container.isAtEnd { elements.append(try container.decode(API.JSON.self)) }
            self = .array(elements)
            return
        }
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else {
            self = .string(try container.decode(String.self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        switch self {
        case .null:
            var container = encoder.singleValueContainer()
            try container.encodeNil()
        case .bool(let value):
            var container = encoder.singleValueContainer()
            try container.encode(value)
        case .integer(let value):
            var container = encoder.singleValueContainer()
            try container.encode(value)
        case .string(let value):
            var container = encoder.singleValueContainer()
            try container.encode(value)
        case .array(let elements):
            var container = encoder.unkeyedContainer()
            for element in elements { try container.encode(element) }
        case .object(let members):
            var container = encoder.container(keyedBy: Name.self)
            for member in members {
                try container.encode(member.value, forKey: Name(stringValue: member.name))
            }
        }
    }
}
