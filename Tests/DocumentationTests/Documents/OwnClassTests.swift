import Caches
import CachesTesting
import Testing

/// The README's example of a user's own class, which this module can write with public declarations.
struct OwnClassTests {
    private func eventually(_ condition: () async throws -> Bool) async throws {
        for _ in 0..<1000 where try await !condition() { try await Task.sleep(for: .milliseconds(10)) }
        #expect(try await condition())
    }

    @Test("Its operations run by themselves, in batches and in transactions, over many servers")
    func operations() async throws {
        try await withLocalFleet(nodes: 3) { fleet in
            let pool = try CachePool(PoolConfiguration(dsns: fleet.dsns))
            try await CachePool.$current.withValue(pool) {
                #expect(try await VisitsCache("al").visit(day: 3) == true)
                #expect(try await VisitsCache("al").visit(day: 3) == false)
                let users = (0..<50).map { VisitsCache($0) }
                let counts = try await pool.batch { b in
                    for user in users { b.add(user.visiting(day: 7)) }
                    return users.map { b.add($0.counting()) }
                }
                #expect(counts == Array(repeating: 1, count: 50))
                let (isNew, count) = try await pool.transaction { t in
                    (t.add(VisitsCache("al").visiting(day: 4)), t.add(VisitsCache("al").counting()))
                }
                #expect(isNew && count == 2)
            }
            await pool.close()
        }
    }

    @Test("While a server is out, each operation of a batch has its own outcome, and the policy is kept")
    func outage() async throws {
        try await withLocalFleet(nodes: 2) { fleet in
            var configuration = try PoolConfiguration(dsns: fleet.dsns)
            configuration.deadline = .seconds(5)
            let pool = try CachePool(configuration)
            let users = (0..<20).map { VisitsCache($0, outagePolicy: .fail, on: pool) }
            for user in users { _ = try await user.visit(day: 1) }
            fleet.servers[0].kill()
            let lost = try pool.nodes[0]
            try await eventually {
                _ = try? await lost.send("PING")
                return lost.isOut
            }
            let results = try await pool.batchResults { b in users.map { b.add($0.counting()) } }
            for (user, result) in zip(users, results) {
                let isLost = try pool.node(for: user.key.text) === lost
                switch result {
                case .success(let count): #expect(!isLost && count == 1)
                case .failure(let error): #expect(isLost && (error as? CachesError)?.isOutage == true)
                }
            }
            await #expect(throws: CachesError.self) {
                try await pool.batch { b in users.map { b.add($0.counting()) } }
            }
            let missing = try await pool.batch { b in
                (0..<20).map { b.add(VisitsCache($0, outagePolicy: .miss, on: pool).counting()) }
            }
            #expect(Set(missing) == [0, 1])
            await pool.close()
        }
    }

    @Test("An operation that is wrong throws when it is run, and stops no other")
    func faults() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let pool = try CachePool(PoolConfiguration(dsns: fleet.dsns))
            let reserved = VisitsCache(key: CacheKey(prefix: "caches:journal:x"), on: pool).visiting(day: 1)
            let error = await #expect(throws: CachesError.self) { try await reserved.run() }
            #expect(error?.code == .invalidArgument)
            let results = try await pool.batchResults { b in
                (b.add(reserved), b.add(VisitsCache("al", on: pool).visiting(day: 1)))
            }
            #expect(throws: CachesError.self) { try results.0.get() }
            #expect(try results.1.get())
            // The reply of another type is an error that names the server.
            try await Cache<String>("al", prefix: "VisitsCache", on: pool).set("text")
            _ = try await VisitsCache("al", on: pool).counting().run()
            try await SetCache<String>("set", prefix: "VisitsCache", on: pool).insert("a")
            let wrong = await #expect(throws: CachesError.self) {
                try await VisitsCache("set", on: pool).counting().run()
            }
            #expect(wrong?.code == .server("WRONGTYPE"))
            await pool.close()
        }
    }
}
