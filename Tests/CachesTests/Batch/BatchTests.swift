import Caches
import CachesTesting
import Synchronization
import TestSupport
import Testing

@Suite("Batches on real servers", .timeLimit(.minutes(10)))
struct BatchTests {
    @Test("Operations of any classes on any nodes, with typed results", arguments: Servers.kinds)
    func mixed(on servers: Servers) async throws {
        try await servers.run { _ in
            let pool = try #require(CachePool.current)
            let name = Cache<String>("name", prefix: "batch", connection: servers.connection)
            let hits = Cache<Int>("hits", prefix: "batch", connection: servers.connection)
            let seen = SetCache<Int>("seen", prefix: "batch", connection: servers.connection)
            try await pool.batch { b in
                b.clear(hits)
                b.clear(seen)
                b.set(name, "al", ttl: .seconds(100))
            }
            let (got, count, inserted, missing, left) = try await pool.batch { b in
                (
                    b.get(name), b.increment(hits, by: 3), b.add(seen.inserting(1)),
                    b.add(seen.containing(2)),
                    b.timeLeft(name)
                )
            }
            #expect(got == "al")
            #expect(count == 3)
            #expect(inserted)
            #expect(missing == false)
            guard case .time(let time) = left else { throw Unexpected() }
            #expect((.seconds(90) ... .seconds(100)).contains(time))

            let one = try await pool.batch { b in b.decrement(hits) }
            #expect(one == 2)
            try await pool.batch { b in
                b.touch(name, ttl: .forever)
            }
            #expect(try await name.timeLeft() == .forever)
        }
    }

    @Test("Thousands of operations each have their own result", arguments: Servers.kinds)
    func many(on servers: Servers) async throws {
        try await servers.run { _ in
            let pool = try #require(CachePool.current)
            let caches = (0..<5000).map {
                Cache<Int>($0, prefix: "batchMany", connection: servers.connection)
            }
            try await pool.batch { b in for (number, cache) in caches.enumerated() { b.set(cache, number) } }
            var gets: [BatchResult<Int?>] = []
            try await pool.batch { b in for cache in caches { gets.append(b.get(cache)) } }
            #expect(try gets.map { try $0.value } == Array(0..<5000))
        }
    }

