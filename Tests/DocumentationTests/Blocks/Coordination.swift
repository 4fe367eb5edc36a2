import Caches

func nightly(_ work: @Sendable () async throws -> Void) async throws {
    if try await SentinelCache("nightly", ttl: .days(1)).claim() { try await work() }  // exactly one caller

    try await LockCache("import").withLock(waitingAtMost: .seconds(10)) { held in
        try await work()
        guard try await held.extend() else { return }  // false: it took too long, others may be at it
        try await work()
    }

    let logins = RateLimitCache("login", 42, limit: 5, per: .minutes(1))
    guard try await logins.consume().isAllowed else { return }
}
