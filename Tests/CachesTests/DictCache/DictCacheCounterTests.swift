import Caches
import CachesTesting
import Testing

@Suite("Counters in dictionaries", .timeLimit(.minutes(10)))
struct DictCacheCounterTests {
    /// Counters without a ttl and with one are different commands; both have to count alike.
    static let ttls = [TTL.forever, .seconds(100)]

    @Test("A counter begins at 0 and returns its new value", arguments: Servers.kinds, ttls)
    func counting(on servers: Servers, ttl: TTL) async throws {
        try await servers.run { _ in
            let hits: DictCache<String, Int> = dictionary("counting", ttl, on: servers)
            try await hits.clear()
            #expect(try await hits.increment("a") == 1)
            #expect(try await hits.increment("a", by: 5) == 6)
            #expect(try await hits.increment("a", by: -10) == -4)
            #expect(try await hits.decrement("a") == -5)
            #expect(try await hits.decrement("a", by: -15) == 10)
            #expect(try await hits.increment("b", by: 2) == 2)
            try await hits.set("a", to: 100)
            #expect(try await hits.increment("a") == 101)
            #expect(try await hits.copy() == ["a": 101, "b": 2])
        }
    }

    @Test("A number is exact up to 64 bits, and refused beyond", arguments: Servers.kinds, ttls)
    func limits(on servers: Servers, ttl: TTL) async throws {
        try await servers.run { _ in
            let counter: DictCache<String, Int> = dictionary("limits", ttl, on: servers)
            try await counter.set("a", to: .max - 1)
            #expect(try await counter.increment("a") == .max)
            let error = await #expect(throws: CachesError.self) { try await counter.increment("a") }
            #expect(error?.code == .server("ERR"))
            #expect(try await counter["a"] == .max)
            try await counter.set("a", to: .min + 1)
            #expect(try await counter.decrement("a") == .min)
            let impossible = await #expect(throws: CachesError.self) {
                try await counter.decrement("a", by: .min)
            }
            #expect(impossible?.code == .invalidArgument)
            #expect(try await counter["a"] == .min)
        }
    }

    @Test("No increment of many tasks is lost or seen twice", arguments: Servers.kinds, ttls)
    func concurrent(on servers: Servers, ttl: TTL) async throws {
        try await servers.run { _ in
            let counter: DictCache<String, Int> = dictionary("concurrent", ttl, on: servers)
            try await counter.clear()
            let seen = try await withThrowingTaskGroup { group in
                for _ in 0..<200 { group.addTask { try await counter.increment("a") } }
                return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
            }
            #expect(seen == Set(1...200))
        }
    }

    @Test("A small type counts in 64 bits on the server", arguments: Servers.kinds)
    func smallType(on servers: Servers) async throws {
        try await servers.run { _ in
            let counter: DictCache<String, UInt8> = dictionary("small", .forever, on: servers)
            try await counter.set("a", to: 255)
            #expect(try await counter.increment("a") == 256)
            #expect(try await counter["a"] == nil)
        }
    }

    @Test("Floating-point numbers are added to as well", arguments: Servers.kinds, ttls)
    func floatingPoint(on servers: Servers, ttl: TTL) async throws {
        try await servers.run { _ in
            let sums: DictCache<String, Double> = dictionary("sums", ttl, on: servers)
            try await sums.clear()
            #expect(try await sums.increment("a", by: 0.1) == 0.1)
            #expect(try await sums.increment("a", by: 0.2) == 0.3)
            #expect(try await sums.increment("a", by: -1e-7) == 0.299_999_9)
            #expect(try await sums["a"] == 0.299_999_9)
            // Below the 17 digits that are kept.
            #expect(try await sums.increment("a", by: 1e-20) == 0.299_999_9)
            #expect(try await sums.increment("a", by: .leastNonzeroMagnitude) == 0.299_999_9)
            #expect(try await sums.increment("b", by: .greatestFiniteMagnitude) == .greatestFiniteMagnitude)
            #expect(try await sums.increment("b", by: .greatestFiniteMagnitude) == .infinity)

            let floats = DictCache<String, Float>(key: sums.key, connection: servers.connection)
            try await floats.set("c", to: 1.5)
            #expect(try await floats.increment("c", by: 0.25) == 1.75)
            #expect(try await floats["c"] == 1.75)
        }
    }

    @Test("Infinity and NaN can't be added", arguments: [Double.nan, .infinity, -.infinity])
    func notFinite(_ amount: Double) async throws {
        try await Servers.one.run { _ in
            let sums: DictCache<String, Double> = dictionary("notFinite", .seconds(100), on: .one)
            let error = await #expect(throws: CachesError.self) { try await sums.increment("a", by: amount) }
            #expect(error?.code == .invalidArgument)
            let exists = try await sums.exists()
            #expect(!exists)
        }
    }

    @Test("A field that holds no number is left as it is, with its ttl", arguments: Servers.kinds, ttls)
    func notANumber(on servers: Servers, ttl: TTL) async throws {
        try await servers.run { _ in
            let integers: DictCache<String, Int> = dictionary("nan", ttl, on: servers)
            let doubles = DictCache<String, Double>(
                key: integers.key, ttl: ttl, connection: servers.connection)
            let texts = DictCache<String, String>(key: integers.key, connection: servers.connection)
            let stored = ["text": "abc", "half": "1.5", "inf": "inf", "nan": "nan", "empty": ""]
            try await texts.clear()
            try await texts.update(with: stored)

            for field in stored.keys {
                let error = await #expect(throws: CachesError.self) { try await integers.increment(field) }
                #expect(error?.code == .server("ERR"))
                #expect(error?.advice?.contains(integers.key.text) == true)
            }
            for field in stored.keys where field != "half" {
                let error = await #expect(throws: CachesError.self) {
                    try await doubles.increment(field, by: 1)
                }
                #expect(error?.code == .server("ERR"))
                #expect(error?.advice?.contains(integers.key.text) == true)
            }
            #expect(try await texts.copy() == stored)
            #expect(try await texts.timeLeft() == .forever)
        }
    }

    private func dictionary<Value>(
        _ name: String, _ ttl: TTL, on servers: Servers
    ) -> DictCache<String, Value> {
        DictCache(
            name, ttl == .forever ? "forever" : "ttl", prefix: "dictCounter", ttl: ttl,
            connection: servers.connection)
    }
}
