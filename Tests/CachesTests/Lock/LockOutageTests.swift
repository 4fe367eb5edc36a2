import Caches
import CachesTesting
import Synchronization
import TestSupport
import Testing

@Suite("Locks on nodes that fail", .timeLimit(.minutes(10)), .serialized)
struct LockOutageTests {
    @Test("A request that is cancelled under way ends at once, and a lock that it was granted is given back")
    func cancelledUnderWay() async throws {
        /// Notes when the command is made: it is sent the moment after.
        final class Observed: LockCache, @unchecked Sendable {
            static let isAsked = Atomic(false)
            override class func normalize(ttl: TTL) -> TTL {
                isAsked.store(true, ordering: .relaxed)
                return ttl
            }
        }
        try await withLocalFleet(nodes: 1) { fleet in
            let pool = try CachePool(patiently: fleet.dsns)
            let lock = Observed("hung", ttl: .minutes(9), on: pool)
            #expect(try await lock.exists() == false)
            fleet.servers[0].pause()
            let attempt = Task { try await lock.acquire(waitingAtMost: .seconds(3600)) }
            try await eventually { Observed.isAsked.load(ordering: .relaxed) }
            attempt.cancel()
            await #expect(throws: CancellationError.self) { try await attempt.value }
            fleet.servers[0].resume()
            let next = try await lock.acquire(waitingAtMost: .seconds(60))
            #expect(try await next.release())
            await pool.close()
        }
    }

    @Test("A request whose reply doesn't come in time fails, and a lock that it was granted is given back")
    func timeout() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let pool = try CachePool(patiently: fleet.dsns)
            let lock = LockCache("late", ttl: .minutes(9), on: pool)
            #expect(try await lock.exists() == false)
            fleet.servers[0].pause()
            let impatient = LockCache(key: lock.key, ttl: .minutes(9), deadline: .milliseconds(50), on: pool)
            let error = await #expect(throws: CachesError.self) { try await impatient.tryAcquire() }
            #expect(error?.code == .timeout)
            fleet.servers[0].resume()
            let next = try await lock.acquire(waitingAtMost: .seconds(60))
            #expect(try await next.release())
            await pool.close()
        }
    }

    @Test(
        "A lock that can't be given back is counted, and the work's result stays", arguments: [true, false])
    func unreleased(succeeds: Bool) async throws {
        struct Failure: Error {}
        try await withLocalFleet(nodes: 1) { fleet in
            let pool = try CachePool(patiently: fleet.dsns)
            let lock = LockCache("gone", on: pool)
            let before = CacheCounters.unreleased
            do {
                let answer = try await lock.withLock(waitingAtMost: .seconds(60)) { _ in
                    fleet.servers[0].kill()
                    guard succeeds else { throw Failure() }
                    return 42
                }
                #expect(answer == 42)
                #expect(succeeds)
            } catch {
                #expect(error is Failure)
                #expect(!succeeds)
            }
            #expect(CacheCounters.unreleased > before)
            await pool.close()
        }
    }

    @Test("A lock that ended before its work is counted, and the work's result stays")
    func outlived() async throws {
        try await Servers.three.run { _ in
            let lock = LockCache("outlived", prefix: "lock")
            let before = CacheCounters.outlived
            let isExtended = try await lock.withLock(waitingAtMost: .seconds(60)) { held in
                try await lock.clear()
                return try await held.extend()
            }
            #expect(!isExtended)
            #expect(CacheCounters.outlived > before)
        }
    }

    @Test("While the node is out a lock throws, whatever the policy", arguments: [OutagePolicy.fail, .miss])
    func outage(policy: OutagePolicy) async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let pool = try CachePool(patiently: fleet.dsns)
            let lock = LockCache("out", outagePolicy: policy, on: pool)
            let held = try #require(try await lock.tryAcquire())
            fleet.servers[0].kill()
            let calls: [() async throws -> Void] = [
                { _ = try await lock.tryAcquire() },
                // The first failure ends the wait.
                { _ = try await lock.acquire(waitingAtMost: .seconds(3600)) },
                { try await lock.withLock(waitingAtMost: .seconds(3600)) { _ in } },
                { _ = try await held.extend() },
                { try await held.release() },
            ]
            for call in calls {
                let error = await #expect(throws: CachesError.self) { try await call() }
                #expect(error?.node == fleet.servers[0].name)
            }
            await pool.close()
        }
    }
}
