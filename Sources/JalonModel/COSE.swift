import JalonCodec
import JalonCrypto

/// The parts of COSE_Sign1 (RFC 9052 §4.2) that statements and votes share.
enum COSE {
    /// Header labels (RFC 9052 §3.1, RFC 9597, RFC 9942).
    enum Label {
        static let algorithm: CBORKey = 1
        static let contentType: CBORKey = 3
        static let keyID: CBORKey = 4
        static let claims: CBORKey = 15
        static let receipts: CBORKey = 394
        static let verifiableDataStructure: CBORKey = 395
        static let proofs: CBORKey = 396
        /// Private: what a vote says, `[chain, kind, epoch, view, BlockID]`.
        static let vote: CBORKey = -70001
        /// Private: where a validator stands on this chain, `ChainID`.
        static let standing: CBORKey = -70002
    }

    /// The verifiable data structure of the log: RFC 9162 with SHA-256 (RFC 9942 §5.1).
    static let rfc9162: Int64 = 1

    /// Kinds of proof under ``Label/proofs`` (RFC 9942 §5).
    enum Proof {
        static let inclusion: CBORKey = -1
    }

    /// CWT claims (RFC 8392): issuer and subject.
    enum Claim {
        static let issuer: CBORKey = 1
        static let subject: CBORKey = 2
    }

    /// The Sig_structure of a COSE_Sign1 without external data: what is signed and what a transaction's id
    /// hashes.
    static func toBeSigned(
        protected: some Collection<UInt8>,
        payload: some Collection<UInt8>
    ) -> [UInt8] {
        var encoder = CBOREncoder(capacity: protected.count + payload.count + 24)
        encoder.encodeArrayHead(4)
        encoder.encode("Signature1")
        encoder.encode(bytes: protected)
        encoder.encode(bytes: EmptyCollection())
        encoder.encode(bytes: payload)
        return encoder.bytes
    }

    // What stands in a Sig_structure before its protected header, and between that and the payload.
    private static let signatureStart: [UInt8] = {
        var encoder = CBOREncoder()
        encoder.encodeArrayHead(4)
        encoder.encode("Signature1")
        return encoder.bytes
    }()
    private static let noExternalData: UInt8 = 0x40

    /// The hash of ``toBeSigned(protected:payload:)``, which is not put together for it: of the two byte strings as they
    /// stand, encoded, in a COSE_Sign1.
    static func hashToBeSigned(
        encodedProtected: ArraySlice<UInt8>,
        encodedPayload: ArraySlice<UInt8>
    ) -> Digest {
        var hasher = SHA256()
        hasher.update(signatureStart)
        hasher.update(encodedProtected)
        hasher.update(byte: noExternalData)
        hasher.update(encodedPayload)
        return hasher.finalize()
    }
}
