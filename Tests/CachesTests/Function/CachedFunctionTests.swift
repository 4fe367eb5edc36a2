import CachesTesting
import Testing

@testable import Caches

private func add(_ x: Int, _ y: Int) -> Int { x + y }
private func addAsync(_ x: Int, _ y: Int) async -> Int { x + y }
private func addThrowing(_ x: Int, _ y: Int) throws -> Int { x + y }
private func addAsyncThrowing(_ x: Int, _ y: Int) async throws -> Int { x + y }
@MainActor private func addOnMainActor(_ x: Int, _ y: Int) -> Int { x + y }

@Suite("Cached functions on real servers", .timeLimit(.minutes(10)))
struct CachedFunctionTests {
    final class SumCache: Cache<Int>, @unchecked Sendable {
        override class var prefix: String { "sum" }
        override class var ttl: TTL { .seconds(100) }
    }

    /// A class with every hook. A cached function has to respect all of them.
    final class Hooked: Cache<String>, @unchecked Sendable {
        override class var prefix: String { "Hooked" }
        override class var coder: any CacheCoder { Reversing() }
        override class func normalize(prefix: String) -> String { prefix.lowercased() }
        override class func normalize(part: String) -> String { part.lowercased() }
        override class func normalize(ttl: TTL) -> TTL { ttl == .forever ? .seconds(50) : ttl }
        override class func normalize(_ value: String) -> String { String(value.prefix(3)) }
    }

    struct Calculator: Sendable {
        let calls = Calls()
        func sum(_ x: Int, _ y: Int) -> Int { calls.returning(x + y) }
        func sumAsync(_ x: Int, and y: Int) async throws -> Int { calls.returning(x + y) }
        static func sum(_ x: Int, _ y: Int) -> Int { x + y }
    }

    actor Adder {
        private(set) var calls = 0
        func sum(_ x: Int, _ y: Int) -> Int {
            calls += 1
            return x + y
        }
    }

    struct Failure: Error {}

