import CachesTesting
import TestSupport
import Testing

@testable import Caches

@Suite("Gates on real servers", .timeLimit(.minutes(10)))
struct SentinelCacheTests {
    private func gate(_ name: String, ttl: TTL? = nil, on servers: Servers) -> SentinelCache {
        SentinelCache(name, prefix: "gate", ttl: ttl, connection: servers.connection)
    }

    @Test("A gate lets one caller pass until it is released", arguments: Servers.kinds)
    func basics(on servers: Servers) async throws {
        try await servers.run { _ in
            let gate = gate("basics", on: servers)
            try await gate.clear()
            #expect(try await gate.isSet == false)
            #expect(try await gate.claim() == true)
            #expect(try await gate.isSet)
            #expect(try await gate.claim() == false)
            #expect(try await self.gate("basics", on: servers).claim() == false)
            #expect(try await gate.timeLeft() == .forever)
            #expect(try await gate.release() == true)
            #expect(try await gate.release() == false)
            #expect(try await gate.isSet == false)
            #expect(try await gate.claim() == true)
        }
    }

    @Test("A gate opens when its ttl has passed, which no later claim puts off", arguments: Servers.kinds)
    func ttl(on servers: Servers) async throws {
        try await servers.run { _ in
            let day = gate("day", ttl: .days(1), on: servers)
            try await day.clear()
            if try await day.claim() {} else { Issue.record("nobody else has claimed it") }
            #expect(try await day.claim(ttl: .seconds(1)) == false)
            #expect(try await day.isLeft(80_000...86_400))

            let short = gate("short", on: servers)
            try await short.clear()
            #expect(try await short.claim(ttl: .milliseconds(20)) == true)
            try await eventually { try await short.claim() }
            #expect(try await short.timeLeft() == .forever)
        }
    }

    @Test("One of a thousand callers of several pools passes", arguments: Servers.kinds)
    func oneWinner(on servers: Servers) async throws {
        try await servers.run { fleet in
            let pools = try (0..<4).map { _ in try CachePool(patiently: fleet.dsns) }
            for ttl in [TTL.forever, .hours(1)] {
                try await gate("contested", on: servers).clear()
                let winners = try await withThrowingTaskGroup { group in
                    for caller in 0..<1000 {
                        let gate = SentinelCache(
                            "contested", prefix: "gate", ttl: ttl, connection: servers.connection,
                            on: pools[caller % pools.count])
                        group.addTask { try await gate.claim() }
                    }
                    return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                #expect(winners == 1)
            }
            for pool in pools { await pool.close() }
        }
    }

    @Test("A claim that is sent again because its reply was lost has won", arguments: Servers.kinds)
    func sentTwice(on servers: Servers) async throws {
        try await servers.run { _ in
            let gate = gate("twice", on: servers)
            try await gate.clear()
            let claim = gate.claiming(ttl: .hours(1))
            #expect(try claim.command.get().idempotent)
            #expect(try await gate.run(claim) == true)
            #expect(try await gate.run(claim) == true)
            #expect(try await gate.claim() == false)
            try await gate.release()
            #expect(try await gate.claim() == true)
            #expect(try await gate.run(claim) == false)
        }
    }

    @Test("A gate is shut by any value at its key", arguments: Servers.kinds)
    func otherValues(on servers: Servers) async throws {
        try await servers.run { _ in
            // Python's package writes a counter.
            let counter = Cache<Int>("counter", prefix: "gate", connection: servers.connection)
            try await counter.set(1)
            let gate = gate("counter", on: servers)
            #expect(try await gate.isSet)
            #expect(try await gate.claim() == false)
            #expect(try await gate.withClaim { 1 } == nil)
            #expect(try await counter.get() == 1)
            #expect(try await gate.release() == true)
            #expect(try await gate.claim() == true)
        }
    }

    @Test("A collection at the key is an error of a claim, and stays", arguments: Servers.kinds)
    func wrongType(on servers: Servers) async throws {
        try await servers.run { _ in
            let set = SetCache<Int>("wrong", prefix: "gate", connection: servers.connection)
            try await set.insert(1)
            let gate = gate("wrong", ttl: .seconds(5), on: servers)
            #expect(try await gate.isSet)
            for call in [{ try await gate.claim() }, { try await gate.withClaim { true } ?? false }] {
                let error = await #expect(throws: CachesError.self) { try await call() }
                #expect(error?.code == .server("WRONGTYPE"))
                #expect(error?.advice?.contains("gate.wrong") == true)
            }
            #expect(try await set.copy() == [1])
            #expect(try await set.timeLeft() == .forever)
        }
    }

    @Test("Work with a claim is done once, and the gate stays shut", arguments: Servers.kinds)
    func withClaim(on servers: Servers) async throws {
        try await servers.run { _ in
            let gate = gate("with", on: servers)
            try await gate.clear()
            let first = try await gate.withClaim(ttl: .hours(1)) {
                let isSet = try await gate.isSet
                return isSet ? "done" : "open"
            }
            #expect(first == "done")
            #expect(try await gate.isLeft(1...3600))
            let second = try await gate.withClaim { "again" }
            #expect(second == nil)
        }
    }

    private struct Failure: Error {}

    @Test("If the work fails, another caller may try", arguments: Servers.kinds)
    func failure(on servers: Servers) async throws {
        try await servers.run { _ in
            let gate = gate("failure", on: servers)
            try await gate.clear()
            await #expect(throws: Failure.self) { try await gate.withClaim { throw Failure() } }
            #expect(try await gate.isSet == false)
            let result = try await gate.withClaim { 1 }
            #expect(result == 1)
        }
    }

    @Test("If the work is cancelled, another caller may try", arguments: Servers.kinds)
    func cancellation(on servers: Servers) async throws {
        try await servers.run { _ in
            let gate = gate("cancelled", on: servers)
            try await gate.clear()
            let task = Task {
                try await gate.withClaim {
                    withUnsafeCurrentTask { $0?.cancel() }
                    return try await gate.isSet
                }
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try await gate.isSet == false)
            // Work that ignores the cancellation is done.
            let deaf = Task {
                try await gate.withClaim {
                    withUnsafeCurrentTask { $0?.cancel() }
                    return 1
                }
            }
            #expect(try await deaf.value == 1)
            #expect(try await gate.isSet)
        }
    }

    @Test(
        "Work failing late does not open a gate that another caller has shut", arguments: Servers.kinds)
    func lateFailure(on servers: Servers) async throws {
        try await servers.run { _ in
            let gate = gate("late", on: servers)
            try await gate.clear()
            await #expect(throws: Failure.self) {
                try await gate.withClaim {
                    try await gate.release()
                    #expect(try await gate.claim(ttl: .hours(1)) == true)
                    throw Failure()
                }
            }
            #expect(try await gate.isLeft(1...3600))
        }
    }

