import Caches

struct User: Codable, Sendable {
    var name: String
}

final class UserCache: Cache<User>, @unchecked Sendable {
    override class var prefix: String { "user" }
    override class var ttl: TTL { .hours(2, jitter: 0.1) }
}

func user(_ id: Int, load: (Int) async throws -> User) async throws -> User {
    let cache = UserCache(id)  // the key user.42; no I/O yet
    if let user = try await cache.get() { return user }
    let user = try await load(id)
    try await cache.set(user)
    return user
}
