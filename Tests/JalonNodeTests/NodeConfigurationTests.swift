import JalonAPI
import JalonModel
import Testing

@testable import JalonNode

@Suite("A node's configuration is read")
struct NodeConfigurationTests {
    static let whole = """
        # A comment.
        network: cn-plans-2020
        genesis: genesis.cbor
        data: data
        listen: 127.0.0.1:7401
        api:
          listen: "[::1]:8401"
          nodes: [https://node.gz.example.cn, "http://127.0.0.1:8402"]
        keys:
          node: keys/node.pem
          validator: /etc/jalon/validator.pem
        peers:
          - member: cn-gz
            addresses: [node.gz.example.cn:7400, "127.0.0.1:7402"]
        log: {level: debug, format: json}
        """

    private func read(_ text: String) throws(ConfigurationError) -> NodeConfiguration {
        try NodeConfiguration(StrictYAML(text: text, file: "node.yaml"), folder: "/srv/jalon")
    }

    @Test("with every key, relative paths starting at its folder")
    func whole() throws {
        let configuration = try read(NodeConfigurationTests.whole)
        #expect(configuration.network == NetworkID("cn-plans-2020"))
        #expect(configuration.genesis == "/srv/jalon/genesis.cbor")
        #expect(configuration.data == "/srv/jalon/data")
        #expect(configuration.listen == SocketAddress(host: "127.0.0.1", port: 7401))
        #expect(configuration.apiListen == SocketAddress(host: "::1", port: 8401))
        #expect(
            configuration.apiNodes.map(\.text) == ["https://node.gz.example.cn", "http://127.0.0.1:8402"]
        )
        #expect(configuration.keys.node == "/srv/jalon/keys/node.pem")
        #expect(configuration.keys.validator == "/etc/jalon/validator.pem")
        #expect(configuration.peers.map(\.member) == [MemberID("cn-gz")])
        #expect(configuration.peers.first?.addresses.count == 2)
        #expect(configuration.log == LogConfiguration(level: .debug, format: .json))
    }

    @Test("with defaults for what is left out: an observer that only this machine can ask")
    func defaults() throws {
        let configuration = try read("{genesis: g, data: d, keys: {node: n}}")
        #expect(configuration.keys.validator == nil)
        #expect(configuration.apiListen.host == "127.0.0.1")
        #expect(configuration.log == LogConfiguration())
    }

    @Test("and written so that it reads back the same")
    func roundTrip() throws {
        let configuration = try read(NodeConfigurationTests.whole)
        #expect(try read(configuration.yaml(comment: ["one"])) == configuration)
    }

    static let mistakes: [(text: String, message: String)] = [
        ("lisen: x", "node.yaml:1:1: unknown key 'lisen' — did you mean 'listen'?"),
        (
            "genesis: g\ndata: d\nkeys:\n  node: n\n  validater: v",
            "node.yaml:5:3: unknown key 'validater' in 'keys' — did you mean 'validator'?"
        ),
        (
            "genesis: g\ncolour: red",
            "node.yaml:2:1: unknown key 'colour' — known: network, genesis, data, listen, api,"
        ),
        ("genesis: g\ndata: d", "node.yaml:1:1: the file has no 'keys'"),
        ("data: d\nkeys: {node: n}", "node.yaml:1:1: the file has no 'genesis'"),
        (
            "genesis: g\ndata: d\nkeys: {node: n}\nlisten: 7400",
            "node.yaml:4:9: 'listen' is '7400', expected an address such as 127.0.0.1:7400"
        ),
        (
            "genesis: g\ndata: d\nkeys: {node: n}\nlisten: 1.2.3.4:70000",
            "node.yaml:4:9: 'listen' is '1.2.3.4:70000', expected an address"
        ),
        (
            "genesis: g\ndata: d\nkeys: {node: n}\nlog:\n  level: inof",
            "node.yaml:5:10: 'log.level' is 'inof', expected trace, debug, info, notice, warning or error; "
                + "did you mean 'info'?"
        ),
        ("genesis: [g]\ndata: d\nkeys: {node: n}", "node.yaml:1:10: 'genesis' is a list, expected a text"),
        ("genesis: ~\ndata: d\nkeys: {node: n}", "node.yaml:1:10: 'genesis' is '~', expected a text"),
        ("genesis: g\ndata: d\nkeys: n", "node.yaml:3:7: 'keys' is 'n', expected a mapping"),
        (
            "genesis: g\ndata: d\nkeys: {node: n}\npeers:\n  - addresses: []",
            "node.yaml:5:5: a peer needs 'member' or 'key'"
        ),
        (
            "genesis: g\ndata: d\nkeys: {node: n}\npeers:\n  - {member: a, addresses: ['x']}",
            "node.yaml:5:29: 'peers[0].addresses[0]' is 'x', expected an address such as node.example.cn:7400"
        ),
        (
            "genesis: g\ndata: d\nkeys: {node: n}\napi: {nodes: [https://a/path]}",
            "node.yaml:4:15: 'api.nodes[0]' is 'https://a/path', expected an address such as https://node.example"
        ),
        ("genesis: g\n  data: d", "node.yaml:2:7: mapping values are not allowed in this context"),
        ("", "node.yaml: the file is empty"),
        ("- a", "node.yaml:1:1: the document is a list, expected a mapping"),
        (
            "genesis: g\ndata: d\nkeys: {node: n}\napi:\n  certificate: c.pem",
            "node.yaml:5:16: a certificate needs its key: set 'api.key'"
        ),
        (
            "genesis: g\ndata: d\nkeys: {node: n}\napi:\n  key: c.key",
            "node.yaml:5:8: a key needs its certificate: set 'api.certificate'"
        ),
        (
            "network: 'a b'\ngenesis: g\ndata: d\nkeys: {node: n}",
            "node.yaml:1:10: 'network' is 'a b', expected 1 to 64 of"
        ),
    ]

    @Test("and refused with the line of the mistake", arguments: mistakes)
    func mistake(text: String, message: String) {
        let error = #expect(throws: ConfigurationError.self) { try read(text) }
        #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
    }

    @Test("and refused with a key given twice")
    func repeatedKey() {
        let error = #expect(throws: ConfigurationError.self) { try read("genesis: g\ngenesis: h") }
        #expect(error?.description.contains("twice") == true)
        #expect(error?.line != nil)
    }

    @Test(
        "with other nodes' addresses as they may stand in a header and a page, and nothing else",
        arguments: [
            ("https://a.example", "https://a.example"), ("http://127.0.0.1:8401/", "http://127.0.0.1:8401"),
            ("http://[::1]:8401", "http://[::1]:8401"), ("https://[::1]", "https://[::1]"), ("ftp://a", nil),
            ("https://", nil), ("https://a b", nil), ("https://a;script-src", nil), ("https://a\"", nil),
            ("https://user@a", nil), ("https://a:99999", nil), ("https://a/b", nil), ("https://a?b", nil),
            ("https://a#b", nil), ("https://*", nil), ("a.example", nil), ("https://A.example", nil),
        ] as [(String, String?)]
    )
    func origins(text: String, expected: String?) {
        #expect(WebOrigin(text)?.text == expected)
    }

    @Test("with the API's certificate, which is written back and replaced by the environment")
    func certificate() throws {
        let text = "genesis: g\ndata: d\nkeys: {node: n}\napi: {certificate: c.pem, key: /etc/c.key}"
        var configuration = try read(text)
        let files = try #require(configuration.apiCertificate)
        #expect(files.certificate.hasSuffix("/c.pem") && files.key == "/etc/c.key")
        #expect(try read(configuration.yaml()).apiCertificate == files)
        try configuration.apply(environment: ["JALON_API_KEY": "other.key"])
        #expect(configuration.apiCertificate?.key == "other.key")
        try configuration.apply(environment: ["JALON_API_KEY": "", "JALON_API_CERTIFICATE": ""])
        #expect(configuration.apiCertificate == nil)
    }

    @Test("and overridden by the environment")
    func environment() throws {
        var configuration = try read(NodeConfigurationTests.whole)
        try configuration.apply(environment: [
            "JALON_DATA": "elsewhere", "JALON_LISTEN": "0.0.0.0:1", "JALON_LOG_LEVEL": "error",
            "JALON_NODE": "http://x",
            "JALON_VALIDATOR_KEY": "", "PATH": "/bin", "JALON_API_NODES": "http://a:1,http://b:2",
        ])
        #expect(configuration.apiNodes.map(\.text) == ["http://a:1", "http://b:2"])
        #expect(throws: ConfigurationError.self) {
            try configuration.apply(environment: ["JALON_API_NODES": "x"])
        }
        #expect(configuration.data == "elsewhere")
        #expect(configuration.listen == SocketAddress(host: "0.0.0.0", port: 1))
        #expect(configuration.log.level == .error)
        #expect(configuration.keys.validator == nil)
    }

    @Test(
        "and the environment refused where it has a name that nothing reads, or a bad value",
        arguments: [
            ("JALON_LISTN", "x", "environment: unknown variable JALON_LISTN — did you mean JALON_LISTEN?"),
            ("JALON_LISTEN", "x", "environment: JALON_LISTEN is 'x', expected an address"),
            ("JALON_LOG_FORMAT", "xml", "environment: JALON_LOG_FORMAT is 'xml', expected text, json"),
        ]
    )
    func badEnvironment(name: String, value: String, message: String) throws {
        var configuration = try read(NodeConfigurationTests.whole)
        let error = #expect(throws: ConfigurationError.self) {
            try configuration.apply(environment: [name: value])
        }
        #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
    }

    @Test("and refused where there is no file")
    func noFile() throws {
        let error = #expect(throws: ConfigurationError.self) {
            try NodeConfiguration(file: "/nowhere/node.yaml")
        }
        #expect(error?.description == "/nowhere/node.yaml: can't be read: there is no such file")
    }
}
