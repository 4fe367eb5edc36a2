import Caches

/// Values that contain their key's number and the version of their write.
final class ChaosCache: Cache<String>, @unchecked Sendable {
    override class var prefix: String { "chaos" }
}

/// Counters that all clients raise.
final class ChaosCounter: Cache<Int>, @unchecked Sendable {
    override class var prefix: String { "chaos-count" }
}

/// Gates that were claimed before the clients began.
final class ChaosClaim: SentinelCache, @unchecked Sendable {
    override class var prefix: String { "chaos-claim" }
    override class var ttl: TTL { .days(1) }
}

/// Values that one call writes or reads in large numbers.
final class ChaosBulk: Cache<String>, @unchecked Sendable {
    override class var prefix: String { "chaos-bulk" }
    override class var ttl: TTL { .minutes(2) }
}

/// Values that are larger than the server or the client takes.
final class ChaosOversized: Cache<String>, @unchecked Sendable {
    override class var prefix: String { "chaos-oversized" }
    override class var ttl: TTL { .minutes(2) }
}

/// Values that are written once, before the first fault.
final class InnocentCache: Cache<String>, @unchecked Sendable {
    override class var prefix: String { "innocent" }
}

final class InnocentCounter: Cache<Int>, @unchecked Sendable {
    override class var prefix: String { "innocent-count" }
}

final class InnocentLock: LockCache, @unchecked Sendable {
    override class var prefix: String { "innocent-lock" }
    override class var ttl: TTL { .days(1) }
}

final class InnocentLimit: RateLimitCache, @unchecked Sendable {
    override class var prefix: String { "innocent-limit" }
    override class var limit: Int { 1000 }
    override class var window: TTL { .days(1) }
}
