public import JalonCodec

/// What a body does for a commitment.
public enum ResponsibleRole: String, CodedChoice {
    /// Answers for it and reports on it; exactly one, and a member.
    case lead
    /// Contributes.
    case support
}

/// Who a responsible body is.
public enum ResponsibleParty: Hashable, Sendable {
    /// A member of the network.
    case member(MemberID)
    /// A body without a node, by its public name: never a person's or an enterprise's.
    case text(Text)
}

/// A body that is responsible for a commitment.
public struct Responsible: CBORValue {
    public var party: ResponsibleParty
    public var role: ResponsibleRole

    public init(_ party: ResponsibleParty, role: ResponsibleRole) {
        (self.party, self.role) = (party, role)
    }

    /// The member, where the party is one.
    public var member: MemberID? {
        if case .member(let member) = party { member } else { nil }
    }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("role", role)
            switch party {
            case .member(let member): map.field("member", member)
            case .text(let text): map.field("text", text)
            }
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let role: ResponsibleRole = try map.field("role")
            if let text: Text = try map.optional("text") { return Responsible(.text(text), role: role) }
            return Responsible(.member(try map.field("member")), role: role)
        }
    }
}

extension [Responsible] {
    /// The member with the role `lead`.
    public var lead: MemberID? { first { $0.role == .lead }?.member }
}

/// Members whose co-signatures a milestone needs before it counts: `required` of them.
public struct Counterparties: CBORValue {
    public var members: [MemberID]
    public var required: Int

    /// The most members named.
    public static let maximumCount = 64

    public init(members: [MemberID], required: Int) {
        (self.members, self.required) = (members, required)
    }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("members", members)
            map.field("required") { $0.encode(Int64(required)) }
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            Counterparties(
                members: try map.list("members", maximum: Counterparties.maximumCount),
                required: Int(try map.field("required", in: 1...UInt64(Counterparties.maximumCount)))
            )
        }
    }
}
