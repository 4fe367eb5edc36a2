import CachesTesting
import CachesTransport
import Synchronization
import Testing

@testable import Caches

@Suite("One computation for each key", .timeLimit(.minutes(10)))
struct FlightTests {
    struct Failure: Error {}

    /// A gate that callers wait for until it is opened.
    final class Gate: Sendable {
        private let isOpen = Atomic(false)

        func open() { isOpen.store(true, ordering: .sequentiallyConsistent) }

        /// - Throws: `CancellationError`.
        func wait() async throws {
            while !isOpen.load(ordering: .sequentiallyConsistent) {
                try Task.checkCancellation()
                await Task.yield()
            }
        }
    }

    private func cache(_ name: String, _ servers: Servers = .one) -> Cache<Int> {
        Cache<Int>(name, prefix: "flight", ttl: .minutes(5), connection: servers.connection)
    }

    /// A computation of 1 that is under way, and the gate that it waits for.
    private func held(_ cache: Cache<Int>) async throws -> (leader: Task<Int, any Error>, gate: Gate) {
        let (gate, started) = (Gate(), Gate())
        let leader = Task {
            try await cache.fetch {
                started.open()
                try await gate.wait()
                return 1
            }
        }
        try await started.wait()
        return (leader, gate)
    }

    @Test("A thousand callers that find nothing share one computation", arguments: Servers.kinds)
    func thousand(on servers: Servers) async throws {
        try await servers.run { _ in
            let (cache, calls, started) = (cache("thousand", servers), Calls(), Calls())
            try await cache.clear()
            let before = CacheCounters.shared
            let values = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<1000 {
                    group.addTask {
                        _ = started.returning(0)
                        return try await cache.fetch {
                            while started.count < 1000 { await Task.yield() }
                            return calls.returning(7)
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(values == Array(repeating: 7, count: 1000))
            #expect(calls.count == 1)
            #expect(CacheCounters.shared > before)
            #expect(try await cache.get() == 7)
        }
    }

    @Test("If the computing caller is cancelled, another computes, and no other caller is told of it")
    func promotion() async throws {
        try await Servers.one.run { _ in
            let (cache, calls, never, started) = (cache("promotion"), Calls(), Gate(), Gate())
            try await cache.clear()
            let leader = Task {
                try await cache.fetch {
                    started.open()
                    _ = calls.returning(0)
                    try await never.wait()
                    return 1
                }
            }
            try await started.wait()
            let others = (0..<50).map { _ in Task { try await cache.fetch { calls.returning(2) } } }
            await Task.yield()
            leader.cancel()
            await #expect(throws: CancellationError.self) { try await leader.value }
            for other in others { #expect(try await other.value == 2) }
            #expect(calls.count == 2)
            #expect(try await cache.get() == 2)
        }
    }

    @Test("A waiting caller that is cancelled leaves at once, and alone")
    func cancelledWaiter() async throws {
        try await Servers.one.run { _ in
            let cache = cache("cancelled")
            try await cache.clear()
            let (leader, gate) = try await held(cache)
            let other = Task { try await cache.fetch { 2 } }
            let cancelled = Task { try await cache.fetch { 3 } }
            await Task.yield()
            cancelled.cancel()
            // The computation goes on meanwhile.
            await #expect(throws: CancellationError.self) { try await cancelled.value }
            gate.open()
            #expect(try await leader.value == 1)
            #expect(try await other.value == 1)
        }
    }

    @Test("An error is thrown to all callers that wait for the value")
    func failure() async throws {
        try await Servers.one.run { _ in
            let (cache, started) = (cache("failure"), Calls())
            try await cache.clear()
            await withTaskGroup { group in
                for _ in 0..<20 {
                    group.addTask {
                        _ = started.returning(0)
                        await #expect(throws: Failure.self) {
                            try await cache.fetch {
                                while started.count < 20 { await Task.yield() }
                                throw Failure()
                            }
                        }
                    }
                }
            }
            #expect(try await cache.exists() == false)
        }
    }

    @Test("A computation that throws CancellationError by itself ends no other caller")
    func ownCancellation() async throws {
        try await Servers.one.run { _ in
            let (cache, gate, started) = (cache("own"), Gate(), Gate())
            try await cache.clear()
            let leader = Task {
                try await cache.fetch {
                    started.open()
                    try await gate.wait()
                    throw CancellationError()
                }
            }
            try await started.wait()
            let other = Task { try await cache.fetch { 2 } }
            await Task.yield()
            gate.open()
            await #expect(throws: CancellationError.self) { try await leader.value }
            #expect(try await other.value == 2)
        }
    }

    enum Write: String, CaseIterable, Sendable {
        case set, clear, increment, setMany, clearMany, batch, transaction

        /// Writes the key, and returns the value that is there then.
        func carryOut(_ cache: Cache<Int>, on pool: CachePool) async throws -> Int? {
            switch self {
            case .set: try await cache.set(5)
            case .clear: try await cache.clear()
            case .increment: return try await cache.increment(by: 5)
            case .setMany: try await Many.setMany([rawValue: 5], on: pool)
            case .clearMany: try await Many.clearMany([rawValue], on: pool)
            case .batch: try await pool.batch { $0.set(cache, 5) }
            case .transaction: try await pool.transaction { $0.set(cache, 5) }
            }
            return self == .clear || self == .clearMany ? nil : 5
        }
    }

    final class Many: Cache<Int>, @unchecked Sendable {
        override class var prefix: String { "flightMany" }
    }

    @Test("A write while the value is computed wins", arguments: [Servers.one, .three], Write.allCases)
    func writes(on servers: Servers, _ write: Write) async throws {
        try await servers.run { _ in
            let (cache, pool) = (Many(write.rawValue), try #require(CachePool.current))
            try await cache.clear()
            let left = Mutex<Int?>(nil)
            let value = try await cache.fetch {
                let there = try await write.carryOut(cache, on: pool)
                left.withLock { $0 = there }
                return 1
            }
            #expect(value == 1)
            #expect(try await cache.get() == left.withLock { $0 })
            try await cache.clear()
        }
    }

    @Test("After a write no caller joins a computation that began before it")
    func afterWrite() async throws {
        try await Servers.one.run { _ in
            let cache = cache("after")
            try await cache.clear()
            let (leader, gate) = try await held(cache)
            try await cache.clear()
            #expect(try await cache.fetch { 2 } == 2)
            gate.open()
            #expect(try await leader.value == 1)
            #expect(try await cache.get() == 2)
        }
    }

    @Test("A write waits until the value that is just being stored is there")
    func writeWhileStoring() async throws {
        let flights = Flights()
        let pool = try CachePool(["redis://127.0.0.1:1"])
        let place = Flights.Place(Cache<Int>("a").key.bytes, on: pool)
        let purpose = Flights.Purpose(type: ObjectIdentifier(Int.self), connection: .sharded)
        let role: Flights.Role<Int> = flights.role(
            at: place, for: purpose, mayWait: true, longest: .seconds(60), since: 0)
        guard case .leads(let flight, isAlone: false) = role else {
            Issue.record("somebody else leads")
            return
        }
        #expect(flights.areAny)
        #expect(flight.beginToStore(0))
        let writes = Calls()
        try await withThrowingTaskGroup { group in
            group.addTask {
                try await flights.voiding([place]) { _ = writes.returning(0) }
            }
            // A writer that is cancelled does not wait.
            let cancelled = Task { try await flights.voiding([place]) { Issue.record("it was written") } }
            cancelled.cancel()
            await #expect(throws: CancellationError.self) { try await cancelled.value }
            #expect(writes.count == 0)
            flight.end(0, .value(1))
            try await group.waitForAll()
        }
        #expect(writes.count == 1)
        flights.end(flight, at: place, isStored: true)
        #expect(!flights.areAny)
        // A caller that had looked before that looks again.
        let late: Flights.Role<Int> = flights.role(
            at: place, for: purpose, mayWait: true, longest: .seconds(60), since: 0)
        guard case .looks = late else {
            Issue.record("it does not look")
            return
        }
        let other = Flights.Place(Cache<Int>("b").key.bytes, on: pool)
        let elsewhere: Flights.Role<Int> = flights.role(
            at: other, for: purpose, mayWait: true, longest: .seconds(60), since: 0)
        guard case .leads = elsewhere else {
            Issue.record("it does not lead")
            return
        }
        await pool.close()
    }

    @Test("A computation may fetch its own key, and two may want each other's values")
    func nested() async throws {
        try await Servers.one.run { _ in
            let (a, b, calls) = (cache("nested.a"), cache("nested.b"), Calls())
            for cache in [a, b] { try await cache.clear() }
            let before = CacheCounters.nested
            let value = try await a.fetch { calls.returning(1) + (try await a.fetch { calls.returning(10) }) }
            #expect(value == 11)
            #expect(calls.count == 2)
            #expect(CacheCounters.nested > before)

            for cache in [a, b] { try await cache.clear() }
            let started = Calls()
            func sum(_ first: Cache<Int>, _ second: Cache<Int>) async throws -> Int {
                try await first.fetch {
                    _ = started.returning(0)
                    while started.count < 2 { await Task.yield() }
                    return try await second.fetch { 1 } + 1
                }
            }
            try await withThrowingTaskGroup { group in
                group.addTask { _ = try await sum(a, b) }
                group.addTask { _ = try await sum(b, a) }
                try await group.waitForAll()
            }
        }
    }

    final class Impatient: Cache<Int>, @unchecked Sendable {
        override class var prefix: String { "flightImpatient" }
        override class var fetching: Fetching { Fetching(longest: .milliseconds(50)) }
    }

    @Test("A computation that hangs holds no caller for longer than the class says, and is not stored")
    func hanging() async throws {
        try await Servers.one.run { _ in
            let cache = Impatient("a")
            try await cache.clear()
            let (leader, gate) = try await held(cache)
            // One waits from the beginning, the other comes when the computation has taken too long.
            #expect(try await cache.fetch { 2 } == 2)
            #expect(try await cache.fetch { 3 } == 2)
            gate.open()
            #expect(try await leader.value == 1)
            #expect(try await cache.get() == 2)
        }
    }

    final class Unshared: Cache<Int>, @unchecked Sendable {
        override class var prefix: String { "flightUnshared" }
        override class var fetching: Fetching { Fetching(sharing: .none) }
    }

    @Test("A class may have each caller compute, and a write still wins")
    func unshared() async throws {
        try await Servers.one.run { _ in
            let (cache, started) = (Unshared("a"), Calls())
            try await cache.clear()
            try await withThrowingTaskGroup { group in
                for number in 0..<4 {
                    group.addTask {
                        try await cache.fetch {
                            _ = started.returning(0)
                            while started.count < 4 { await Task.yield() }
                            return number
                        }
                    }
                }
                var values: Set<Int> = []
                for try await value in group { values.insert(value) }
                #expect(values == [0, 1, 2, 3])
            }
            try await cache.clear()
            let value = try await cache.fetch {
                try await cache.set(5)
                return 1
            }
            #expect(value == 1)
            #expect(try await cache.get() == 5)
        }
    }

    @MainActor
    @Test("An actor that computes a value is free while it waits for others")
    func actors() async throws {
        try await Servers.one.run { _ in
            let cache = cache("actors")
            try await cache.clear()
            let started = Calls()
            let tasks = (0..<3).map { _ in
                Task { @MainActor in
                    _ = started.returning(0)
                    return try await cache.fetch {
                        while started.count < 3 { await Task.yield() }
                        MainActor.assertIsolated()
                        return 4
                    }
                }
            }
            for task in tasks { #expect(try await task.value == 4) }
        }
    }
}
