import Caches

final class SessionCache: Cache<String>, @unchecked Sendable {
    override class var connection: ConnectionName { "sessions" }  // a server's or a group's name
}

func rename(_ id: Int, to name: String, on pool: CachePool) async throws {
    try await UserCache(id, on: pool).set(User(name: name))
    try await SessionCache(id, on: pool).clear()
}

func renameOnTwoServers() async throws {
    let pool = try CachePool(["redis://10.0.0.1#users", "rediss://:secret@10.0.0.2#sessions"])
    try await rename(42, to: "Ada", on: pool)
    await pool.close()
}
