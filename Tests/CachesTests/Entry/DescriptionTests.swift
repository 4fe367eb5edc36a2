import Caches
import Testing

@Suite("Descriptions of caches")
struct DescriptionTests {
    final class UserCache: Cache<String>, @unchecked Sendable {
        override class var prefix: String { "user" }
    }

    final class QuietCache: Cache<String>, @unchecked Sendable {
        override var description: String { "quiet" }
    }

    @Test("The class and the key, unless a class says something else")
    func description() {
        #expect("\(UserCache("org", 42))" == "UserCache user.org.42")
        #expect("\(Cache<Int>("home", prefix: "hits"))" == "Cache<Int> hits.home")
        #expect("\(SetCache<String>("a"))" == "SetCache<String> SetCache.a")
        #expect("\(LockCache("import", ttl: .seconds(1)))" == "LockCache LockCache.import")
        #expect(String(reflecting: UserCache(1)) == "UserCache user.1")
        #expect("\(QuietCache("a"))" == "quiet")
    }
}
