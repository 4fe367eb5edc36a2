import Caches

final class VisitsCache: CacheEntry, @unchecked Sendable {  // the days of a year on which a user came
    func visiting(day: Int) -> CacheOperation<Bool> {
        operation("SETBIT", [.number(day), "1"], idempotent: false, whenOut: .drop(false)) {
            try $0.requireInteger(from: $1) == 0
        }
    }
    func counting() -> CacheOperation<Int> {
        operation("BITCOUNT", idempotent: true, whenOut: .miss(0)) { try $0.requireInteger(from: $1) }
    }
    func visit(day: Int) async throws -> Bool { try await visiting(day: day).run() }
}

func visits(of users: [Int], on day: Int) async throws -> [Int] {
    try await CachePool.shared.batch { b in
        for user in users { b.add(VisitsCache(user).visiting(day: day)) }
        return users.map { b.add(VisitsCache($0).counting()) }
    }
}
