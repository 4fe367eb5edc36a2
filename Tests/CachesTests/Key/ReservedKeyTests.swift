import CachesTesting
import TestSupport
import Testing

@testable import Caches

/// Keys that begin like the library's own keys. A class without a prefix would let a user of the program
/// choose one.
@Suite("Keys of the library's own")
struct ReservedKeyTests {
    private final class Bare: Cache<String>, @unchecked Sendable {
        override class var prefix: String { "" }
    }

    private final class Own: Cache<String>, @unchecked Sendable {
        override class var prefix: String { "caches:journal" }
    }

    private func refused(_ body: () async throws -> Void) async {
        let error = await #expect(throws: CachesError.self) { try await body() }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("caches:") == true)
    }

    @Test("A key part that makes such a key is refused by every call")
    func parts() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let pool = try CachePool(patiently: fleet.dsns)
            for part in ["caches:journal:b", "caches:"] {
                let cache = Bare(part, on: pool)
                await refused { try await cache.set("x") }
                await refused { _ = try await cache.get() }
                await refused { _ = try await cache.clear() }
                await refused { _ = try await Bare(part, 42, on: pool).exists() }
                await refused { _ = try await Bare.getMany([part], on: pool) }
                await refused { try await Bare.setMany([part: "x"], on: pool) }
                await refused { try await pool.batch { _ = $0.set(cache, "x") } }
                await refused { _ = try await SetCache<String>(part, prefix: "", on: pool).insert("x") }
                #expect(Bare.glob(part).pattern == "")
            }
            #expect(try await fleet.servers[0].command("DBSIZE") == .integer(0))
            await pool.close()
        }
    }

    @Test("A class's own prefix that makes such a key is refused by calls that write or clear")
    func prefix() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let pool = try CachePool(patiently: fleet.dsns)
            await refused { try await Own("b", on: pool).set("x") }
            await refused { _ = try await Own("b", on: pool).clear() }
            await refused { _ = try await Cache<Int>(prefix: "caches:n", on: pool).increment() }
            await refused {
                _ = try await LockCache(prefix: "caches:lock", ttl: .seconds(1), on: pool).tryAcquire()
            }
            #expect(try await fleet.servers[0].command("DBSIZE") == .integer(0))
            await pool.close()
        }
    }

    @Test(
        "Keys that only look alike are keys",
        arguments: ["caches", "caches.", "Caches:x", "xcaches:", "caches%3A", ""])
    func alike(part: String) {
        #expect(throws: Never.self) { try CacheKey(prefix: "p", part).checked() }
        if !part.isEmpty {
            #expect(CacheKey(prefix: "", style: .plain, part, 1).text == part + ".1")
            #expect(throws: Never.self) { try CacheKey(prefix: "", style: .plain, part, 1).checked() }
        }
        #expect(throws: Never.self) { try CacheKey(prefix: "p", "caches:x").checked() }
    }
}
