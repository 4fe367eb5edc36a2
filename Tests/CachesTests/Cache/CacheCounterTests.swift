import CachesTesting
import Testing

@testable import Caches

@Suite("Counters on real servers", .timeLimit(.minutes(10)))
struct CacheCounterTests {
    /// Counters without a ttl and with one are different commands; both have to count alike.
    enum Expiry: String, CaseIterable, KeyPart {
        case never, later

        var ttl: TTL { self == .never ? .forever : .seconds(100) }
    }

    @Test(
        "A counter begins at 0 and returns its new value", arguments: Servers.allCases,
        Expiry.allCases)
    func counting(on servers: Servers, _ expiry: Expiry) async throws {
        try await servers.run { fleet in
            let hits = Cache<Int>(expiry, prefix: "counting", ttl: expiry.ttl, connection: Servers.connection)
            try await hits.clear()
            #expect(try await hits.increment() == 1)
            #expect(try await hits.increment(by: 5) == 6)
            #expect(try await hits.increment(by: -10) == -4)
            #expect(try await hits.decrement() == -5)
            #expect(try await hits.decrement(by: -15) == 10)
            #expect(try await hits.get() == 10)
            try await hits.set(100)
            #expect(try await hits.increment() == 101)
        }
    }

    @Test(
        "A number is exact up to 64 bits, and refused beyond", arguments: Servers.allCases,
        Expiry.allCases)
    func limits(on servers: Servers, _ expiry: Expiry) async throws {
        try await servers.run { fleet in
            let counter = Cache<Int>(
                expiry, prefix: "limits", ttl: expiry.ttl, connection: Servers.connection)
            try await counter.set(.max - 1)
            #expect(try await counter.increment() == .max)
            let error = await #expect(throws: CachesError.self) { try await counter.increment() }
            #expect(error?.code == .server("ERR"))
            #expect(try await counter.get() == .max)
            try await counter.set(.min + 1)
            #expect(try await counter.decrement() == .min)
            let impossible = await #expect(throws: CachesError.self) { try await counter.decrement(by: .min) }
            #expect(impossible?.code == .invalidArgument)
            #expect(try await counter.get() == .min)
        }
    }

    @Test(
        "Each increment restarts the ttl; one without a ttl leaves it alone", arguments: Servers.allCases)
    func ttl(on servers: Servers) async throws {
        try await servers.run { fleet in
            let counter = Cache<Int>("a", prefix: "counterTTL", connection: Servers.connection)
            func remaining() async throws -> Int64 {
                try #require(try await fleet.command(on: counter.key, "PTTL", counter.key.text).integer)
            }
            try await counter.increment()
            #expect(try await remaining() == -1)
            try await counter.increment(ttl: .seconds(1000))
            #expect(try await remaining() > 900_000)
            try await counter.increment(ttl: .seconds(100))
            #expect((90_000...100_000).contains(try await remaining()))
            try await counter.increment()
            #expect((1...100_000).contains(try await remaining()))
            try await counter.decrement(ttl: .seconds(500))
            #expect((400_000...500_000).contains(try await remaining()))
        }
    }

    @Test(
        "A value that is not a number is left as it is, with its ttl", arguments: Servers.allCases,
        Expiry.allCases)
    func notANumber(on servers: Servers, _ expiry: Expiry) async throws {
        try await servers.run { fleet in
            let (text, list) = (
                Cache<Int>("text", expiry, prefix: "nan", ttl: expiry.ttl, connection: Servers.connection),
                Cache<Int>("list", expiry, prefix: "nan", ttl: expiry.ttl, connection: Servers.connection)
            )
            _ = try await fleet.command(on: text.key, "SET", text.key.text, "abc")
            _ = try await fleet.command(on: list.key, "DEL", list.key.text)
            _ = try await fleet.command(on: list.key, "RPUSH", list.key.text, "1")

            let notInteger = await #expect(throws: CachesError.self) { try await text.increment() }
            #expect(notInteger?.code == .server("ERR"))
            #expect(notInteger?.message.contains("not an integer") == true)
            #expect(notInteger?.advice?.contains("nan.text") == true)
            let wrongType = await #expect(throws: CachesError.self) { try await list.increment() }
            #expect(wrongType?.code == .server("WRONGTYPE"))

            #expect(try await fleet.command(on: text.key, "GET", text.key.text).text == "abc")
            #expect(try await fleet.command(on: text.key, "PTTL", text.key.text).integer == -1)
            #expect(try await fleet.command(on: list.key, "PTTL", list.key.text).integer == -1)
        }
    }

    @Test(
        "No increment of many tasks is lost or seen twice", arguments: Servers.allCases,
        Expiry.allCases)
    func concurrent(on servers: Servers, _ expiry: Expiry) async throws {
        try await servers.run { fleet in
            let counter = Cache<Int>(
                expiry, prefix: "concurrent", ttl: expiry.ttl, connection: Servers.connection)
            try await counter.clear()
            let seen = try await withThrowingTaskGroup { group in
                for _ in 0..<200 { group.addTask { try await counter.increment() } }
                return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
            }
            #expect(seen == Set(1...200))
            #expect(try await counter.get() == 200)
        }
    }

    @Test("A small type counts in 64 bits on the server", arguments: Servers.allCases)
    func smallType(on servers: Servers) async throws {
        try await servers.run { fleet in
            let counter = Cache<UInt8>("a", prefix: "small", connection: Servers.connection)
            try await counter.set(250)
            #expect(try await counter.increment(by: 5) == 255)
            #expect(try await counter.get() == 255)
            #expect(try await counter.increment() == 256)
            #expect(try await counter.get() == nil)
        }
    }
}
