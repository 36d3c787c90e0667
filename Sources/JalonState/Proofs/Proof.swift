package import JalonCodec
package import JalonModel

/// A proof file: everything that somebody with the genesis alone needs to check a transaction, what the state holds or
/// does not hold, or that the log only grew.
///
/// It names no node, and nothing in it has to be believed: `verify` walks from the genesis to what is proven.
package struct Proof: Hashable, Sendable {
    /// The first thing that a reader looks at.
    package static let version = "jalon-proof/1"
    /// Bytes of the longest file.
    package static let maximumByteCount = 8 << 20
    /// The most epochs between the genesis and the sealed block.
    package static let maximumEpochCount = 1_024
    /// The most claims on the state.
    package static let maximumStateCount = 64

    /// A transaction, and where it stands in the log.
    package struct Statement: Hashable, Sendable {
        package let transaction: Transaction
        package let inclusion: InclusionProof

        package init(transaction: Transaction, inclusion: InclusionProof) {
            (self.transaction, self.inclusion) = (transaction, inclusion)
        }
    }

    /// An earlier block, and that the log only grew since.
    package struct Earlier: Hashable, Sendable {
        package let seal: Seal
        package let consistency: ConsistencyProof

        package init(seal: Seal, consistency: ConsistencyProof) {
            (self.seal, self.consistency) = (seal, consistency)
        }
    }

    /// The block against whose log and state everything else is checked.
    package let seal: Seal
    /// The ends of all epochs before the block's, from epoch 0 on.
    package let epochs: [EpochChange]
    package let statement: Statement?
    package let states: [StateClaim]
    package let earlier: Earlier?

    package init(
        seal: Seal,
        epochs: [EpochChange],
        statement: Statement? = nil,
        states: [StateClaim] = [],
        earlier: Earlier? = nil
    ) {
        (self.seal, self.epochs, self.statement) = (seal, epochs, statement)
        (self.states, self.earlier) = (states, earlier)
    }
}

extension Proof {
    /// The encoding: a map with the fields seal, epochs, states, earlier?, version and statement?.
    package var encoded: [UInt8] {
        var encoder = CBOREncoder(capacity: 4_096)
        encoder.encodeMap { map in
            map.field("seal") { seal.encode(to: &$0) }
            map.field("epochs") { $0.encode(array: epochs) { $1.encode(to: &$0) } }
            map.field("states") { $0.encode(array: states) { $1.encode(to: &$0) } }
            map.field("earlier", ifPresent: earlier) { encoder, earlier in
                encoder.encodeArrayHead(2)
                earlier.seal.encode(to: &encoder)
                earlier.consistency.encode(to: &encoder)
            }
            map.field("version") { $0.encode(Proof.version) }
            map.field("statement", ifPresent: statement) { encoder, statement in
                encoder.encodeArrayHead(2)
                encoder.encode(bytes: statement.transaction.bytes)
                statement.inclusion.encode(to: &encoder)
            }
        }
        return encoder.bytes
    }

    /// Reads a proof file; nothing in it is verified.
    ///
    /// - Throws: `CBORError`, also for another version and for a file that proves nothing.
    package static func decode(_ bytes: [UInt8]) throws(CBORError) -> Proof {
        guard bytes.count <= maximumByteCount else {
            throw .tooLong(count: UInt64(bytes.count), limit: maximumByteCount, offset: 0)
        }
        // Looked up before the fields are read, so that a later version's file is called by its name.
        let found = try CBORDecoder(bytes).peekText(atKey: "version", maximum: 64)
        guard let found, found.equalsBytewise(version) else {
            throw .invalidValue(
                "a file of version \(found ?? "none"); this program knows \(version)",
                offset: 0
            )
        }
        return try CBORDecoder.decode(bytes[...]) { (decoder) throws(CBORError) in
            try Proof(from: &decoder)
        }
    }

    private init(from decoder: inout CBORDecoder) throws(CBORError) {
        let at = decoder.offset
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let seal = try map.field("seal") { (decoder) throws(CBORError) in try Seal(from: &decoder) }
            let epochs = try map.field("epochs") { (decoder) throws(CBORError) in
                try decoder.decodeArray(maximum: Proof.maximumEpochCount) { (decoder) throws(CBORError) in
                    try EpochChange(from: &decoder)
                }
            }
            let states = try map.field("states") { (decoder) throws(CBORError) in
                try decoder.decodeArray(maximum: Proof.maximumStateCount) { (decoder) throws(CBORError) in
                    try StateClaim(from: &decoder)
                }
            }
            let earlier = try map.optional("earlier", Proof.decodeEarlier)
            _ = try map.field("version") { (decoder) throws(CBORError) in try decoder.decodeText(maximum: 64)
            }
            return Proof(
                seal: seal,
                epochs: epochs,
                statement: try map.optional("statement", Proof.decodeStatement),
                states: states,
                earlier: earlier
            )
        }
        guard statement != nil || !states.isEmpty || earlier != nil else {
            throw .invalidValue("a proof of nothing", offset: at)
        }
    }

    private static func decodeEarlier(_ decoder: inout CBORDecoder) throws(CBORError) -> Earlier {
        try decoder.decodeArray(count: 2) { (decoder) throws(CBORError) in
            let seal = try Seal(from: &decoder)
            return Earlier(seal: seal, consistency: try ConsistencyProof(from: &decoder))
        }
    }

    private static func decodeStatement(_ decoder: inout CBORDecoder) throws(CBORError) -> Statement {
        try decoder.decodeArray(count: 2) { (decoder) throws(CBORError) in
            let bytes = Array(try decoder.decodeBytes(maximum: BlockLimits.transactionByteCount))
            let transaction = try Transaction(bytes: bytes)
            return Statement(transaction: transaction, inclusion: try InclusionProof(from: &decoder))
        }
    }
}
