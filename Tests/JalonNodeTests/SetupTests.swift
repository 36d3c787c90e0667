import Foundation
import JalonCrypto
import JalonModel
import JalonStorage
import Testing

@testable import JalonNode

@Suite("A network is set up from its members' files")
struct SetupTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func setup(_ id: String, region: String?, isObserver: Bool = false) throws -> MemberSetup {
        let name = try LocalizedText(zh: "名称", en: "Name \"\(id)\"")
        return MemberSetup(
            id: try #require(MemberID(id)),
            roles: region == nil ? [.auditor] : [.province],
            name: name,
            region: region.flatMap { RegionCode($0) },
            addresses: [try #require(NodeAddress("127.0.0.1:7401"))],
            isObserver: isObserver,
            nodeFolder: "\(folder.path)/\(id)",
            authorityFolder: "\(folder.path)/keys/\(id)",
            file: "\(folder.path)/\(id).member.json"
        )
    }

    @discardableResult
    private func make(_ id: String, region: String?, isObserver: Bool = false, seed: UInt64 = 1) throws
        -> MemberFile
    {
        var generator = SeededRandom(seed)
        return try setup(id, region: region, isObserver: isObserver).run(using: &generator)
    }

    private func genesis(_ files: [MemberFile]) throws -> Genesis {
        try NetworkSetup.genesis(
            members: files,
            input: NetworkInput(network: NetworkID("test"), validatorCount: files.count),
            time: Timestamp(1_700_000_000_000)
        )
    }

    @Test("from their keys to nodes that are ready to run")
    func wholeWay() throws {
        try make("xz-01", region: "XZ-01", seed: 1)
        try make("xz-02", region: "XZ-02", seed: 2)
        try make("audit", region: nil, isObserver: true, seed: 3)
        let files = try ["xz-01", "xz-02", "audit"].map {
            try MemberFile(file: "\(folder.path)/\($0).member.json")
        }
        let input = NetworkInput(network: NetworkID("test"), validatorCount: 2)
        let genesis = try NetworkSetup.genesis(
            members: files,
            input: input,
            time: Timestamp(1_700_000_000_000)
        )
        #expect(genesis.validators.count == 2)
        let path = "\(folder.path)/invitation.jalon"
        try Invitation(genesis: genesis).write(to: path)
        let invitation = try Invitation(file: path)
        #expect(invitation.genesis == genesis)

        for (id, isValidator) in [("xz-01", true), ("audit", false)] {
            let joined = try JoinSetup(
                invitation: invitation,
                keyFolder: "\(folder.path)/\(id)",
                folder: "\(folder.path)/nodes/\(id)",
                listen: SocketAddress(host: "127.0.0.1", port: 7401),
                apiListen: SocketAddress(host: "127.0.0.1", port: 8401)
            ).run()
            #expect(joined.member?.text == id)
            #expect(joined.isValidator == isValidator)
            let configuration = try NodeConfiguration(file: joined.configuration)
            #expect(configuration.network == NetworkID("test"))
            #expect((configuration.keys.validator != nil) == isValidator)
            let bytes = try Data(contentsOf: URL(fileURLWithPath: configuration.genesis))
            #expect(Array(bytes) == genesis.encoded)
            let reader = try LedgerReader.open(readOnly: configuration.data)
            #expect(reader.identity == LedgerIdentity(network: genesis.network, chain: genesis.chain))
        }
    }

    @Test("the file's text reads back the same, quotes in names included")
    func fileRoundTrip() throws {
        let made = try make("xz-01", region: "XZ-01")
        let read = try MemberFile(file: "\(folder.path)/xz-01.member.json")
        #expect(read == made)
        #expect(read.member.name.en?.string == "Name \"xz-01\"")
    }