    @Test("If the claim itself is cancelled, the gate opens again", arguments: Servers.kinds)
    func cancelledClaim(on servers: Servers) async throws {
        try await servers.run { _ in
            let gate = gate("unclaimed", on: servers)
            try await gate.clear()
            for _ in 0..<50 {
                let task = Task { try await gate.claim() }
                await Task.yield()
                task.cancel()
                switch await task.result {
                case .success(let won):
                    // The claim was faster.
                    #expect(won)
                    #expect(try await gate.release() == true)
                case .failure(let error):
                    #expect(error is CancellationError)
                    try await eventually { try await !gate.isSet }
                }
            }
        }
    }

    @Test("If the gate can't be opened again, that is counted, and the error of the work is thrown")
    func unreleased() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let pool = try CachePool(patiently: fleet.dsns)
            let gate = SentinelCache("unreleased", ttl: .hours(1), deadline: .seconds(20), on: pool)
            let before = CacheCounters.unreleased
            await #expect(throws: Failure.self) {
                try await gate.withClaim {
                    fleet.servers[0].kill()
                    throw Failure()
                }
            }
            #expect(CacheCounters.unreleased > before)
            await pool.close()
        }
    }

    @Test("A claim fails while the node is out, whatever the policy")
    func outage() async throws {
        let server = try ScriptedServer(.closes())
        let pool = try CachePool([server.dsn()])
        let gate = SentinelCache("out", outagePolicy: .miss, on: pool)
        await #expect(throws: CachesError.self) { try await gate.claim() }
        await #expect(throws: CachesError.self) { try await gate.withClaim {} }
        #expect(try await gate.isSet == false)
        #expect(try await gate.release() == false)
        await pool.close()
        server.stop()
    }

    @Test("A claim that can't be made is refused before anything is sent")
    func badArguments() async throws {
        try await Servers.one.run { _ in
            for call in [
                { try await SentinelCache("bad").claim(ttl: .seconds(-1)) },
                { try await SentinelCache(prefix: "").claim() },
                { try await SentinelCache("bad", ttl: .seconds(.nan)).withClaim { true } ?? false },
            ] {
                let error = await #expect(throws: CachesError.self) { try await call() }
                #expect(error?.code == .invalidArgument)
            }
        }
    }

    @Test("Gates can be batched", arguments: Servers.kinds)
    func batch(on servers: Servers) async throws {
        try await servers.run { _ in
            let pool = try #require(CachePool.current)
            let gate = gate("batched", on: servers)
            try await gate.clear()
            let (first, second, isSet, released, third) = try await pool.batch { b in
                (
                    b.add(gate.claiming()), b.add(gate.claiming()), b.add(gate.existing()),
                    b.add(gate.releasing()), b.add(gate.claiming(ttl: .hours(1)))
                )
            }
            #expect(first && !second && isSet && released && third)
            #expect(try await gate.isLeft(1...3600))
        }
    }
}
