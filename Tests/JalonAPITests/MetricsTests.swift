import JalonAPI
import JalonAPITestKit
import JalonSchema
import Testing

@Suite("A node's metrics")
struct MetricsTests {
    @Test(
        "are served in Prometheus' text format: each family with its help and type, each sample with a value"
    )
    func exposition() async throws {
        try await TestServer.run { server async throws in
            await server.ledger.makeBlock()
            let answer = try await server.get("/metrics")
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            let lines = answer.body.split(separator: "\n").map(String.init)
            #expect(lines.contains("jalon_ledger_final_height_blocks 1"))
            #expect(lines.contains("jalon_storage_synchronous_level 2"))
            #expect(lines.contains("jalon_storage_ledger_bytes 5000000"))
            #expect(lines.contains("jalon_storage_free_bytes 1000000000"))
            #expect(lines.contains("jalon_storage_daily_growth_bytes 10000000"))
            #expect(lines.contains("jalon_storage_until_full_days 93"))
            #expect(lines.contains("jalon_crypto_verified_signatures_total{result=\"valid\"} 3"))
            #expect(lines.contains("jalon_network_connected_peers{security=\"tlsv13\"} 6"))
            #expect(lines.contains("jalon_network_sent_bytes_total{kind=\"vote\"} 400"))
            var families: [String] = []
            for line in lines {
                let words = line.split(separator: " ", maxSplits: 3)
                guard !line.hasPrefix("#") else {
                    if words[1] == "TYPE" { families.append(String(words[2])) }
                    continue
                }
                #expect(words.count == 2 && UInt64(words[1]) != nil, "\(line)")
                #expect(families.last == line.prefix { $0 != "{" && $0 != " " }.description, "\(line)")
            }
            #expect(families.count == Set(families).count && families.count >= 13)
            #expect(families.allSatisfy { $0.hasPrefix("jalon_") })
        }
    }

    @Test("say nothing of growth while there is too little to measure it by")
    func unknownGrowth() {
        var metrics = NodeMetrics()
        #expect(!metrics.text.contains("jalon_storage_free_bytes"))
        metrics.storageUse = API.StorageUse(ledgerBytes: 1, freeBytes: 2)
        #expect(metrics.text.contains("jalon_storage_free_bytes 2"))
        #expect(!metrics.text.contains("jalon_storage_daily_growth_bytes"))
        #expect(!metrics.text.contains("jalon_storage_until_full_days"))
    }

    @Test("take no parameters and no other method")
    func refused() async throws {
        try await TestServer.run { server async throws in
            #expect(try await server.get("/metrics?all=1").status == 400)
            #expect(try await server.request("POST", "/metrics").status == 405)
            #expect(try await server.get("/metrics/more").status == 404)
        }
    }
}