    @Test("key files are for their owner only, and the authority key lies apart")
    func keyFiles() throws {
        let setup = try setup("xz-01", region: "XZ-01")
        try make("xz-01", region: "XZ-01")
        for path in [setup.nodeKeyPath, setup.validatorKeyPath, setup.authorityKeyPath] {
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
        var same = setup
        same.authorityFolder = same.nodeFolder
        var generator = SeededRandom(9)
        #expect(throws: SetupError.self) { try same.run(using: &generator) }
    }

    @Test("nothing is overwritten")
    func exists() throws {
        try make("xz-01", region: "XZ-01", seed: 1)
        let error = #expect(throws: SetupError.self) { try make("xz-01", region: "XZ-01", seed: 2) }
        #expect(error == .exists(path: "\(folder.path)/xz-01.member.json"))
    }

    @Test(
        "a file that was changed on its way is refused",
        arguments: [
            ("\"XZ-01\"", "\"XZ-09\""), ("127.0.0.1:7401", "127.0.0.1:7499"),
            ("\"province\"", "\"regulator\""),
            ("名称", "名字"),
        ]
    )
    func changedFile(old: String, new: String) throws {
        try make("xz-01", region: "XZ-01")
        let path = "\(folder.path)/xz-01.member.json"
        let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
        let changed = text.replacing(old, with: new)
        #expect(changed != text)
        let error = #expect(throws: SetupError.self) {
            try MemberFile(file: folder.write(changed, "changed.json"))
        }
        #expect(error?.code == "E_POSSESSION")
    }

