extension API {
    /// A key of a member.
    package struct MemberKey: Codable, Hashable, Sendable {
        /// SHA-256 of the SubjectPublicKeyInfo.
        package var id: String
        /// `authority`, `delegate`, `recovery`, `validator` or `node`.
        package var kind: String
        /// For example `Ed25519`.
        package var algorithm: String
        package var isActive: Bool

        package init(id: String, kind: String, algorithm: String, isActive: Bool) {
            self.id = id
            self.kind = kind
            self.algorithm = algorithm
            self.isActive = isActive
        }
    }

    /// An organisation of the network.
    package struct Member: Codable, Hashable, Sendable {
        /// For example `cn-hn`.
        package var id: String
        package var name: LocalizedText
        /// Where it has one.
        package var region: Name?
        /// `province`, `regulator`, `auditor`, `observer`.
        package var roles: [String]
        /// Whether it seals blocks.
        package var isValidator: Bool
        package var isSuspended: Bool
        /// Whether it was removed, for ever.
        package var isRemoved: Bool
        /// Of its node.
        package var addresses: [String]
        package var keys: [MemberKey]
        /// Whether this node is connected to the member's; absent where it has none.
        package var isConnected: Bool?

        package init(
            id: String,
            name: LocalizedText,
            region: Name? = nil,
            roles: [String],
            isValidator: Bool,
            isSuspended: Bool = false,
            isRemoved: Bool = false,
            addresses: [String] = [],
            keys: [MemberKey] = [],
            isConnected: Bool? = nil
        ) {
            self.id = id
            self.name = name
            self.region = region
            self.roles = roles
            self.isValidator = isValidator
            self.isSuspended = isSuspended
            self.isRemoved = isRemoved
            self.addresses = addresses
            self.keys = keys
            self.isConnected = isConnected
        }
    }

    /// `GET /v1/members`.
    package struct MemberList: Codable, Hashable, Sendable {
        /// The head the list was read at.
        package var height: UInt64
        package var members: [Member]

        package init(height: UInt64, members: [Member]) {
            self.height = height
            self.members = members
        }
    }
}
