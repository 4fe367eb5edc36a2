import Caches

func together(_ ada: User) async throws {
    let hits = Cache<Int>("home", prefix: "hits")
    let (user, count) = try await CachePool.shared.batch { b in
        (b.get(UserCache(1)), b.increment(hits))
    }
    print(user as Any, count)
    try await CachePool.shared.transaction { t in  // a hash tag keeps keys on one server
        t.set(UserCache("{42}"), ada)
        t.add(SetCache<String>("{42}", prefix: "friends").inserting("bob"))
    }
    try await UserCache.setMany([1: ada, 2: ada])
    let users = try await UserCache.getMany([1, 2, 3])
    let cleared = try await CachePool.shared.clear(matching: "user.*")
    print(users, cleared)  // how many on each server, and which server failed
}
