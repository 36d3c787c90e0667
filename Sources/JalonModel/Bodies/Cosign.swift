public import JalonCodec

/// `cosign`: another member signs for what a transaction says.
///
/// `about` is repeated because the claim `sub` must equal it: a co-signature has the sub of what it co-signs.
public struct Cosign: BodyContent {
    /// Whose transaction it is: exactly one of `commitment` and `member`.
    public enum About: Hashable, Sendable {
        /// A proposal, or a milestone of a commitment.
        case commitment(CommitmentID)
        /// A key.recover of a member.
        case member(MemberID)
    }

    /// The transaction that is co-signed: the proposal, the milestone's, or the key.recover.
    public var transaction: TransactionID
    public var about: About

    public init(transaction: TransactionID, about: About) {
        (self.transaction, self.about) = (transaction, about)
    }

    public var subject: SubjectID {
        switch about {
        case .commitment(let id): SubjectID(checked: id.text)
        case .member(let id): SubjectID(checked: id.text)
        }
    }

    /// Has no rule between its fields.
    public func validate() throws(BodyError) {}

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.type(.cosign)
            if case .member(let id) = about { map.field("member", id) }
            map.field("subject", transaction)
            if case .commitment(let id) = about { map.field("commitment", id) }
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            try map.type(.cosign)
            let member: MemberID? = try map.optional("member")
            let transaction: TransactionID = try map.field("subject")
            // With a member there is no commitment, and the map says so by refusing one that stands there.
            if let member { return Cosign(transaction: transaction, about: .member(member)) }
            return Cosign(transaction: transaction, about: .commitment(try map.field("commitment")))
        }
    }
}
