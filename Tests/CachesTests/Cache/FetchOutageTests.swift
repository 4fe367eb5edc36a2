import Caches
import CachesTesting
import Testing

@Suite("Fetching without the cache", .timeLimit(.minutes(10)))
struct FetchOutageTests {
    /// A pool over its own server, with a deadline that would end the test.
    private func withServer(_ body: (LocalServer, CachePool) async throws -> Void) async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            var configuration = try PoolConfiguration(dsns: fleet.dsns)
            configuration.deadline = .seconds(3600)
            let pool = try CachePool(configuration)
            try await body(fleet.servers[0], pool)
            await pool.close()
        }
    }

    @Test(
        "While the node is down, the value is computed and returned", arguments: [OutagePolicy.fail, .miss])
    func down(_ policy: OutagePolicy) async throws {
        try await withServer { server, pool in
            let (cache, calls) = (Cache<Int>("a", outagePolicy: policy, on: pool), Calls())
            let value = try await cache.fetch { calls.returning(1) }
            #expect(value == 1)
            server.kill()
            let before = CacheCounters.bypassed
            for _ in 0..<10 { #expect(try await cache.fetch { calls.returning(2) } == 2) }
            #expect(calls.count == 11)
            #expect(CacheCounters.bypassed >= before + 10)
        }
    }

    @Test("A node that hangs costs one deadline, not a second one for storing")
    func hanging() async throws {
        try await withServer { server, pool in
            let (hasty, patient) = (
                Cache<Int>("a", deadline: .milliseconds(30), on: pool), Cache<Int>("a", on: pool)
            )
            #expect(try await patient.exists() == false)
            server.pause()
            let before = CacheCounters.bypassed
            let value = try await hasty.fetch { 1 }
            #expect(value == 1)
            #expect(CacheCounters.bypassed > before)
            server.resume()
            // An earlier command is carried out before this one.
            #expect(try await patient.exists() == false)
        }
    }

    @Test("A node that goes down while the value is computed costs only the cache")
    func downMeanwhile() async throws {
        try await withServer { server, pool in
            let cache = Cache<Int>("a", on: pool)
            let before = CacheCounters.bypassed
            let value = try await cache.fetch {
                server.kill()
                return 1
            }
            #expect(value == 1)
            #expect(CacheCounters.bypassed > before)
        }
    }

    @Test("A server without memory left refuses to store, and the value is returned")
    func outOfMemory() async throws {
        try await withServer { server, pool in
            try await server.command("CONFIG", "SET", "maxmemory", "1")
            let before = CacheCounters.bypassed
            #expect(try await Cache<Int>("a", on: pool).fetch { 1 } == 1)
            #expect(CacheCounters.bypassed > before)
            try await server.command("CONFIG", "SET", "maxmemory", "0")
            #expect(try await Cache<Int>("a", on: pool).exists() == false)
        }
    }

    /// A coder that always fails.
    struct Broken: CacheCoder {
        struct Failure: Error {}
        func encode<Value: Codable>(_ value: Value) throws -> Payload { throw Failure() }
        func decode<Value: Codable>(_ type: Value.Type, from bytes: Bytes) throws -> Value { throw Failure() }
    }

    @Test("A value that can't be encoded is returned, not stored")
    func unencodable() async throws {
        try await Servers.one.run { _ in
            let cache = Cache<Int>("unencodable", prefix: "fetch", coder: Broken())
            let before = CacheCounters.bypassed
            let value = try await cache.fetch { 1 }
            #expect(value == 1)
            #expect(CacheCounters.bypassed > before)
            #expect(try await cache.exists() == false)
        }
    }

    @Test("A reply of another kind than the command's counts as an outage")
    func unexpectedReply() async throws {
        let server = try ScriptedServer([.answerUntil("GET"), .send(":1\r\n")])
        let pool = try CachePool([server.dsn()])
        #expect(try await Cache<Int>("a", on: pool).fetch { 7 } == 7)
        await pool.close()
        server.stop()
    }

    @Test("A pool that is closed costs only the cache")
    func closed() async throws {
        let pool = try CachePool(["redis://127.0.0.1:1"])
        await pool.close()
        #expect(try await Cache<Int>("a", on: pool).fetch { 7 } == 7)
    }
}
