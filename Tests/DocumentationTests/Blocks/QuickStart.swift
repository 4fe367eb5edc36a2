import Caches

struct User: Codable, Sendable {
    var name: String
}

final class UserCache: Cache<User>, @unchecked Sendable {
    override class var prefix: String { "user" }
    override class var ttl: TTL { .hours(2, jitter: 0.1) }
}

func user(_ id: Int, load: @Sendable (Int) async throws -> User) async throws -> User {
    // The key user.42: read, or else loaded and stored.
    try await UserCache(id).fetch { try await load(id) }
}
