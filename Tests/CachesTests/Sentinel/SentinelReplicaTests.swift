import Caches
import CachesTesting
import CachesTransport
import TestSupport
import Testing

/// Reads from replicas that Sentinels name, on real servers.
@Suite struct SentinelReplicaTests {
    private final class Old: Cache<String>, @unchecked Sendable {
        override class var prefix: String { "old" }
        override class var reads: ReadPreference { .preferReplica }
    }

    private final class Owned: Cache<String>, @unchecked Sendable {
        override class var prefix: String { "old" }
    }

    /// How many GETs a server has carried out for clients.
    private func gets(_ server: LocalServer) async throws -> Int {
        let text = try await server.command("INFO", "commandstats").text ?? ""
        let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("cmdstat_get:") }
        return line.flatMap { $0.split(separator: ",")[0].split(separator: "=").last }.flatMap { Int($0) }
            ?? 0
    }

    @Test("They are found, read from, left when they go, and found again; the primary has the other calls")
    func comeAndGo() async throws {
        try await withLocalSentinelGroup { group in
            var configuration = try PoolConfiguration(dsns: [group.dsn])
            configuration.deadline = .seconds(20)
            configuration.nodes[0].connection.connectTimeout = .seconds(10)
            configuration.nodes[0].refreshInterval = .milliseconds(100)
            let pool = try CachePool(configuration)
            let node = try pool.nodes[0]
            try await Owned(1, on: pool).set("value")
            let master = try await group.master()
            try await master.command("WAIT", "2", "20000", timeout: .seconds(30))

            try await eventually { pool.replica(of: node) != nil }
            let before = try await gets(master)
            for _ in 0..<50 { #expect(try await Old(1, on: pool).get() == "value") }
            #expect(try await gets(master) == before)
            var sum = 0
            for server in group.servers.dropFirst() { sum += try await gets(server) }
            #expect(sum == 50)
            #expect(try await Owned(1, on: pool).get() == "value")
            #expect(try await gets(master) == before + 1)

            // Without one of them, and without both.
            for (index, server) in group.servers.dropFirst().enumerated() {
                server.kill()
                for _ in 0..<20 { #expect(try await Old(1, on: pool).get() == "value") }
                try await eventually { pool.replica(of: node)?.name.contains(":\(server.port ?? 0)") != true }
                if index == 1 { try await eventually { pool.replica(of: node) == nil } }
            }
            #expect(try await Old(1, on: pool).get() == "value")
            #expect(try await gets(master) > before + 1)

            try await group.servers[1].restart()
            try await eventually(within: .seconds(60)) {
                pool.replica(of: node)?.name.hasSuffix(":\(group.servers[1].port ?? 0)") == true
            }
            try await eventually {
                let value = try await Old(1, on: pool).get()
                #expect(value == "value")
                return try await gets(group.servers[1]) > 0
            }
            await pool.close()
        }
    }
}
