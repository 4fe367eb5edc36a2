import Caches
import CachesTesting
import Testing

@Test("A user who was stored is found")
func storedUser() async throws {
    try await withLocalFleet(nodes: 3) { fleet in
        try await CachePool.$current.withValue(CachePool(fleet.dsns)) {
            try await UserCache(42).set(User(name: "Ada"))
            #expect(try await UserCache(42).get()?.name == "Ada")
        }
    }
}
