package import JalonCodec
import JalonCrypto
package import JalonModel

/// What a version says of the amendment that made it.
package struct Amendment: CBORValue {
    package let amendmentClass: AmendmentClass
    package let reasonCode: ReasonCode
    package let reason: Text

    package init(amendmentClass: AmendmentClass, reasonCode: ReasonCode, reason: Text) {
        (self.amendmentClass, self.reasonCode, self.reason) = (amendmentClass, reasonCode, reason)
    }

    package func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("class", value: amendmentClass)
            map.field("reason", value: reason)
            map.field("reasonCode") { $0.encode(reasonCode) }
        }
    }

    package init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let amendmentClass = try map.value("class", AmendmentClass.self)
            let reason = try map.value("reason", Text.self)
            return Amendment(
                amendmentClass: amendmentClass,
                reasonCode: try map.identifier("reasonCode"),
                reason: reason
            )
        }
    }
}

/// One version of what was promised, at `version/<id>/<number>`; version 1 is the proposal and is judged for ever.
package struct CommitmentVersion: CBORValue {
    package let body: CommitmentPropose
    /// Counted from 1.
    package let number: UInt64
    package let origin: Origin
    /// What made it; `nil` of version 1 alone.
    package let amendment: Amendment?

    package init(body: CommitmentPropose, number: UInt64, origin: Origin, amendment: Amendment? = nil) {
        (self.body, self.number, self.origin, self.amendment) = (body, number, origin, amendment)
    }

    package func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("body", value: body)
            map.originHead(origin)
            map.field("number") { $0.encode(number) }
            map.field("amendment", ifPresent: amendment)
            map.originTail(origin)
        }
    }

    package init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let body = try map.value("body", CommitmentPropose.self)
            let head = try map.originHead()
            let number = try map.field("number") { (decoder) throws(CBORError) in
                UInt64(try decoder.decodeInteger(in: 1...Int64.max))
            }
            let amendment = try map.optionalValue("amendment", Amendment.self)
            return CommitmentVersion(
                body: body,
                number: number,
                origin: try map.originTail(head),
                amendment: amendment
            )
        }
    }
}