    @Test("A result is computed once for the same arguments", arguments: Servers.kinds)
    func once(on servers: Servers) async throws {
        try await servers.run { _ in
            let calls = Calls()
            let sum = SumCache.cached(prefix: "once") { (x: Int, y: Int) async throws in
                calls.returning(x + y)
            }
            try await sum.clear(3, 4)
            for _ in 0..<3 { #expect(try await sum(3, 4) == 7) }
            #expect(calls.count == 1)
            #expect(try await sum(4, 4) == 8)
            #expect(calls.count == 2)
            #expect(try await sum.clear(3, 4))
            #expect(try await sum.clear(3, 4) == false)
            #expect(try await sum(3, 4) == 7)
            #expect(calls.count == 3)
        }
    }

    @Test("Functions of every kind can be cached")
    func kinds() async throws {
        try await Servers.three.run { _ in
            let calculator = Calculator()
            let adder = Adder()
            let functions: [CachedFunction<Int, Int, Int>] = [
                SumCache.cached(prefix: "kinds0") { $0 + $1 },
                SumCache.cached(prefix: "kinds1") { (x: Int, y: Int) in x + y },
                SumCache.cached(prefix: "kinds2") { (x: Int, y: Int) async in await addAsync(x, y) },
                SumCache.cached(prefix: "kinds3") { (x: Int, y: Int) throws in try addThrowing(x, y) },
                SumCache.cached(prefix: "kinds4", add),
                SumCache.cached(prefix: "kinds5", addAsync),
                SumCache.cached(prefix: "kinds6", addThrowing),
                SumCache.cached(prefix: "kinds7", addAsyncThrowing),
                SumCache.cached(prefix: "kinds8", addOnMainActor),
                SumCache.cached(prefix: "kinds9", calculator.sum),
                SumCache.cached(prefix: "kinds10", calculator.sumAsync(_:and:)),
                SumCache.cached(prefix: "kinds11", Calculator.sum),
                SumCache.cached(prefix: "kinds12") { x, y in await adder.sum(x, y) },
            ]
            for (number, sum) in functions.enumerated() {
                try await sum.clear(number, 4)
                for _ in 0..<2 { #expect(try await sum(number, 4) == number + 4) }
                #expect(try await sum.cache(for: number, 4).get() == number + 4)
            }
            #expect(calculator.calls.count == 2)
            #expect(await adder.calls == 1)
        }
    }

    @Test("A cached method of a service is called once")
    func serviceMethod() async throws {
        try await Servers.one.run { _ in
            let calculator = Calculator()
            let sum = SumCache.cached(prefix: "method", calculator.sumAsync(_:and:))
            try await sum.clear(1, 2)
            for _ in 0..<3 { #expect(try await sum(1, 2) == 3) }
            #expect(calculator.calls.count == 1)
        }
    }

    @Test("The class makes the key of the arguments")
    func keys() async throws {
        let sum = SumCache.cached(add)
        #expect(sum.cache(for: 3, 4).key == SumCache(3, 4).key)
        #expect(sum.cache(for: 3, 4) is SumCache)
        #expect(SumCache.cached { 5 }.cache().key == SumCache().key)
        let mixed = SumCache.cached { (name: String, flag: Bool) in name.count + (flag ? 1 : 0) }
        #expect(mixed.cache(for: "a.b", true).key.text == "sum.a%2Eb.true")
        #expect(SumCache.cached(prefix: "own", add).cache(for: 3, 4).key.text == "own.3.4")
        let hooked = Hooked.cached { (x: String) in x }
        #expect(hooked.cache(for: "ABC").key.text == "hooked.abc")
    }

    @Test("Clearing the class's cache clears the function's result")
    func clearing() async throws {
        try await Servers.three.run { _ in
            let calls = Calls()
            let sum = SumCache.cached { (x: Int, y: Int) in calls.returning(x + y) }
            try await SumCache(30, 40).clear()
            _ = try await sum(30, 40)
            #expect(try await SumCache(30, 40).get() == 70)
            try await SumCache(30, 40).clear()
            _ = try await sum(30, 40)
            #expect(calls.count == 2)
        }
    }

    @Test("A function without parameters has the bare prefix")
    func noParameters() async throws {
        try await Servers.one.run { _ in
            let calls = Calls()
            let answer = SumCache.cached(prefix: "answer") { calls.returning(42) }
            try await answer.clear()
            for _ in 0..<2 { #expect(try await answer() == 42) }
            #expect(calls.count == 1)
            #expect(try await Cache<Int>(prefix: "answer").get() == 42)
        }
    }

    @Test("The class's settings and hooks hold")
    func hooks() async throws {
        try await Servers.one.run { fleet in
            let twice = Hooked.cached { (x: String) in x + x }
            try await twice.clear("AB")
            #expect(try await twice("AB") == "ABA")
            #expect(try await twice("ab") == "ABA")
            let cache = twice.cache(for: "AB")
            #expect(try await fleet.command(on: cache.key, "GET", "hooked.ab").text == "ABA".reversed() + "")
            #expect(try await cache.isLeft(40...50))
        }
    }

    @Test("A function may make its key of parts of its arguments")
    func ownKey() async throws {
        try await Servers.three.run { _ in
            let calls = Calls()
            let length = SumCache.cached(key: { user, _ in [user.id, user.name] }, prefix: "length") {
                (user: User, note: [Double]) in calls.returning(user.name.count)
            }
            let user = User(id: 1, name: "al")
            #expect(length.cache(for: user, []).key.text == "length.1.al")
            try await length.clear(user, [])
            #expect(try await length(user, [1.5]) == 2)
            #expect(try await length(user, []) == 2)
            #expect(calls.count == 1)

            let constant = SumCache.cached(key: { _ in [] }) { (x: Double) in Int(x) }
            #expect(constant.cache(for: 1).key.text == "sum")
            let short = Hooked.cached(key: { ["X", $0.id] }) { (user: User) in user.name }
            #expect(short.cache(for: user).key.text == "hooked.x.1")
        }
    }

    @Test("A result is kept for the class's ttl, or for the function's")
    func ttl() async throws {
        try await Servers.one.run { _ in
            let (usual, longer) = (
                SumCache.cached(prefix: "usual", add),
                SumCache.cached(prefix: "longer", ttl: .seconds(1000), add)
            )
            try await usual.clear(1, 2)
            try await longer.clear(1, 2)
            _ = try await usual(1, 2)
            _ = try await longer(1, 2)
            #expect(try await usual.cache(for: 1, 2).isLeft(90...100))
            #expect(try await longer.cache(for: 1, 2).isLeft(900...1000))
        }
    }

    @Test("A result that is not wanted is not kept")
    func unwanted() async throws {
        try await Servers.one.run { _ in
            let calls = Calls()
            let sum = SumCache.cached(prefix: "unwanted", unless: { $0 < 0 }) { (x: Int, y: Int) in
                calls.returning(x + y)
            }
            try await sum.clear(-1, -2)
            for _ in 0..<2 { #expect(try await sum(-1, -2) == -3) }
            #expect(calls.count == 2)
            #expect(try await sum.cache(for: -1, -2).exists() == false)
        }
    }

    @Test("A result nil is kept, and computed once")
    func none() async throws {
        try await Servers.one.run { _ in
            let calls = Calls()
            let find = Cache<User?>.cached(prefix: "find") { (id: Int) async throws in
                calls.returning(nil as User?)
            }
            try await find.clear(1)
            for _ in 0..<3 { #expect(try await find(1) == nil) }
            #expect(calls.count == 1)
        }
    }

    @Test("An error is thrown and not kept")
    func failure() async throws {
        try await Servers.one.run { _ in
            let calls = Calls()
            let fail = SumCache.cached(prefix: "fail") { (id: Int) async throws -> Int in
                throw calls.returning(Failure())
            }
            for _ in 0..<2 { await #expect(throws: Failure.self) { try await fail(1) } }
            #expect(calls.count == 2)
            let isKept = try await fail.cache(for: 1).exists()
            #expect(isKept == false)
        }
    }

    @Test("A function uses its own pool, otherwise that of the task that calls it")
    func pools() throws {
        let (own, current) = (try CachePool(["redis://127.0.0.1:1"]), try CachePool(["redis://127.0.0.1:2"]))
        let (fixed, free) = (SumCache.cached(on: own, add), SumCache.cached(add))
        CachePool.$current.withValue(current) {
            #expect(fixed.cache(for: 1, 2).pool === own)
            #expect(free.cache(for: 1, 2).pool === current)
        }
    }

    @Test("A function whose cache is down is computed each time")
    func down() async throws {
        let pool = try CachePool(["redis://127.0.0.1:1"])
        let calls = Calls()
        let sum = SumCache.cached(on: pool) { (x: Int, y: Int) in calls.returning(x + y) }
        for _ in 0..<2 { #expect(try await sum(3, 4) == 7) }
        #expect(calls.count == 2)
        await pool.close()
    }
}
