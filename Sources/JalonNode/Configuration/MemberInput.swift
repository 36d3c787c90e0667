package import JalonModel

/// A member as a file lists it, without keys.
package struct MemberInput: Sendable {
    package let id: MemberID
    package let roles: [MemberRole]
    package let name: LocalizedText
    package let region: RegionCode?

    package init(id: MemberID, roles: [MemberRole], name: LocalizedText, region: RegionCode?) {
        (self.id, self.roles, self.name, self.region) = (id, roles, name, region)
    }
}

extension LedgerInput {
    /// Reads a file of members, such as the demonstration's.
    ///
    /// `gbt2260` and `demo` are remarks for readers.
    package static func members(file: String) throws(ConfigurationError) -> [MemberInput] {
        let entries = try StrictYAML(contentsOf: file).mapping(["members"]).required("members")
        return try entries.list { entry throws(ConfigurationError) in
            let fields = try entry.mapping(["id", "region", "gbt2260", "roles", "name", "demo"])
            let roles = try fields.required("roles").list(maximum: MemberRole.allCases.count) {
                role throws(ConfigurationError) in try role.choice(MemberRole.self)
            }
            return MemberInput(
                id: try fields.required("id").identifier(),
                roles: roles,
                name: try fields.required("name").localizedText(),
                region: try fields["region"]?.identifier()
            )
        }
    }
}
