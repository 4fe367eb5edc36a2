import CachesTesting
import TestSupport
import Testing

@testable import Caches

/// Reads from replicas. The second server is not really a replica, and has the data that a replica would have
/// that lags for ever: so it shows which server answered.
@Suite("Reads from replicas, on real servers")
struct ReplicaTests {
    final class OldCache: Cache<String>, @unchecked Sendable {
        override class var prefix: String { "old" }
        override class var reads: ReadPreference { .preferReplica }
    }

    final class OwnerCache: Cache<String>, @unchecked Sendable {
        override class var prefix: String { "old" }
    }

    final class OldSet: SetCache<String>, @unchecked Sendable {
        override class var prefix: String { "set" }
        override class var reads: ReadPreference { .preferReplica }
    }

    @Test(
        "A class that prefers replicas reads from them, and others from the owner; only the owner has keys"
    )
    func reads() async throws {
        try await withReplica { pool, owner, replica in
            #expect(try await OldCache(1, on: pool).get() == "replica")
            #expect(try await OldCache(1, on: pool).exists())
            #expect(try await OwnerCache(1, on: pool).get() == "owner")
            #expect(try await OldSet(1, on: pool).contains("replica"))
            let names = try pool.nodes.map(\.name)
            #expect(names == ["a"])
            for key in 0..<100 {
                let owner = try pool.node(for: "\(key)")
                #expect(owner.name == "a")
            }
            #expect(try await OldCache.getMany([1], on: pool) == ["owner"])
        }
    }

    /// Waits, within the task, until its number is not that of a writer: an earlier test's task may have left
    /// it.
    private func waitUntilUnmarked() async throws {
        try await eventually {
            !RecentWrites.shared.withLock { $0.hasWritten(RecentWrites.currentTask, now: .now) }
        }
    }

    @Test("A task never reads from a replica after its own write; other tasks may")
    func ownWrites() async throws {
        // Kept, since a task that has gone leaves its number to the next.
        var tasks: [Task<Void, any Error>] = []
        for write in Write.allCases {
            try await withReplica { pool, owner, replica in
                // A task that has not written yet.
                let task = Task {
                    try await waitUntilUnmarked()
                    #expect(try await OldCache(1, on: pool).get() == "replica")
                    try await write.carryOut(on: pool)
                    #expect(try await OldCache(1, on: pool).get() != "replica", "\(write)")
                    #expect(try await OldSet(1, on: pool).contains("owner"))
                    let other = Task {
                        try await waitUntilUnmarked()
                        return try await OldCache(1, on: pool).get()
                    }
                    #expect(try await other.value == "replica")
                }
                tasks.append(task)
                try await task.value
                #expect(try await replica.command("GET", "old.1").text == "replica")
            }
        }
    }

    /// The ways to write.
    enum Write: CaseIterable {
        case set, clear, setMany, clearMany, batch, insert

        func carryOut(on pool: CachePool) async throws {
            switch self {
            case .set: try await OldCache(1, on: pool).set("new")
            case .clear: try await OldCache(1, on: pool).clear()
            case .setMany: try await OldCache.setMany([(1, "new")], on: pool)
            case .clearMany: try await OldCache.clearMany([1], on: pool)
            case .batch: _ = try await pool.batch { b in b.set(OldCache(1), "new") }
            case .insert: try await OldSet(1, on: pool).insert("new")
            }
        }
    }

    @Test("Reads go to the owner while the replica is out, and to the replica again when it is back")
    func replicaOut() async throws {
        try await withReplica { pool, owner, replica in
            #expect(try await OldCache(1, on: pool).get() == "replica")
            replica.kill()
            for _ in 0..<10 { #expect(try await OldCache(1, on: pool).get() == "owner") }
            try await replica.restart()
            try await replica.command("SET", "old.1", "replica again")
            try await eventually { try await OldCache(1, on: pool).get() == "replica again" }
        }
    }

    @Test("A replica that fails during the call costs the call nothing but time")
    func replicaFails() async throws {
        try await withReplica { pool, owner, replica in
            #expect(try await OldCache(1, on: pool).get() == "replica")
            // It answers, but with an error.
            try await replica.command("CONFIG", "SET", "replica-serve-stale-data", "no")
            try await replica.command("REPLICAOF", "127.0.0.1", "1")
            #expect(try await OldCache(1, on: pool).get() == "owner")
        }
    }

    @Test(
        "A fault of a replica is an error that says so",
        arguments: [
            (["redis://h#a", "redis://i?replica-of=b#c"], "replica of b"),
            (["redis://h#abc", "redis://i?replica-of=abd#c"], "Did you mean abc?"),
            (["redis://h#a", "redis://i?replica-of=a#a"], "the name a is that of the server in DSN 1"),
            (["redis://h#a", "redis://i?replica-of=a#b", "redis://j?replica-of=b#c"], "replica of b"),
            (["redis://i?replica-of=a#b"], "at least one node"),
        ])
    func wrong(dsns: [String], text: String) {
        let error = #expect(throws: CachesError.self) { try CachePool(dsns) }
        #expect(error?.code == .configuration)
        #expect(error.map { "\($0)" }?.contains(text) == true, "\(error as Any)")
    }

    @Test("Replicas change nothing about where keys are")
    func fingerprint() throws {
        let with = try CachePool(["redis://h#a", "redis://i#b", "redis://j?replica-of=a#c"])
        let without = try CachePool(["redis://h#a", "redis://i#b"])
        #expect(try with.fingerprint == without.fingerprint)
    }

    private func withReplica(
        _ body: (_ pool: CachePool, _ owner: LocalServer, _ replica: LocalServer) async throws -> Void
    ) async throws {
        let options = [LocalServer.Options(name: "a"), LocalServer.Options(name: "b")]
        try await withLocalFleet(options) { fleet in
            let (owner, replica) = (fleet.servers[0], fleet.servers[1])
            for (server, value) in [(owner, "owner"), (replica, "replica")] {
                try await server.command("SET", "old.1", value)
                try await server.command("SADD", "set.1", value)
            }
            let pool = try CachePool(patiently: [
                owner.dsn, replica.dsn.replacing("#b", with: "?replica-of=a#b"),
            ])
            try await body(pool, owner, replica)
            await pool.close()
        }
    }
}
