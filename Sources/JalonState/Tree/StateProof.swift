package import JalonCodec
package import JalonCrypto

/// Proves to somebody who knows a state root what value a path has, or that it has none.
package struct StateProof: Hashable, Sendable {
    /// The most siblings, one for each bit of a place.
    package static let maximumSiblingCount = 256

    /// The other leaf that stands where the absent path would.
    package struct OtherLeaf: Hashable, Sendable {
        /// SHA-256 of the other leaf's path.
        package let place: Digest
        /// SHA-256 of its value.
        package let valueHash: Digest

        package init(place: Digest, valueHash: Digest) {
            self.place = place
            self.valueHash = valueHash
        }
    }

    /// The sibling of each node on the way, from the root downwards; 32 zero bytes for an empty subtree.
    package let siblings: [Digest]
    /// Only in a proof of absence that ends at another leaf.
    package let otherLeaf: OtherLeaf?

    package init(siblings: [Digest], otherLeaf: OtherLeaf?) {
        self.siblings = siblings
        self.otherLeaf = otherLeaf
    }

    /// Whether this proves `value` at `path` under `root`; with `nil`, that nothing stands there.
    package func verify(root: Digest, path: String, value: [UInt8]?) -> Bool {
        guard siblings.count <= StateProof.maximumSiblingCount else { return false }
        let place = StateTree.place(of: path)
        var hash: Digest
        switch (value, otherLeaf) {
        case (.some(let value), nil):
            hash = StateTree.leafHash(place: place, valueHash: SHA256.hash(value))
        case (.some, .some):
            return false
        case (nil, .some(let other)):
            // Another leaf says something about this path only where both share the way down to it.
            guard other.place != place, siblings.indices.allSatisfy({ other.place.bit($0) == place.bit($0) })
            else { return false }
            hash = StateTree.leafHash(place: other.place, valueHash: other.valueHash)
        case (nil, nil):
            hash = .zero
        }
        for (depth, sibling) in siblings.enumerated().reversed() {
            hash =
                place.bit(depth)
                ? StateTree.innerHash(sibling, hash) : StateTree.innerHash(hash, sibling)
        }
        return hash == root
    }
}

extension StateProof {
    /// The encoding: `[[sibling, …]]`, or `[[sibling, …], place, value hash]` where it ends at another leaf.
    package func encode(to encoder: inout CBOREncoder) {
        encoder.encodeArrayHead(otherLeaf == nil ? 1 : 3)
        encoder.encode(array: siblings) { $0.encode($1) }
        if let otherLeaf {
            encoder.encode(otherLeaf.place)
            encoder.encode(otherLeaf.valueHash)
        }
    }

    package var encoded: [UInt8] {
        var encoder = CBOREncoder(capacity: siblings.count * 34 + 80)
        encode(to: &encoder)
        return encoder.bytes
    }

    package init(from decoder: inout CBORDecoder) throws(CBORError) {
        let count = try decoder.peekArrayCount()
        self = try decoder.decodeArray(count: count == 1 ? 1 : 3) { (decoder) throws(CBORError) in
            let siblings = try decoder.decodeArray(maximum: StateProof.maximumSiblingCount) {
                (decoder) throws(CBORError) in
                try decoder.decodeDigest()
            }
            guard count != 1 else { return StateProof(siblings: siblings, otherLeaf: nil) }
            let other = OtherLeaf(place: try decoder.decodeDigest(), valueHash: try decoder.decodeDigest())
            return StateProof(siblings: siblings, otherLeaf: other)
        }
    }
}
