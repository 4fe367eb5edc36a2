import Caches

final class ProfileCache: DictCache<String, User>, @unchecked Sendable {
    override class var ttl: TTL { .days(1) }
}

func collections(_ ada: User) async throws {
    let profiles = ProfileCache("42")
    try await profiles.set("ada", to: ada)
    let found = try await profiles["ada"]  // nil: not there
    try await profiles.update(with: ["bob": ada, "eve": ada])  // one command, its ttl with it
    for try await (name, profile) in profiles.items { print(name, profile, found as Any) }

    let seen = SetCache<String>("today")
    if try await seen.insert("ada") { print("for the first time today") }
    let gone = try await SetCache<String>("yesterday").subtracting(seen)

    let scores = SortedSetCache<String>("eu")
    try await scores.add("ada", score: 2.5, .ifGreater)
    for try await (score, name) in scores.descending.limit(100) { print(score, name, gone) }
}
