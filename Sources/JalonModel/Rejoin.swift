public import JalonCodec

/// What a validator keeps of having lost, or maybe lost, votes of its own (protocol, section 5, "Rejoining").
public enum Rejoin: Hashable, Sendable {
    /// No vote before enough other validators said where they stand.
    case required
    /// They did: no vote of this epoch in a view below `firstView`. `proof` is the certificate that showed the greatest
    /// view among them; `nil` where that was the first.
    case granted(Epoch, firstView: View, proof: Certificate?)
}

extension Rejoin {
    /// The encoding: `[]`, or `[epoch, first view, [proof]?]`.
    public var encoded: [UInt8] {
        var encoder = CBOREncoder(capacity: 64)
        switch self {
        case .required: encoder.encodeArrayHead(0)
        case .granted(let epoch, let firstView, let proof):
            encoder.encodeArrayHead(3)
            encoder.encode(epoch)
            encoder.encode(firstView)
            encoder.encode(array: [proof].compactMap { $0 }) { $1.encode(to: &$0) }
        }
        return encoder.bytes
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        guard try decoder.peekArrayCount() > 0 else {
            self = try decoder.decodeArray(count: 0) { (_) throws(CBORError) in .required }
            return
        }
        self = try decoder.decodeArray(count: 3) { (decoder) throws(CBORError) in
            let epoch: Epoch = try decoder.decode()
            let firstView: View = try decoder.decode()
            let proof = try decoder.decodeArray(maximum: 1) { (decoder) throws(CBORError) in
                try Certificate(from: &decoder)
            }
            return .granted(epoch, firstView: firstView, proof: proof.first)
        }
    }
}