    @Test("a proof of another purpose is refused, so that no key serves two")
    func otherPurpose() throws {
        try make("xz-01", region: "XZ-01")
        let path = "\(folder.path)/xz-01.member.json"
        let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
        let changed = text.replacing("\"node\"", with: "\"x\"").replacing("\"validator\"", with: "\"node\"")
            .replacing("\"x\"", with: "\"validator\"")
        let error = #expect(throws: SetupError.self) {
            try MemberFile(file: folder.write(changed, "changed.json"))
        }
        #expect(error?.code == "E_POSSESSION")
    }

    @Test("two members with one key are refused")
    func sharedKey() throws {
        let files = [
            try make("xz-01", region: "XZ-01", seed: 5), try make("xz-02", region: "XZ-02", seed: 5),
        ]
        #expect(throws: SetupError.self) { try genesis(files) }
    }

    @Test("two members for one region are refused")
    func sharedRegion() throws {
        let files = [
            try make("xz-01", region: "XZ-01", seed: 5), try make("xz-02", region: "XZ-01", seed: 6),
        ]
        let error = #expect(throws: SetupError.self) { try genesis(files) }
        #expect(error?.code == "E_GENESIS")
    }

    @Test("a network without a validator is refused")
    func noValidator() throws {
        let error = #expect(throws: SetupError.self) {
            try genesis([try make("xz-01", region: "XZ-01", isObserver: true)])
        }
        #expect(error == .validators(.empty))
    }

    @Test(
        "an invitation whose bytes or heading were changed is refused",
        arguments: ["Network: ", "Chain: ", "body"]
    )
    func changedInvitation(part: String) throws {
        let text = Invitation(genesis: try genesis([try make("xz-01", region: "XZ-01")])).text
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            switch part {
            case "body" where line.count == 64 && !line.contains("-"): "AAAA" + line.dropFirst(4)
            case _ where line.hasPrefix(part): part + "other"
            default: String(line)
            }
        }
        #expect(throws: SetupError.self) { try Invitation(text: lines.joined(separator: "\n"), file: "i") }
        #expect(try Invitation(text: text, file: "i").text == text)
    }

    @Test("a recovery key is made where one is asked for, and stands in file and genesis")
    func recoveryKey() throws {
        var setup = try setup("xz-01", region: "XZ-01")
        setup.recoveryKeyPath = "\(folder.path)/vault.pem"
        var generator = SeededRandom(1)
        let made = try setup.run(using: &generator, passphrase: Array("p".utf8))
        let key = try KeyFile.load(at: "\(folder.path)/vault.pem") { Array("p".utf8) }
        #expect(made.member.recoveryKey == key.publicKey)
        #expect(made.keys.map(\.purpose) == [.authority, .recovery, .node, .validator])
        let read = try MemberFile(file: setup.file)
        #expect(read == made)
        #expect(try genesis([read]).members.first?.recoveryKey == key.publicKey)
        #expect(throws: SetupError.exists(path: setup.file)) { try setup.run(using: &generator) }
        setup.file += "2"
        setup.nodeFolder += "2"
        setup.authorityFolder += "2"
        #expect(throws: SetupError.exists(path: "\(folder.path)/vault.pem")) {
            try setup.run(using: &generator)
        }
    }

    @Test("keys that the genesis does not name can't join")
    func foreignKeys() throws {
        let genesis = try genesis([try make("xz-01", region: "XZ-01", seed: 1)])
        try make("xz-02", region: "XZ-02", seed: 2)
        let join = JoinSetup(
            invitation: Invitation(genesis: genesis),
            keyFolder: "\(folder.path)/xz-02",
            folder: "\(folder.path)/nodes/xz-02",
            listen: SocketAddress(host: "127.0.0.1", port: 7401),
            apiListen: SocketAddress(host: "127.0.0.1", port: 8401)
        )
        let error = #expect(throws: SetupError.self) { try join.run() }
        #expect(error?.code == "E_NOT_IN_GENESIS")
        #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/nodes/xz-02"))
    }

    @Test("a validator without its validator key can't join, instead of silently voting nothing")
    func missingValidatorKey() throws {
        let genesis = try genesis([try make("xz-01", region: "XZ-01")])
        try FileManager.default.removeItem(atPath: "\(folder.path)/xz-01/validator.pem")
        let join = JoinSetup(
            invitation: Invitation(genesis: genesis),
            keyFolder: "\(folder.path)/xz-01",
            folder: "\(folder.path)/n",
            listen: SocketAddress(host: "127.0.0.1", port: 7401),
            apiListen: SocketAddress(host: "127.0.0.1", port: 8401)
        )
        let error = #expect(throws: SetupError.self) { try join.run() }
        #expect("\(error.map { "\($0)" } ?? "")".contains("without validator.pem"))
    }

    private func mirror(_ genesis: Genesis, in name: String, snapshot: String? = nil) -> JoinSetup {
        JoinSetup(
            invitation: Invitation(genesis: genesis),
            keyFolder: "\(folder.path)/\(name)",
            folder: "\(folder.path)/\(name)",
            listen: SocketAddress(host: "127.0.0.1", port: 7401),
            apiListen: SocketAddress(host: "127.0.0.1", port: 8401),
            snapshot: snapshot
        )
    }

    @Test("a mirror whose first attempt failed is made by the second, with the key of the first")
    func mirrorAgain() throws {
        let genesis = try genesis([try make("xz-01", region: "XZ-01")])
        let bad = "\(folder.path)/bad.jalon-snapshot"
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: bad))
        var generator = SeededRandom(7)
        #expect(throws: SetupError.self) {
            try mirror(genesis, in: "m", snapshot: bad).runMirror(using: &generator)
        }
        let path = "\(folder.path)/m/node.pem"
        let key = try KeyFile.load(at: path).publicKey
        let joined = try mirror(genesis, in: "m").runMirror(using: &generator)
        #expect(joined.member == nil && !joined.isValidator)
        #expect(try KeyFile.load(at: path).publicKey == key)
        #expect(throws: SetupError.exists(path: "\(folder.path)/m/node.yaml")) {
            try mirror(genesis, in: "m").runMirror(using: &generator)
        }
    }

    @Test("a mirror never takes the key of a member's node")
    func mirrorOfMember() throws {
        let genesis = try genesis([
            try make("xz-01", region: "XZ-01", seed: 1),
            try make("xz-02", region: "XZ-02", seed: 2),
        ])
        try FileManager.default.removeItem(atPath: "\(folder.path)/xz-02/validator.pem")
        var generator = SeededRandom(7)
        #expect(throws: SetupError.exists(path: "\(folder.path)/xz-01/validator.pem")) {
            try mirror(genesis, in: "xz-01").runMirror(using: &generator)
        }
        #expect(throws: SetupError.exists(path: "\(folder.path)/xz-02/node.pem")) {
            try mirror(genesis, in: "xz-02").runMirror(using: &generator)
        }
    }
}
