import Caches
import CachesTesting
import TestSupport
import Testing

@Suite("Errors that scripts meet", .timeLimit(.minutes(10)))
struct ScriptErrorTests {
    /// The writes that are scripts, each on keys that let it get as far as its first write.
    enum Write: CaseIterable {
        case touch, increment, insert, setIfAbsent, pop, popRandom, claim, acquire, extend, release, consume

        func carryOut(on pool: CachePool, _ held: HeldLock) async throws {
            let dict = DictCache<Int, Int>("dict", ttl: .seconds(1000), on: pool)
            switch self {
            case .touch: try await Cache<Int>("value", on: pool).touch(ttl: .forever)
            case .increment: try await Cache<Int>("value", on: pool).increment(ttl: .seconds(1000))
            case .insert: try await SetCache<Int>("set", on: pool).insert(1, ttl: .seconds(1000))
            case .setIfAbsent: _ = try await dict.setIfAbsent(2, to: 2)
            case .pop: _ = try await dict.pop(1)
            case .popRandom: _ = try await dict.popRandom()
            case .claim: _ = try await SentinelCache("gate", on: pool).claim()
            case .acquire: _ = try await LockCache("free", on: pool).tryAcquire()
            case .extend: _ = try await held.extend()
            case .release: try await held.release()
            case .consume:
                _ = try await RateLimitCache("limit", limit: 5, per: .seconds(1000), on: pool).consume()
            }
        }
    }

    // Servers before Redis 7 wrap an error that leaves a script, and its code is then ERR: this would hide
    // that the server has been demoted. Later ones add only the name of the script.
    @Test("Errors that scripts meet are the server's own, as of a command", arguments: Write.allCases)
    func own(write: Write) async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let pool = try CachePool(patiently: fleet.dsns)
            try await DictCache<Int, Int>("dict", on: pool).set(1, to: 1)
            // Consumption that the limit no longer counts, which is removed first.
            try await DictCache<Int, Int>(key: RateLimitCache("limit").key, on: pool).set(1, to: 1)
            let held = try #require(try await LockCache("held", on: pool).tryAcquire())
            try await fleet.servers[0].command("REPLICAOF", "127.0.0.1", "1")
            let error = await #expect(throws: CachesError.self) { try await write.carryOut(on: pool, held) }
            #expect(error?.code == .server("READONLY"))
            #expect(error?.message.contains("script") == false, "\(error as Any)")
            await pool.close()
        }
    }
}
