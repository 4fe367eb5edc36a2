import CachesTesting
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Caches
@testable import CachesCluster

/// Keeps the reported calls.
private final class Recorder: CallObserver {
    private let calls = Mutex<[ObservedCall]>([])

    func ended(_ call: ObservedCall) { calls.withLock { $0.append(call) } }

    /// The names of the commands of each call since it was last asked.
    func take() -> [ObservedCall] {
        calls.withLock { calls in
            defer { calls = [] }
            return calls
        }
    }
}

@Suite("An observer of calls", .timeLimit(.minutes(5)))
struct CallObserverTests {
    @Test("Each call is told once, with its commands, its node, its duration and its error")
    func calls() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let recorder = Recorder()
            let pool = try CachePool(
                PoolConfiguration(dsns: fleet.dsns).patient, logger: Logger(label: "caches"),
                observer: recorder)
            let page = Cache<String>("page", on: pool)
            let set = SetCache<String>("set", on: pool)
            _ = try await page.get()
            try await page.set("a")
            try await set.insert("a")
            try await pool.batch { b in
                _ = b.get(page)
                b.add(set.counting())
            }
            let calls = recorder.take()
            #expect(calls.map(\.commands) == [["GET"], ["SET"], ["SADD"], ["GET", "SCARD"]])
            let name = try pool.nodes[0].name
            #expect(calls.allSatisfy { $0.node.name == name && $0.failure == nil && $0.start <= $0.end })

            let wrong = Cache<String>("set", prefix: "SetCache", on: pool)
            await #expect(throws: CachesError.self) { _ = try await wrong.get() }
            let failed = recorder.take()
            #expect(failed.map(\.commands) == [["GET"]])
            #expect((failed.first?.failure as? CachesError)?.code == .server("WRONGTYPE"))
            await pool.close()
        }
    }

    @Test("A call that a server of a cluster redirects is told once, with its answer")
    func redirected() async throws {
        try await withLocalCluster(masters: 2) { cluster in
            let recorder = Recorder()
            let pool = try CachePool(
                PoolConfiguration(dsns: [cluster.dsn]).patient, logger: Logger(label: "caches"),
                observer: recorder)
            for number in 0..<8 { try await Cache<Int>(number, on: pool).set(number) }
            #expect(recorder.take().filter { $0.commands == ["SET"] && $0.failure == nil }.count == 8)
            let node = try pool.nodes[0]
            // To the wrong server, which names the right one.
            for number in 0..<8 {
                let key = Cache<Int>(number, on: pool).key.bytes
                _ = try await node.send(idempotent: true, deadline: .after(.seconds(60))) {
                    $0.write("GET", key)
                }
            }
            let calls = recorder.take()
            #expect(calls.filter { $0.commands == ["GET"] && $0.failure == nil }.count == 8)
            #expect(calls.filter { $0.commands == ["GET"] }.count == 8)
            await pool.close()
        }
    }
}
