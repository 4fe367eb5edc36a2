extension LockCache {
    /// The result is nil if the lock was granted, else how long its holder may still have it.
    final func acquiring(_ token: String, ttl: TTL?) throws(CachesError) -> CacheCommand<TimeLeft?> {
        let milliseconds: Int64 = try milliseconds(ttl)
        return CacheCommand(
            script: Script.acquireLock, [.text(token), .number(milliseconds)], idempotent: true
        ) { reply, node in
            if case .status = reply { return nil }
            return try TimeLeft(reply, from: node)
        }
    }

    final func extending(_ token: String, ttl: TTL?) throws(CachesError) -> CacheCommand<Bool> {
        let milliseconds: Int64 = try milliseconds(ttl)
        return CacheCommand(
            script: Script.extendLock, [.text(token), .number(milliseconds)], idempotent: true
        ) { try $0.requireInteger(from: $1) > 0 }
    }
}
