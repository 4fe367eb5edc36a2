import Caches

extension Operation {
    /// The operations of locks, claims and rate limits.
    static let coordination: [Operation] = [
        Operation("LockCache.tryAcquire(ttl:)") { _ = try await $0.lock.tryAcquire(ttl: $0.ttl) },
        Operation("LockCache.acquire(waitingAtMost:ttl:)") {
            _ = try await $0.lock.acquire(waitingAtMost: .milliseconds(50), ttl: $0.ttl)
        },
        Operation("LockCache.withLock(waitingAtMost:ttl:_:)") {
            try await $0.lock.withLock(waitingAtMost: .milliseconds(50)) { _ in }
        },
        Operation("HeldLock.release()") { try await $0.lock.tryAcquire()?.release() },
        Operation("HeldLock.extend(ttl:)") { subject in
            _ = try await subject.lock.tryAcquire()?.extend(ttl: subject.ttl)
        },
        Operation("SentinelCache.claim(ttl:)") { _ = try await $0.claim.claim(ttl: $0.ttl) },
        Operation("SentinelCache.withClaim(ttl:_:)") { try await $0.claim.withClaim {} },
        Operation("SentinelCache.release()") { try await $0.claim.release() },
        Operation("SentinelCache.isSet") { _ = try await $0.claim.isSet },
        Operation("RateLimitCache.consume(_:)") { subject in
            subject.judge.read("\(try await subject.limit.consume(1 + subject.below(3)))")
        },
        Operation("RateLimitCache.peek(_:)") { subject in
            subject.judge.read("\(try await subject.limit.peek(subject.below(3)))")
        },
    ]
}
