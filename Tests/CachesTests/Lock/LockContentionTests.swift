import Caches
import CachesTesting
import Synchronization
import TestSupport
import Testing

@Suite("Locks that many want", .timeLimit(.minutes(10)), .serialized)
struct LockContentionTests {
    @Test("One of many tasks on several pools at a time is the holder", arguments: Servers.kinds)
    func exclusion(on servers: Servers) async throws {
        try await servers.run { fleet in
            let (pools, tasks) = (4, 120)
            let counter = Cache<Int>("counter", prefix: "contended", connection: servers.connection)
            try await counter.set(0)
            try await LockCache("lock", prefix: "contended", connection: servers.connection).clear()
            let room = Room()
            try await withThrowingTaskGroup { group in
                for _ in 0..<pools {
                    let pool = try CachePool(patiently: fleet.dsns)
                    let lock = LockCache(
                        "lock", prefix: "contended", ttl: .minutes(9), connection: servers.connection,
                        on: pool)
                    let counter = Cache<Int>(key: counter.key, connection: servers.connection, on: pool)
                    for _ in 0..<tasks / pools {
                        group.addTask {
                            try await lock.withLock(waitingAtMost: .seconds(500)) { _ in
                                room.enter()
                                // Read, then write: exact only if no other task comes between.
                                let count = try await counter.get() ?? 0
                                await Task.yield()
                                try await counter.set(count + 1)
                                room.leave()
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await counter.get() == tasks)
            #expect(room.most.load(ordering: .relaxed) == 1)
        }
    }

    @Test("A wait that is cancelled ends at once, and holds nothing", arguments: Servers.kinds)
    func cancelledWait(on servers: Servers) async throws {
        /// Counts how often it is asked for.
        final class Observed: LockCache, @unchecked Sendable {
            static let requests = Atomic(0)
            override class func normalize(ttl: TTL) -> TTL {
                requests.add(1, ordering: .relaxed)
                return ttl
            }
        }
        try await servers.run { _ in
            let lock = Observed(
                "waited", prefix: "cancelled", ttl: .minutes(9), connection: servers.connection)
            try await lock.clear()
            let held = try #require(try await lock.tryAcquire())
            let waiters = (0..<20).map { _ in
                Task { try await lock.acquire(waitingAtMost: .seconds(3600)) }
            }
            let enough = Observed.requests.load(ordering: .relaxed) + 100
            try await eventually { Observed.requests.load(ordering: .relaxed) > enough }
            for waiter in waiters { waiter.cancel() }
            for waiter in waiters {
                await #expect(throws: CancellationError.self) { try await waiter.value }
            }
            #expect(try await held.release())
            #expect(try await lock.exists() == false)
        }
    }

    @Test("A free lock that is asked for and cancelled at any moment ends up free", arguments: Servers.kinds)
    func cancelledAttempt(on servers: Servers) async throws {
        try await servers.run { _ in
            let lock = LockCache(
                "free", prefix: "cancelled", ttl: .minutes(9), connection: servers.connection)
            try await lock.clear()
            for yields in 0..<200 {
                let attempt = Task { try await lock.withLock(waitingAtMost: .seconds(3600)) { _ in } }
                for _ in 0..<yields % 40 { await Task.yield() }
                attempt.cancel()
                _ = await attempt.result
            }
            try await eventually { try await lock.exists() == false }
        }
    }

    @Test("Work that is cancelled gives the lock back before it returns", arguments: Servers.kinds)
    func cancelledWork(on servers: Servers) async throws {
        try await servers.run { _ in
            let lock = LockCache(
                "work", prefix: "cancelled", ttl: .minutes(9), connection: servers.connection)
            try await lock.clear()
            let work = Task {
                try await lock.withLock(waitingAtMost: .seconds(60)) { _ in
                    try await Task.sleep(for: .seconds(3600))
                }
            }
            try await eventually { try await lock.exists() }
            work.cancel()
            await #expect(throws: CancellationError.self) { try await work.value }
            #expect(try await lock.exists() == false)
        }
    }

    @Test("A lock is given back to where it is, also by a task that has another pool by then")
    func otherPool() async throws {
        try await Servers.three.run { _ in
            let lock = LockCache("pool", prefix: "cancelled")
            try await lock.clear()
            let held = try #require(try await lock.tryAcquire())
            let other = try CachePool(["redis://127.0.0.1:1"])
            let wasHeld = try await CachePool.$current.withValue(other) { try await held.release() }
            #expect(wasHeld)
            #expect(try await lock.exists() == false)
        }
    }
}

/// Counts how many are in it at the same time.
private final class Room: Sendable {
    private let inside = Atomic(0)
    let most = Atomic(0)

    func enter() { most.max(inside.add(1, ordering: .relaxed).newValue, ordering: .relaxed) }
    func leave() { inside.subtract(1, ordering: .relaxed) }
}
