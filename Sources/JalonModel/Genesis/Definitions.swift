public import JalonCodec

/// A unit that the genesis gives display names.
public struct UnitDefinition: CBORValue {
    public var code: UnitCode
    public var name: LocalizedText

    public init(code: UnitCode, name: LocalizedText) {
        (self.code, self.name) = (code, name)
    }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("code", code)
            map.field("name", name)
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            UnitDefinition(code: try map.field("code"), name: try map.field("name"))
        }
    }
}

/// A sector of the network's closed list.
public struct SectorDefinition: CBORValue {
    public var code: SectorCode
    public var name: LocalizedText
    /// The section of GB/T 4754 that holds the sector, where there is exactly one.
    public var classification: ClassificationLetter?

    public init(code: SectorCode, name: LocalizedText, classification: ClassificationLetter? = nil) {
        (self.code, self.name, self.classification) = (code, name, classification)
    }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("code", code)
            map.field("name", name)
            map.field("gbt4754", ifPresent: classification)
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            SectorDefinition(
                code: try map.field("code"),
                name: try map.field("name"),
                classification: try map.optional("gbt4754")
            )
        }
    }
}
