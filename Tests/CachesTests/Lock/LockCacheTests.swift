import CachesTesting
import Testing

@testable import Caches

@Suite("Locks on real servers", .timeLimit(.minutes(10)))
struct LockCacheTests {
    @Test("A lock has one holder, until it is given back", arguments: Servers.kinds)
    func basics(on servers: Servers) async throws {
        try await servers.run { _ in
            let lock = LockCache("basics", prefix: "lock", connection: servers.connection)
            let same = LockCache("basics", prefix: "lock", connection: servers.connection)
            try await lock.clear()
            let held = try #require(try await lock.tryAcquire())
            // Not reentrant: each grant is a separate holder.
            #expect(try await lock.tryAcquire() == nil)
            #expect(try await same.tryAcquire() == nil)
            #expect(try await same.exists())
            #expect(try await held.release())
            #expect(try await same.exists() == false)
            #expect(try await held.release() == false)
            let next = try #require(try await same.tryAcquire())
            #expect(next.lock === same)
            #expect(try await next.release())
        }
    }

    @Test("A lock is kept for its ttl, 30 s by default", arguments: Servers.kinds)
    func ttl(on servers: Servers) async throws {
        final class Short: LockCache, @unchecked Sendable {
            override class var ttl: TTL { .seconds(700) }
        }
        try await servers.run { _ in
            let locks = [
                (LockCache("default", prefix: "lockTTL", connection: servers.connection), nil, 1...30.0),
                (Short("class", prefix: "lockTTL", connection: servers.connection), nil, 500...700),
                (
                    Short("own", prefix: "lockTTL", ttl: .hours(1), connection: servers.connection), nil,
                    3500...3600
                ),
                (
                    Short("call", prefix: "lockTTL", connection: servers.connection), TTL.days(1),
                    80_000...86_400
                ),
            ]
            for (lock, ttl, seconds) in locks {
                try await lock.clear()
                let held = try #require(try await lock.tryAcquire(ttl: ttl))
                #expect(try await lock.isLeft(seconds))
                try await held.release()
                let isLeft = try await lock.withLock(waitingAtMost: .zero, ttl: ttl) { _ in
                    try await lock.isLeft(seconds)
                }
                #expect(isLeft)
            }
        }
    }

    @Test("A holder extends its lock, and only while it is the holder", arguments: Servers.kinds)
    func extending(on servers: Servers) async throws {
        try await servers.run { _ in
            let lock = LockCache("extended", prefix: "lock", connection: servers.connection)
            try await lock.clear()
            let held = try #require(try await lock.tryAcquire())
            #expect(try await held.extend(ttl: .seconds(1000)))
            #expect(try await lock.isLeft(900...1000))
            #expect(try await held.extend())
            #expect(try await lock.isLeft(1...30))
            try await lock.clear()
            #expect(try await held.extend() == false)
            #expect(try await lock.exists() == false)
            let next = try #require(try await lock.tryAcquire())
            #expect(try await held.extend(ttl: .seconds(1000)) == false)
            #expect(try await lock.isLeft(1...30))
            try await next.release()
        }
    }

    @Test(
        "A request that is sent again, since its reply was lost, is granted again", arguments: Servers.kinds)
    func sentAgain(on servers: Servers) async throws {
        try await servers.run { _ in
            let lock = LockCache("again", prefix: "lock", connection: servers.connection)
            try await lock.clear()
            let held = HeldLock(lock)
            for ttl in [TTL.seconds(5000), .seconds(50)] {
                let request = try lock.acquiring(held.token, ttl: ttl)
                #expect(request.idempotent)
                #expect(try await lock.run(request) == nil)
            }
            #expect(try await lock.isLeft(30...50))
            guard case .time = try await lock.run(lock.acquiring(HeldLock(lock).token, ttl: nil)) else {
                Issue.record("another holder has been granted the lock, too")
                return
            }
            #expect(try await held.release())
        }
    }

    @Test("A caller that is not the holder gives nothing back", arguments: Servers.kinds)
    func foreignRelease(on servers: Servers) async throws {
        try await servers.run { _ in
            let lock = LockCache("foreign", prefix: "lock", connection: servers.connection)
            try await lock.clear()
            let former = try #require(try await lock.tryAcquire())
            // Any client can take the lock away.
            try await lock.clear()
            let held = try #require(try await lock.tryAcquire())
            #expect(try await former.release() == false)
            #expect(try await lock.exists())
            #expect(try await held.release())
        }
    }

    @Test("A holder that died loses the lock when its ttl ends", arguments: Servers.kinds)
    func expiry(on servers: Servers) async throws {
        try await servers.run { _ in
            let lock = LockCache("dead", prefix: "lock", connection: servers.connection)
            try await lock.clear()
            let dead = try #require(try await lock.tryAcquire(ttl: .milliseconds(300)))
            let held = try await lock.acquire(waitingAtMost: .seconds(60))
            #expect(try await dead.extend() == false)
            #expect(try await dead.release() == false)
            #expect(try await held.release())
        }
    }

