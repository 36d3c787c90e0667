import Foundation
import JalonCrypto
import JalonModel
import JalonStorage
import Testing

@testable import JalonNode

@Suite("The passphrase of an encrypted key is found")
struct PassphraseSourceTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func file(_ name: String, _ text: String) throws -> String {
        let path = try folder.write(text, name)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        return path
    }

    private func text(_ source: PassphraseSource, of key: String = "keys/validator.pem") throws -> String? {
        try source.passphrase(of: key).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("in the first place that has it")
    func order() throws {
        let flag = try file("flag", "of the flag\n")
        var environment = [
            "JALON_PASSPHRASE": "of the environment",
            "JALON_PASSPHRASE_FILE": try file("variable", "of the variable's file\n"),
            "CREDENTIALS_DIRECTORY": folder.path,
        ]
        let configured = try file("configured", "of the configuration")
        _ = try file("validator.pem.passphrase", "of the key's credential")
        _ = try file("jalon.passphrase", "of the credential")
        func source(_ file: String? = nil, _ configured: String? = configured) -> PassphraseSource {
            PassphraseSource(
                file: file,
                environment: environment,
                configured: configured,
                ask: { Array("asked for \($0)".utf8) }
            )
        }
        #expect(try text(source(flag)) == "of the flag")
        #expect(try text(source()) == "of the environment")
        environment["JALON_PASSPHRASE"] = ""
        #expect(try text(source()) == "of the variable's file")
        environment["JALON_PASSPHRASE_FILE"] = nil
        #expect(try text(source()) == "of the configuration")
        #expect(try text(source(nil, nil)) == "of the key's credential")
        #expect(try text(source(nil, nil), of: "node.pem") == "of the credential")
        environment["CREDENTIALS_DIRECTORY"] = nil
        #expect(try text(source(nil, nil)) == "asked for keys/validator.pem")
        #expect(try source(nil, nil).given(for: "x") == nil)
        #expect(try text(PassphraseSource(environment: [:])) == nil)
    }

    @Test("and a file that is named and can't be used is an error, not another place")
    func unusable() throws {
        let missing = PassphraseSource(
            file: "\(folder.path)/none",
            environment: ["JALON_PASSPHRASE": "other"],
            ask: { _ in Array("asked".utf8) }
        )
        #expect(throws: KeyFileError.notFound(path: "\(folder.path)/none")) { try text(missing) }
        let open = try folder.write("x", "open")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: open)
        #expect(throws: KeyFileError.openToOthers(path: open, mode: "0644")) {
            try text(PassphraseSource(environment: [:], configured: open))
        }
    }

    @Test("for each key of a node, and for a node that joins")
    func node() throws {
        let (nodeKey, validatorKey) = (
            try PrivateKey(seed: [UInt8](repeating: 1, count: 32)),
            try PrivateKey(seed: [UInt8](repeating: 2, count: 32))
        )
        let (node, validator) = ("\(folder.path)/node.pem", "\(folder.path)/validator.pem")
        try KeyFile.save(nodeKey, at: node, passphrase: Array("one".utf8))
        try KeyFile.save(validatorKey, at: validator, passphrase: Array("two".utf8))
        _ = try file("node.pem.passphrase", "one")
        _ = try file("validator.pem.passphrase", "two")
        let configuration = NodeConfiguration(
            genesis: "g",
            data: "d",
            listen: NodeConfiguration.defaultListen,
            apiListen: NodeConfiguration.defaultAPIListen,
            keys: NodeKeys(node: node, validator: validator)
        )
        func keys(_ environment: [String: String]) throws -> NodeSetup.Keys {
            let source = PassphraseSource(environment: environment)
            return try NodeSetup.keys(of: configuration, passphrases: source)
        }
        let read = try keys(["CREDENTIALS_DIRECTORY": folder.path])
        #expect(read.node.publicKey == nodeKey.publicKey)
        #expect(read.validators.map(\.publicKey) == [validatorKey.publicKey])
        #expect(throws: KeyFileError.unusable(path: node, .encrypted)) { try keys([:]) }
        #expect(throws: KeyFileError.unusable(path: validator, .wrongPassphrase)) {
            try keys(["JALON_PASSPHRASE": "one"])
        }
    }

    @Test("in the file that a node's configuration names")
    func configuration() throws {
        let text = "{genesis: g, data: d, keys: {node: n, passphraseFile: secrets/p}}"
        let read = try NodeConfiguration(StrictYAML(text: text, file: "node.yaml"), folder: "/srv")
        #expect(read.keys.passphraseFile == "/srv/secrets/p")
        let again = try NodeConfiguration(StrictYAML(text: read.yaml(), file: "node.yaml"), folder: "/")
        #expect(again == read)
    }
}