    @Test("An operation that fails stops no other, and is what the batch throws", arguments: Servers.kinds)
    func failure(on servers: Servers) async throws {
        try await servers.run { _ in
            let pool = try #require(CachePool.current)
            let text = Cache<String>("text", prefix: "batchFailure", connection: servers.connection)
            let number = Cache<Int>(key: text.key, connection: servers.connection)
            let other = Cache<Int>("other", prefix: "batchFailure", connection: servers.connection)
            try await text.set("abc")
            try await other.clear()
            var increments: [BatchResult<Int>] = []
            let error = await #expect(throws: CachesError.self) {
                try await pool.batch { b in
                    increments.append(b.increment(number))
                    b.set(Cache<Int>("", prefix: ""), 1)
                    increments.append(b.increment(other))
                }
            }
            #expect(error?.message.contains("not an integer") == true)
            #expect(error?.advice?.contains("batchFailure.text") == true)
            #expect(throws: CachesError.self) { try increments[0].value }
            #expect(try increments[1].value == 1)
            #expect(try await other.get() == 1)
        }
    }

    @Test("An operation that is wrong by itself fails by itself, in the order given")
    func refusals() async throws {
        try await Servers.three.run { fleet in
            let pool = try #require(CachePool.current)
            let stranger = try CachePool(patiently: fleet.dsns)
            let good = Cache<Int>("good", prefix: "batchRefusal")
            var foreign: BatchResult<Void>?
            let error = await #expect(throws: CachesError.self) {
                try await pool.batch { b in
                    b.set(good, 5)
                    foreign = b.set(Cache("a", prefix: "batchRefusal", on: stranger), 1)
                    _ = b.get(Cache<Int>("", prefix: ""))
                }
            }
            #expect(error?.message.contains("another pool") == true)
            #expect(throws: CachesError.self) { try foreign?.result.get() }
            #expect(try await good.get() == 5)
            await stranger.close()
        }
    }

    @Test("A value of 1 GiB fails by itself, and its node goes on")
    func tooLarge() async throws {
        try await Servers.one.run { _ in
            let pool = try #require(CachePool.current)
            let large = Cache<[UInt8]>("large", prefix: "batchLarge")
            let value = [UInt8](repeating: 0, count: 1 << 30)
            let set = await #expect(throws: CachesError.self) { try await large.set(value) }
            #expect(set?.code == .tooLarge)
            let small = Cache<Int>("small", prefix: "batchLarge")
            let batch = await #expect(throws: CachesError.self) {
                try await pool.batch { b in
                    b.set(large, value)
                    b.set(large, value, ttl: .seconds(5))
                    b.add(SetCache("set", prefix: "batchLarge", ttl: .seconds(5)).inserting(value))
                    b.set(small, 1)
                }
            }
            #expect(batch?.code == .tooLarge)
            #expect(try await small.get() == 1)
            #expect(try await large.exists() == false)
        }
    }

    @Test("An empty batch sends nothing; nor does an empty insertion")
    func empty() async throws {
        try await Servers.three.run { _ in
            let pool = try #require(CachePool.current)
            try await pool.batch { _ in }
            let inserted = try await pool.batch { b in
                b.add(SetCache<Int>("a", prefix: "batchEmpty").inserting(contentsOf: []))
            }
            #expect(inserted == 0)
            struct Own: Error {}
            await #expect(throws: Own.self) { try await pool.batch { _ in throw Own() } }
        }
    }

    @Test("A result is not there before the batch has ended")
    func early() async throws {
        try await Servers.one.run { _ in
            let pool = try #require(CachePool.current)
            try await pool.batch { b in
                let early = b.get(Cache<Int>("a", prefix: "batchEarly"))
                let error = #expect(throws: CachesError.self) { try early.value }
                #expect(error?.message.contains("before the batch had ended") == true)
            }
        }
    }

    @Test("A server's reply is decoded when it is first asked for, and once")
    func decoding() async throws {
        try await Servers.one.run { _ in
            let pool = try #require(CachePool.current)
            let coder = CountingCoder()
            let cache = Cache<String>("a", prefix: "batchDecoding", coder: coder)
            try await cache.set("text")
            var get: BatchResult<String?>?
            try await pool.batch { b in get = b.get(cache) }
            let got = try #require(get)
            #expect(coder.decoded.load(ordering: .relaxed) == 0)
            #expect(try got.value == "text")
            #expect(try got.value == "text")
            #expect(try got.result.get() == "text")
            #expect(coder.decoded.load(ordering: .relaxed) == 1)
        }
    }

    @Test("A stored nil is not the same as nothing, however often it is asked for")
    func optionals() async throws {
        try await Servers.one.run { _ in
            let pool = try #require(CachePool.current)
            let (stored, missing) = (
                Cache<String?>("stored", prefix: "batchOptional"),
                Cache<String?>("missing", prefix: "batchOptional")
            )
            try await stored.set(nil)
            var gets: [BatchResult<String??>] = []
            try await pool.batch { b in gets += [b.get(stored), b.get(missing)] }
            for _ in 1...2 {
                #expect(try gets[0].value == .some(nil))
                #expect(try gets[1].value == nil)
            }
        }
    }

    @Test("A node that is down fails its keys alone")
    func nodeDown() async throws {
        try await withLocalFleet(nodes: 3) { fleet in
            let pool = try CachePool(patiently: fleet.dsns, outagePolicy: .fail)
            let caches = (0..<30).map { Cache<Int>($0, prefix: "batchDown", on: pool) }
            try await pool.batch { b in for (number, cache) in caches.enumerated() { b.set(cache, number) } }
            let dead = try pool.node(for: caches[0].key.text)
            try #require(fleet[dead.name]).kill()

            var gets: [BatchResult<Int?>] = []
            let error = await #expect(throws: CachesError.self) {
                try await pool.batch(deadline: .seconds(5)) { b in
                    for cache in caches { gets.append(b.get(cache)) }
                }
            }
            #expect(error?.node == dead.name)
            for (number, get) in gets.enumerated() {
                if try pool.node(for: caches[number].key.text) === dead {
                    #expect(throws: CachesError.self) { try get.value }
                } else {
                    #expect(try get.value == number)
                }
            }
            await pool.close()
        }
    }

    @Test("An operation that may have been carried out is not repeated when the connection was lost")
    func inDoubt() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let proxy = try FaultProxy(to: fleet.servers[0])
            let pool = try CachePool(PoolConfiguration(dsns: [proxy.dsn]).patient)
            let dict = DictCache<String, String>("dict", prefix: "batch", outagePolicy: .gutter, on: pool)
            // A connection of less than a second would put the node out.
            #expect(try await dict.count == 0)
            try await Task.sleep(for: .milliseconds(1100))
            proxy.fault = .blackHole(.toClient)
            let call = Task {
                try await pool.batch { b in b.add(dict.settingIfAbsent("field", to: "value")) }
            }
            try await eventually {
                try await fleet.servers[0].command("HEXISTS", dict.key.text, "field") == .integer(1)
            }
            proxy.resetConnections()
            proxy.fault = .none
            // An answer that another caller has set it would be wrong.
            let error = await #expect(throws: CachesError.self) { try await call.value }
            #expect(error?.code == .connectionLost)
            await pool.close()
            proxy.stop()
        }
    }
}

/// Counts what it decodes.
private final class CountingCoder: CacheCoder {
    let decoded = Atomic(0)

    func encode<Value: Codable>(_ value: Value) throws -> Payload { try StandardCoder().encode(value) }

    func decode<Value: Codable>(_ type: Value.Type, from bytes: Bytes) throws -> Value {
        decoded.add(1, ordering: .relaxed)
        return try StandardCoder().decode(type, from: bytes)
    }
}

struct Unexpected: Error {}
