import CachesTesting
import Foundation
import Testing

@testable import Caches

@Suite("A cache on real servers", .timeLimit(.minutes(10)))
struct CacheTests {
    @Test("A value is read back as it was set, and is nil before and after", arguments: Servers.allCases)
    func roundTrip(on servers: Servers) async throws {
        try await servers.run { fleet in
            for id in 0..<50 {
                let (cache, user) = (UserCache("trip", id), User(id: id, name: "al.\(id) größe"))
                #expect(try await cache.get() == nil)
                #expect(try await cache.exists() == false)
                try await cache.set(user)
                #expect(try await cache.get() == user)
                #expect(try await cache.getOrThrow() == user)
                #expect(try await cache.exists())
                #expect(try await UserCache("trip", id).clear())
                #expect(try await cache.clear() == false)
                #expect(try await cache.get() == nil)
                #expect(try await cache.getOrThrow() == nil)
            }
        }
    }

    @Test("A stored value can be read by any client", arguments: Servers.allCases)
    func stored(on servers: Servers) async throws {
        try await servers.run { fleet in
            func expect<Value: Codable & Sendable>(_ value: Value, _ text: String) async throws {
                let cache = Cache<Value>("\(Value.self)", prefix: "stored", connection: Servers.connection)
                try await cache.set(value)
                #expect(try await fleet.command(on: cache.key, "GET", cache.key.text).text == text)
                #expect(try await fleet.command(on: cache.key, "PTTL", cache.key.text).integer == -1)
            }
            try await expect("héllo", "héllo")
            try await expect(-42, "-42")
            try await expect(UInt64.max, "18446744073709551615")
            try await expect(0.1, "0.1")
            try await expect(true, "1")
            try await expect(Data("bytes".utf8), "bytes")
            try await expect(User(id: 1, name: "al"), #"{"id":1,"name":"al"}"#)
            try await expect(nil as Int?, "null")
        }
    }

    @Test("A value of any bytes and of any size comes back", arguments: Servers.allCases)
    func sizes(on servers: Servers) async throws {
        try await servers.run { fleet in
            for size in [0, 1, 15, 16, 4095, 65_536, 3 << 20] {
                let bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: size), count: size)
                let cache = Cache<[UInt8]>(size, prefix: "sizes", connection: Servers.connection)
                try await cache.set(bytes)
                #expect(try await cache.get() == bytes)
            }
        }
    }

    @Test("Setting restarts the ttl, and setting without one clears it", arguments: Servers.allCases)
    func ttl(on servers: Servers) async throws {
        try await servers.run { fleet in
            let cache = Cache<String>("a", prefix: "ttl", ttl: .seconds(100), connection: Servers.connection)
            func remaining() async throws -> Int64? {
                try await fleet.command(on: cache.key, "PTTL", cache.key.text).integer
            }
            try await cache.set("a")
            #expect(try #require(try await remaining()) > 90_000)
            try await cache.set("b", ttl: .milliseconds(50_000.4))
            #expect((40_000...50_000).contains(try #require(try await remaining())))
            _ = try await cache.get()
            _ = try await cache.exists()
            #expect(try #require(try await remaining()) <= 50_000)
            try await cache.set("c", ttl: .forever)
            #expect(try await remaining() == -1)
            try await cache.set("d")
            #expect(try #require(try await remaining()) > 90_000)
        }
    }

    @Test("A value is gone when its ttl is over", arguments: Servers.allCases)
    func expiry(on servers: Servers) async throws {
        try await servers.run { fleet in
            let cache = Cache<String>("a", prefix: "expiry", connection: Servers.connection)
            try await cache.set("a", ttl: .milliseconds(1))
            while try await cache.exists() { await Task.yield() }
            #expect(try await cache.get() == nil)
        }
    }

    @Test("Each of the keys written together gets its own ttl", arguments: Servers.allCases)
    func jitter(on servers: Servers) async throws {
        try await servers.run { fleet in
            var ttls: Set<Int64> = []
            for id in 0..<20 {
                let cache = UserCache("jitter", id)
                try await cache.set(User(id: id, name: ""))
                let ttl = try #require(try await fleet.command(on: cache.key, "PTTL", cache.key.text).integer)
                #expect((290_000...600_000).contains(ttl))
                // In tens of seconds: the time of the commands themselves can't tell two keys apart.
                ttls.insert(ttl / 10_000)
            }
            #expect(ttls.count > 3)
        }
    }

    @Test("A value that can't be kept or sent is refused, and changes nothing", arguments: Servers.allCases)
    func refusals(on servers: Servers) async throws {
        try await servers.run { fleet in
            let cache = Cache<Int>("a", prefix: "refusals", connection: Servers.connection)
            try await cache.set(1)
            for ttl in [TTL.seconds(0), .seconds(-1), .seconds(1, jitter: 2)] {
                let error = await #expect(throws: CachesError.self) { try await cache.set(2, ttl: ttl) }
                #expect(error?.code == .invalidArgument)
                await #expect(throws: CachesError.self) { try await cache.increment(ttl: ttl) }
            }
            let empty = await #expect(throws: CachesError.self) { try await Cache<Int>(prefix: "").get() }
            #expect(empty?.code == .invalidArgument)
            let unknown = await #expect(throws: CachesError.self) {
                try await Cache<Int>("a", connection: "nowhere").get()
            }
            #expect(unknown?.code == .configuration)
            #expect(try await cache.get() == 1)
        }
    }

    @Test("A key of 512 MiB is refused with its size, and the next call works")
    func tooLarge() async throws {
        try await Servers.one.run { fleet in
            // String(repeating:count:) takes ten seconds for it.
            let part = String(
                decoding: [UInt8](repeating: UInt8(ascii: "x"), count: 512 << 20), as: UTF8.self)
            let caches = [
                Cache<Int>(part), Cache<Int>(prefix: part), Cache<Int>(part, prefix: ""),
                Cache<Int>(".", part, style: .plain),
            ]
            for cache in caches {
                #expect(cache.key.text.isEmpty)
                let error = await #expect(throws: CachesError.self) { try await cache.set(1) }
                #expect(error?.code == .tooLarge)
                #expect(error?.message.contains("5368709") == true)
            }
            let cache = Cache<Int>("a", prefix: "tooLarge")
            try await cache.set(1)
            #expect(try await cache.get() == 1)
        }
    }

    @Test("Bytes that are not such a value are a counted miss, or an error that names key and type")
    func undecodable() async throws {
        try await Servers.three.run { fleet in
            let (text, number) = (Cache<String>("a", prefix: "mix"), Cache<Int>("a", prefix: "mix"))
            try await text.set("secret")
            let before = CacheCounters.undecodable
            #expect(try await number.get() == nil)
            #expect(CacheCounters.undecodable > before)
            let error = await #expect(throws: CachesError.self) { try await number.getOrThrow() }
            #expect(error?.code == .decoding)
            #expect(error?.message.contains("mix.a") == true)
            #expect(error?.message.contains("Int") == true)
            #expect(error?.description.contains("secret") == false)
            #expect(error?.node == (try CachePool.current?.node(for: "mix.a").name))
            try await number.set(5)
            #expect(try await number.getOrThrow() == 5)
        }
    }

    @Test("A key that holds another type is the server's own error", arguments: Servers.allCases)
    func wrongType(on servers: Servers) async throws {
        try await servers.run { fleet in
            let cache = Cache<Int>("a", prefix: "wrongType", connection: Servers.connection)
            _ = try await fleet.command(on: cache.key, "RPUSH", cache.key.text, "1")
            let error = await #expect(throws: CachesError.self) { try await cache.get() }
            #expect(error?.code == .server("WRONGTYPE"))
            #expect(error?.advice != nil)
            try await cache.set(1)
            #expect(try await cache.get() == 1)
        }
    }

    @Test("An optional remembers that there is no value", arguments: Servers.allCases)
    func none(on servers: Servers) async throws {
        try await servers.run { fleet in
            let cache = Cache<User?>("a", prefix: "none", connection: Servers.connection)
            #expect(try await cache.get() == .none)
            try await cache.set(nil)
            #expect(try await cache.get() == .some(nil))
            try await cache.set(User(id: 1, name: "al"))
            #expect(try await cache.get() == User(id: 1, name: "al"))
        }
    }

    @Test("A class's coder is used for every value", arguments: Servers.allCases)
    func coder(on servers: Servers) async throws {
        try await servers.run { fleet in
            let cache = Cache<String>(
                "a", prefix: "coder", connection: Servers.connection, coder: Reversing())
            try await cache.set("abc")
            #expect(try await fleet.command(on: cache.key, "GET", "coder.a").text == "cba")
            #expect(try await cache.get() == "abc")
        }
    }

    @Test("A cache of one node's name is on that node alone", arguments: Servers.many)
    func connection(on servers: Servers) async throws {
        try await servers.run { fleet in
            for id in 0..<30 { try await Cache<Int>(id, prefix: "named", connection: "redis2").set(id) }
            for server in fleet.servers {
                let keys = try await server.command("KEYS", "named.*").elements
                #expect(keys.count == (server.name == "redis2" ? 30 : 0))
            }
            #expect(try await Cache<Int>(7, prefix: "named", connection: "redis2").get() == 7)
        }
    }

    @Test("Keys are spread over all nodes", arguments: Servers.many)
    func spread(on servers: Servers) async throws {
        try await servers.run { fleet in
            for id in 0..<300 { try await Cache<Int>(id, prefix: "spread").set(id) }
            for server in fleet.servers {
                #expect(try await server.command("KEYS", "spread.*").elements.count > 50)
            }
        }
    }

    @Test("A call ends by the cache's own deadline, and the next one works")
    func deadline() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            var configuration = try PoolConfiguration(dsns: fleet.dsns)
            configuration.deadline = .seconds(3600)
            let pool = try CachePool(configuration)
            let patient = Cache<Int>("a", on: pool)
            try await patient.set(1)
            fleet.servers[0].pause()
            // With the pool's deadline the suite's time limit would end the test.
            let hasty = Cache<Int>("a", deadline: .milliseconds(30), on: pool)
            let error = await #expect(throws: CachesError.self) { try await hasty.get() }
            #expect(error?.code == .timeout)
            fleet.servers[0].resume()
            #expect(try await patient.get() == 1)
            await pool.close()
        }
    }
}
