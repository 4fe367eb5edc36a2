import Caches
import CachesTesting
import Synchronization
import Testing

@Suite("The original: the decorator", .timeLimit(.minutes(10)))
struct OriginalDecoratorTests {
    struct Failure: Error {}

    @Test("Wraps functions: its own key or one of the arguments, ttl, prefix", arguments: Servers.many)
    func wraps(on servers: Servers) async throws {
        try await servers.run { _ async throws in
            let calls = Atomic<Int>(0)
            let sum = Cache<Int>.cached(prefix: "decorated", ttl: .seconds(100)) { (x: Int, y: Int) in
                calls.wrappingAdd(1, ordering: .relaxed)
                return x + y
            }
            try await sum.clear(1, 2)
            #expect(try await sum(1, 2) == 3)
            #expect(try await sum(1, 2) == 3)
            #expect(calls.load(ordering: .relaxed) == 1)
            #expect(try await Cache<Int>(1, 2, prefix: "decorated").get() == 3)
            #expect(try await Cache<Int>(1, 2, prefix: "decorated").isLeft(90...100))

            let own = Cache<Int>.cached(key: { (x: Int, _: Int) in ["own", x] }, prefix: "decorated") {
                (x: Int, y: Int) in x + y
            }
            try await own.clear(1, 2)
            #expect(try await own(1, 2) == 3)
            #expect(try await own(1, 5) == 3)
            #expect(try await Cache<Int>("own", 1, prefix: "decorated").get() == 3)
        }
    }

    @Test("Errors propagate and are not cached", arguments: Servers.many)
    func errors(on servers: Servers) async throws {
        try await servers.run { _ async throws in
            let fails = Atomic<Bool>(true)
            let fragile = Cache<Int>.cached(prefix: "fragile") { (x: Int) throws in
                if fails.load(ordering: .relaxed) { throw Failure() }
                return x
            }
            try await fragile.clear(1)
            await #expect(throws: Failure.self) { try await fragile(1) }
            fails.store(false, ordering: .relaxed)
            #expect(try await fragile(1) == 1)
        }
    }

    @Test("The canary, a result that is not kept, is a condition", arguments: Servers.many)
    func canary(on servers: Servers) async throws {
        try await servers.run { _ async throws in
            let calls = Atomic<Int>(0)
            let find = Cache<String>.cached(prefix: "canary", unless: \.isEmpty) { (id: Int) in
                calls.wrappingAdd(1, ordering: .relaxed)
                return ""
            }
            try await find.clear(1)
            #expect(try await find(1) == "")
            #expect(try await find(1) == "")
            #expect(calls.load(ordering: .relaxed) == 2)
        }
    }
}
