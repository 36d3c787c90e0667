public import Foundation
import JalonCodec

/// The examples in `vectors.json`.
///
/// They were made by an independent implementation and checked with third-party COSE and
/// SCITT libraries. Byte strings are in hexadecimal; Ed25519 private keys are 32 times the byte `seed`.
public struct Vectors: Decodable, Sendable {
    public struct Statement: Decodable, Sendable {
        public let seed: UInt8
        public let iss: String
        public let sub: String
        public let kid: String
        public let publicKey: String
        public let protected: String
        public let payload: String
        public let toBeSigned: String
        public let signature: String
        public let bytes: String
        public let transactionID: String
    }

    public struct Log: Decodable, Sendable {
        public let root: String
        public let leafHashes: [String]
        public let inclusion: [[String]]
        public let rootsOfPrefixes: [String]
    }

    public struct Validators: Decodable, Sendable {
        public let encoding: String
        public let hash: String
        public let order: [String]
    }

    public struct SignedVote: Decodable, Sendable {
        public let seed: UInt8
        public let member: String
        public let kid: String
        public let publicKey: String
        public let protected: String
        public let toBeSigned: String
        public let signature: String
    }

    public struct Encoding: Decodable, Sendable {
        public let note: String
        public let encoding: String
    }

    public struct Merkle: Decodable, Sendable {
        public let leaves: [String]
        public let root: String
    }

    public let chain: String
    public let network: String
    public let transactions: [Statement]
    public let log: Log
    public let validators: Validators
    public let header: String
    public let blockID: String
    public let leaderIndex: Int
    public let finalizeVotes: [SignedVote]
    public let notarizeVote: SignedVote
    public let nullifyVote: SignedVote
    public let cbor: [Encoding]
    public let receipts: [[String]]
    public let transparentStatement: String
    public let merkle: [Merkle]

    /// Reads the file.
    public static func load() throws -> Vectors {
        try JSONDecoder().decode(Vectors.self, from: VectorFile.read("vectors.json"))
    }
}

/// The files of `Tests/Vectors`.
public enum VectorFile {
    /// Where the file with this name is.
    public static func url(_ name: String) -> URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Vectors").appendingPathComponent(name)
    }

    public static func read(_ name: String) throws -> Data {
        try Data(contentsOf: url(name))
    }
}

/// The bytes of a hexadecimal text that stands in a test or a vector file.
public func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.filter { !$0.isWhitespace }
    guard let bytes = Hex.decode(digits) else { preconditionFailure("'\(hex)' in a test is not hexadecimal") }
    return bytes
}