    @Test("A wait that ends says which lock it was and how long its holder has it", arguments: Servers.kinds)
    func waitEnds(on servers: Servers) async throws {
        try await servers.run { _ in
            let lock = LockCache("busy", prefix: "lock", connection: servers.connection)
            try await lock.clear()
            let held = try #require(try await lock.tryAcquire(ttl: .seconds(5000)))
            for limit in [Duration.milliseconds(30), .zero, .seconds(-1), .nanoseconds(1)] {
                let error = await #expect(throws: CachesError.self) {
                    try await lock.acquire(waitingAtMost: limit)
                }
                #expect(error?.code == .locked)
                #expect(error?.message.contains("lock.busy") == true)
                #expect(error?.message.contains("\(limit)") == true)
                #expect(error?.message.contains("it ends in 4") == true)
                #expect(error?.advice != nil)
                #expect(error?.node?.isEmpty == false)
            }
            var hasRun = false
            let error = await #expect(throws: CachesError.self) {
                try await lock.withLock(waitingAtMost: .milliseconds(1)) { _ in hasRun = true }
            }
            #expect(error?.code == .locked)
            #expect(!hasRun)
            #expect(try await held.release())
        }
    }

    @Test("A lock is given back when its work returns or throws", arguments: Servers.kinds)
    func withLock(on servers: Servers) async throws {
        struct Failure: Error {}
        try await servers.run { _ in
            let lock = LockCache("with", prefix: "lock", connection: servers.connection)
            try await lock.clear()
            let (isExtended, other) = try await lock.withLock(waitingAtMost: .zero) { held in
                (try await held.extend(), try await lock.tryAcquire())
            }
            #expect(isExtended)
            #expect(other == nil)
            #expect(try await lock.exists() == false)
            await #expect(throws: Failure.self) {
                try await lock.withLock(waitingAtMost: .zero) { _ in throw Failure() }
            }
            #expect(try await lock.exists() == false)
        }
    }

    @Test("No lock is held for ever", arguments: Servers.kinds)
    func forever(on servers: Servers) async throws {
        final class Endless: LockCache, @unchecked Sendable {
            override class func normalize(ttl: TTL) -> TTL { .forever }
        }
        try await servers.run { _ in
            let lock = LockCache("endless", prefix: "lock", connection: servers.connection)
            try await lock.clear()
            let endless = LockCache(key: lock.key, ttl: .forever, connection: servers.connection)
            let normalized = Endless(key: lock.key, connection: servers.connection)
            let held = try #require(try await lock.tryAcquire())
            let calls: [() async throws -> Void] = [
                { _ = try await lock.tryAcquire(ttl: .forever) },
                { _ = try await endless.tryAcquire() },
                { _ = try await normalized.tryAcquire() },
                { _ = try await endless.acquire(waitingAtMost: .seconds(60)) },
                { try await endless.withLock(waitingAtMost: .seconds(60)) { _ in } },
                { _ = try await held.extend(ttl: .forever) },
                { try await lock.touch(ttl: .forever) },
                { try await endless.touch() },
                { try await CachePool.current?.batch { b in b.touch(endless) } },
            ]
            for call in calls {
                let error = await #expect(throws: CachesError.self) { try await call() }
                #expect(error?.code == .invalidArgument)
                #expect(error?.message.contains("lock.endless") == true)
                #expect(error?.advice?.contains("ttl") == true)
            }
            await #expect(throws: CachesError.self) { try await lock.tryAcquire(ttl: .seconds(-1)) }
            #expect(try await lock.isLeft(1...30))
            #expect(try await lock.touch(ttl: .seconds(500)))
            #expect(try await lock.isLeft(400...500))
            #expect(try await held.release())
        }
    }

    @Test("A value that is not a lock stays as it is", arguments: Servers.kinds)
    func wrongType(on servers: Servers) async throws {
        try await servers.run { _ in
            let set = SetCache<Int>("wrong", prefix: "lock", connection: servers.connection)
            let lock = LockCache("wrong", prefix: "lock", connection: servers.connection)
            try await set.clear()
            let held = try #require(try await lock.tryAcquire())
            try await lock.clear()
            try await set.insert(1)
            let calls: [() async throws -> Void] = [
                { _ = try await lock.tryAcquire() },
                { _ = try await lock.acquire(waitingAtMost: .seconds(60)) },
                { _ = try await held.extend() },
                { try await held.release() },
            ]
            for call in calls {
                let error = await #expect(throws: CachesError.self) { try await call() }
                #expect(error?.code == .server("WRONGTYPE"))
                #expect(error?.advice?.contains("lock.wrong") == true)
            }
            #expect(try await set.copy() == [1])
            #expect(try await set.timeLeft() == .forever)
        }
    }

    @Test("A value without a ttl at the key is told from a lock", arguments: Servers.kinds)
    func value(on servers: Servers) async throws {
        try await servers.run { _ in
            let value = Cache<String>("value", prefix: "lock", connection: servers.connection)
            let lock = LockCache("value", prefix: "lock", connection: servers.connection)
            try await value.set("a")
            let error = await #expect(throws: CachesError.self) {
                try await lock.acquire(waitingAtMost: .zero)
            }
            #expect(error?.code == .locked)
            #expect(error?.message.contains("no ttl") == true)
            #expect(error?.advice?.contains("prefix") == true)
            #expect(try await value.get() == "a")
        }
    }
}
