public import JalonCodec

/// `plan.publish`: the published document that commitments come from.
public struct PlanPublish: BodyContent {
    /// `<region>-<year>-P<number>`, for example `CN-HN-2020-P1`.
    public var id: PlanID
    /// The signer's region; the country for a regulator's national plan.
    public var region: RegionCode
    public var title: LocalizedText
    public var documentNumber: Text?
    /// Who issued it, as the document says.
    public var issuer: Text
    public var published: CalendarDate
    public var source: Source

    public init(
        id: PlanID,
        region: RegionCode,
        title: LocalizedText,
        documentNumber: Text? = nil,
        issuer: Text,
        published: CalendarDate,
        source: Source
    ) {
        (self.id, self.region, self.title, self.documentNumber) = (id, region, title, documentNumber)
        (self.issuer, self.published, self.source) = (issuer, published, source)
    }

    public var subject: SubjectID { SubjectID(checked: id.text) }

    /// Checks the rules that need no state.
    public func validate() throws(BodyError) {
        try require(id.belongs(to: region), "id", found: id.text, expected: PlanID.form(of: region))
        try title.require(.title, "title")
        try documentNumber?.require(.title, "documentNumber")
        try issuer.require(.title, "issuer")
        try source.validate()
    }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("id", id)
            map.type(.planPublish)
            map.field("title", title)
            map.field("issuer", issuer)
            map.field("region", region)
            map.field("source", source)
            map.field("published", published)
            map.field("documentNumber", ifPresent: documentNumber)
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let id: PlanID = try map.field("id")
            try map.type(.planPublish)
            let title: LocalizedText = try map.field("title")
            let issuer: Text = try map.field("issuer")
            let region: RegionCode = try map.field("region")
            let source: Source = try map.field("source")
            let published: CalendarDate = try map.field("published")
            return PlanPublish(
                id: id,
                region: region,
                title: title,
                documentNumber: try map.optional("documentNumber"),
                issuer: issuer,
                published: published,
                source: source
            )
        }
    }
}

extension Source {
    func validate() throws(BodyError) {
        try require(
            kind != .official || quote != nil,
            "source.quote",
            found: "absent",
            expected: "the document's own words, since the source is official"
        )
        try locator?.require(.title, "source.locator")
    }
}
