import JalonCodec
package import JalonModel

/// What a network's file says of its genesis besides the members and their keys.
package struct NetworkInput: Sendable {
    package var network: NetworkID?
    package var parameters: Parameters
    package var units: [UnitDefinition]
    package var sectors: [SectorDefinition]

    /// Nothing said: every default.
    package init(network: NetworkID? = nil, validatorCount: Int) {
        (self.network, parameters) = (network, Parameters(validatorCount: validatorCount))
        (units, sectors) = ([], [])
    }

    /// Reads a file; the default of `minimumValidators` follows the number of the network's validators.
    package init(file: String, validatorCount: Int) throws(ConfigurationError) {
        let fields = try StrictYAML(contentsOf: file).mapping(["network", "parameters", "units", "sectors"])
        network = try fields["network"]?.identifier()
        parameters = Parameters(validatorCount: validatorCount)
        if let given = fields["parameters"] { try parameters.set(from: given) }
        units =
            try fields["units"]?.list { entry throws(ConfigurationError) in
                let unit = try entry.mapping(["code", "name"])
                return UnitDefinition(
                    code: try unit.required("code").identifier(),
                    name: try unit.required("name").localizedText()
                )
            } ?? []
        sectors =
            try fields["sectors"]?.list { entry throws(ConfigurationError) in
                let sector = try entry.mapping(["code", "name", "gbt4754"])
                return SectorDefinition(
                    code: try sector.required("code").identifier(),
                    name: try sector.required("name").localizedText(),
                    classification: try sector["gbt4754"]?.identifier()
                )
            } ?? []
    }
}

extension Parameters {
    /// Sets the parameters that a file gives, each in its range.
    fileprivate mutating func set(from value: StrictYAML) throws(ConfigurationError) {
        let fields = try value.mapping(Parameter.allCases.map(\.rawValue))
        for parameter in Parameter.allCases {
            guard let value = fields[parameter.rawValue] else { continue }
            switch parameter {
            case .utcOffset: utcOffsetMinutes = try value.utcOffset()
            case .activation: activation = try value.choice()
            case .statusDate: statusDate = try value.day()
            case .delta, .atRisk, .maxSkew, .onTrack, .heartbeat, .timeoutCap, .maxLifetime, .maxBlockBytes,
                .recoveryDelay, .minimumValidators, .replayWindowLimit, .maxBlockTransactions,
                .minimumBlockInterval:
                guard let range = Parameters.range(of: parameter) else {
                    preconditionFailure("every unsigned parameter has a range")
                }
                let number = try value.integer(in: Int(range.lowerBound)...Int(range.upperBound))
                try set(parameter, to: UInt64(number), at: value)
            }
        }
        do { try validate() } catch { throw value.error("\(error)") }
    }

    private mutating func set(
        _ parameter: Parameter,
        to number: UInt64,
        at value: StrictYAML
    ) throws(ConfigurationError) {
        do { try set(parameter, encodedValue: number.encodedAsCBOR) } catch { throw value.error("\(error)") }
    }
}

extension StrictYAML {
    /// Minutes of an offset such as `+08:00`.
    fileprivate func utcOffset() throws(ConfigurationError) -> Int {
        let text = Array(try text().utf8)
        let digits = text.indices.filter { [1, 2, 4, 5].contains($0) }.map {
            Int(text[$0]) - Int(UInt8(ascii: "0"))
        }
        let sign = text.first
        guard text.count == 6, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"),
            text[3] == UInt8(ascii: ":"),
            digits.allSatisfy({ (0...9).contains($0) }), digits[2] < 6
        else { throw error(expected: "an offset from UTC such as +08:00") }
        let minutes = (digits[0] * 10 + digits[1]) * 60 + digits[2] * 10 + digits[3]
        let offset = sign == UInt8(ascii: "-") ? -minutes : minutes
        guard Parameters.utcOffsetRange.contains(offset) else { throw error(expected: "-12:00 to +14:00") }
        return offset
    }
}
extension UInt64 {
    /// The number's encoding in the ledger's CBOR, as a parameter's leaf holds it.
    var encodedAsCBOR: [UInt8] {
        var encoder = CBOREncoder(capacity: 9)
        encoder.encode(self)
        return encoder.bytes
    }
}
