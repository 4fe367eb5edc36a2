import CachesTesting
import Testing

@testable import Caches

@Suite("Fetching on real servers", .timeLimit(.minutes(10)))
struct FetchTests {
    struct Failure: Error {}

    @Test("A value is computed once, stored, and then read", arguments: Servers.kinds)
    func once(on servers: Servers) async throws {
        try await servers.run { _ in
            let (cache, calls) = (
                Cache<User>("once", prefix: "fetch", connection: servers.connection), Calls()
            )
            try await cache.clear()
            let user = User(id: 1, name: "al")
            for _ in 0..<3 { #expect(try await cache.fetch { calls.returning(user) } == user) }
            #expect(calls.count == 1)
            #expect(try await cache.get() == user)
            try await cache.clear()
            #expect(try await cache.fetch { calls.returning(user) } == user)
            #expect(calls.count == 2)
        }
    }

    @Test("The error of a computation is thrown, and nothing is stored", arguments: Servers.kinds)
    func failure(on servers: Servers) async throws {
        try await servers.run { _ in
            let cache = Cache<Int>("failure", prefix: "fetch", connection: servers.connection)
            try await cache.clear()
            for _ in 0..<2 {
                await #expect(throws: Failure.self) { try await cache.fetch { throw Failure() } }
            }
            #expect(try await cache.exists() == false)
            #expect(try await cache.fetch { 1 } == 1)
        }
    }

    @Test("A computation may fail with an error of another cache")
    func failureOfAnotherCache() async throws {
        try await Servers.one.run { _ in
            let cache = Cache<Int>("nested", prefix: "fetch")
            try await cache.clear()
            let error = await #expect(throws: CachesError.self) {
                try await cache.fetch { throw CachesError(.unreachable, "Another one.") }
            }
            #expect(error?.message == "Another one.")
            #expect(try await cache.exists() == false)
        }
    }

    @Test("A result of nil is remembered", arguments: Servers.kinds)
    func none(on servers: Servers) async throws {
        try await servers.run { _ in
            let (cache, calls) = (
                Cache<User?>("none", prefix: "fetch", connection: servers.connection), Calls()
            )
            try await cache.clear()
            for _ in 0..<3 { #expect(try await cache.fetch { calls.returning(nil) } == nil) }
            #expect(calls.count == 1)
        }
    }

    @Test("A computed value is kept for the class's ttl, or for the call's", arguments: Servers.kinds)
    func ttl(on servers: Servers) async throws {
        try await servers.run { _ in
            let cache = Cache<Int>(
                "ttl", prefix: "fetch", ttl: .seconds(100), connection: servers.connection)
            try await cache.clear()
            _ = try await cache.fetch { 1 }
            #expect(try await cache.isLeft(90...100))
            try await cache.clear()
            _ = try await cache.fetch(ttl: .seconds(1000)) { 1 }
            #expect(try await cache.isLeft(900...1000))
            _ = try await cache.fetch { 2 }
            #expect(try await cache.isLeft(900...1000))
        }
    }

    @Test("A result that is not wanted is returned, and not stored", arguments: Servers.kinds)
    func unwanted(on servers: Servers) async throws {
        try await servers.run { _ in
            let cache = Cache<[String]>("unwanted", prefix: "fetch", connection: servers.connection)
            try await cache.clear()
            #expect(try await cache.fetch(unless: \.isEmpty) { [] } == [])
            #expect(try await cache.exists() == false)
            #expect(try await cache.fetch(unless: \.isEmpty) { ["a"] } == ["a"])
            #expect(try await cache.get() == ["a"])
        }
    }

    @Test("A value that can't be decoded is computed again and replaced", arguments: Servers.kinds)
    func undecodable(on servers: Servers) async throws {
        try await servers.run { _ in
            let text = Cache<String>("mixed", prefix: "fetch", connection: servers.connection)
            let cache = Cache<Int>("mixed", prefix: "fetch", connection: servers.connection)
            try await text.set("abc")
            let before = CacheCounters.undecodable
            #expect(try await cache.fetch { 7 } == 7)
            #expect(CacheCounters.undecodable > before)
            #expect(try await text.get() == "7")
        }
    }

    @Test("A key that holds another type is left alone, and the value computed", arguments: Servers.kinds)
    func wrongType(on servers: Servers) async throws {
        try await servers.run { _ in
            let set = SetCache<String>("wrong", prefix: "fetch", connection: servers.connection)
            let cache = Cache<Int>("wrong", prefix: "fetch", connection: servers.connection)
            try await set.insert("a")
            let before = CacheCounters.bypassed
            #expect(try await cache.fetch { 7 } == 7)
            #expect(CacheCounters.bypassed > before)
            #expect(try await set.contains("a"))
        }
    }

    final class Trimmed: Cache<String>, @unchecked Sendable {
        override class var prefix: String { "fetchTrimmed" }
        override class func normalize(_ value: String) -> String { String(value.prefix(3)) }
    }

    @Test("A value that was computed is normalised like one that was read")
    func normalised() async throws {
        try await Servers.one.run { _ in
            let cache = Trimmed("a")
            try await cache.clear()
            #expect(try await cache.fetch { "abcdef" } == "abc")
            #expect(try await cache.fetch { "xyz" } == "abc")
        }
    }

    @Test("A mistake of the program is thrown before anything is computed")
    func mistakes() async throws {
        try await Servers.one.run { _ in
            func expect(_ code: CachesError.Code, _ cache: Cache<Int>, ttl: TTL? = nil) async {
                let calls = Calls()
                let error = await #expect(throws: CachesError.self) {
                    try await cache.fetch(ttl: ttl) { calls.returning(1) }
                }
                #expect(error?.code == code)
                #expect(calls.count == 0)
            }
            await expect(.configuration, Cache<Int>("a", connection: "nowhere"))
            await expect(.invalidArgument, Cache<Int>(prefix: ""))
            await expect(.invalidArgument, Cache<Int>("mistakes", prefix: "fetch"), ttl: .seconds(-1))
            await expect(.invalidArgument, Cache<Int>("mistakes", prefix: "fetch", ttl: .seconds(0)))
        }
    }

    @Test("A computation runs where its caller runs, and may use what isn't Sendable")
    @MainActor
    func isolation() async throws {
        try await Servers.one.run { _ in
            final class State { var computed = 0 }
            let (state, cache) = (State(), Cache<Int>("isolation", prefix: "fetch"))
            try await cache.clear()
            let value = try await cache.fetch {
                MainActor.assertIsolated()
                state.computed += 1
                return state.computed
            }
            #expect(value == 1)
            #expect(state.computed == 1)
        }
    }

    @Test("A task that is cancelled gets Swift's own error")
    func cancelled() async throws {
        try await Servers.one.run { _ in
            let (cache, calls) = (Cache<Int>("cancelled", prefix: "fetch"), Calls())
            let task = Task {
                while !Task.isCancelled { await Task.yield() }
                return try await cache.fetch { calls.returning(1) }
            }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(calls.count == 0)
        }
    }
}
