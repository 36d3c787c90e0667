import Foundation
import JalonCodec
package import JalonCrypto
package import JalonModel

/// What the holder of a delegate key hands to the member that will lend it something: the public key, and the proof that
/// they hold the private one and that it is to serve this member on this chain.
package struct DelegateFile: Hashable, Sendable {
    /// The format's name, the first field of the file.
    package static let version = "jalon-delegate/1"

    package let member: MemberID
    package let chain: ChainID
    package let key: PublicKey
    /// As ``DelegationGrant/proof``.
    package let proof: [UInt8]

    /// Signs the proof with the delegate's private key.
    package init(member: MemberID, chain: ChainID, key: PrivateKey) {
        (self.member, self.chain, self.key) = (member, chain, key.publicKey)
        proof = key.sign(
            Possession.statement(
                purpose: DelegationGrant.purpose,
                key: key.publicKey,
                member: member,
                chain: chain
            )
        )
    }

    /// The file's text: JSON for people to look at and to send by mail.
    package var json: String {
        """
        {
          "version": "\(DelegateFile.version)",
          "member": "\(member)",
          "chain": "\(chain.hex)",
          "algorithm": "\(key.algorithm)",
          "key": "\(Hex.encode(key.raw))",
          "proof": "\(Hex.encode(proof))"
        }

        """
    }

    /// Reads a file and checks the proof.
    package init(file: String) throws(ConfigurationError) {
        try self.init(StrictYAML(contentsOf: file))
    }

    init(_ document: StrictYAML) throws(ConfigurationError) {
        let fields = try document.mapping(["version", "member", "chain", "algorithm", "key", "proof"])
        _ = try fields.required("version").choice([DelegateFile.version])
        member = try fields.required("member").identifier()
        let chainField = try fields.required("chain")
        guard let chain = ChainID(hex: try chainField.text()) else {
            throw chainField.error(expected: "64 hexadecimal digits")
        }
        let name = try fields.required("algorithm").choice(SignatureAlgorithm.allCases.map { "\($0)" })
        guard let algorithm = SignatureAlgorithm.allCases.first(where: { "\($0)" == name }) else {
            preconditionFailure("a choice is one of those that were offered")
        }
        let (keyField, proofField) = (try fields.required("key"), try fields.required("proof"))
        guard let raw = Hex.decode(try keyField.text()) else {
            throw keyField.error(expected: "hexadecimal digits")
        }
        do { key = try PublicKey(algorithm: algorithm, raw: raw) } catch { throw keyField.error("\(error)") }
        let statement = Possession.statement(
            purpose: DelegationGrant.purpose,
            key: key,
            member: member,
            chain: chain
        )
        guard let proof = Hex.decode(try proofField.text()), key.isValid(signature: proof, for: statement)
        else {
            throw proofField.error("'proof' is no signature of this key for \(member) on this chain")
        }
        (self.chain, self.proof) = (chain, proof)
    }
}
