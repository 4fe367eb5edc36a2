import Caches
import CachesTesting
import Testing

/// One key on its way from one server to another, as programs at each stage of the hand-over see it.
@Suite struct KeyMoveTests {
    private final class Moving: Cache<String>, @unchecked Sendable {
        override class var prefix: String { "moving" }
    }

    private final class Count: Cache<Int>, @unchecked Sendable {
        override class var prefix: String { "count" }
    }

    private func cache(_ growth: GrowingFleet, on pool: CachePool) throws -> Moving {
        Moving(try growth.movingParts(1, prefix: "moving")[0], on: pool)
    }

    @Test("While it is announced, a key stays where it is")
    func announced() async throws {
        try await withGrowth { growth in
            let cache = try cache(growth, on: growth.program(at: .announced))
            try await cache.set("one")
            #expect(try await cache.get() == "one")
            #expect(try await growth.holders(of: cache.key) == ["a"])
            #expect(try await growth.new.command("DBSIZE") == .integer(0))
        }
    }

    @Test("The first read of a key moves it with the rest of its ttl, and removes it at the old server")
    func moved() async throws {
        try await withGrowth { growth in
            let before = try cache(growth, on: growth.program(at: nil))
            try await before.set("one", ttl: .seconds(100))
            let after = try cache(growth, on: growth.program(at: .handingOver))
            #expect(try await after.get() == "one")
            #expect(try await after.isLeft(80...100))
            #expect(try await growth.holders(of: after.key) == ["b"])
            #expect(after.pool.handOver?.moved == 1)
        }
    }

    @Test("A key without a ttl has none where it arrives")
    func forever() async throws {
        try await withGrowth { growth in
            try await cache(growth, on: growth.program(at: nil)).set("one")
            let after = try cache(growth, on: growth.program(at: .handingOver))
            #expect(try await after.timeLeft() == .forever)
        }
    }

    @Test("A key that is removed after it has moved does not come back, whoever removes it and whoever looks")
    func removed() async throws {
        try await withGrowth { growth in
            let announced = try cache(growth, on: growth.program(at: .announced))
            let handing = try cache(growth, on: growth.program(at: .handingOver))
            for remover in [announced, handing] {
                try await announced.set("one")
                #expect(try await handing.get() == "one")
                #expect(try await remover.clear())
                #expect(try await announced.get() == nil)
                #expect(try await handing.get() == nil)
                #expect(try await growth.holders(of: handing.key) == [])
            }
        }
    }

    @Test("A program that has only been told finds keys that another has moved, and writes where that reads")
    func announcedAfterMove() async throws {
        try await withGrowth { growth in
            let announced = try cache(growth, on: growth.program(at: .announced))
            let handing = try cache(growth, on: growth.program(at: .handingOver))
            try await announced.set("one")
            #expect(try await handing.get() == "one")
            #expect(try await announced.get() == "one")
            try await announced.set("two")
            #expect(try await handing.get() == "two")
            #expect(try await growth.holders(of: handing.key) == ["b"])
        }
    }

    @Test("A key that is written first is not fetched over it")
    func writtenFirst() async throws {
        try await withGrowth { growth in
            try await cache(growth, on: growth.program(at: nil)).set("old")
            let handing = try cache(growth, on: growth.program(at: .handingOver))
            try await handing.set("new")
            #expect(try await cache(growth, on: growth.program(at: .handingOver)).get() == "new")
            #expect(try await cache(growth, on: growth.program(at: .announced)).get() == "new")
        }
    }

    @Test("When it closes nothing is fetched, and no program that still fetches overwrites a later write")
    func closing() async throws {
        try await withGrowth { growth in
            let parts = try growth.movingParts(2, prefix: "moving")
            let before = try growth.program(at: nil)
            for part in parts { try await Moving(part, on: before).set("old") }
            let (closing, handing) = (try growth.program(at: .closing), try growth.program(at: .handingOver))

            #expect(try await Moving(parts[0], on: closing).get() == nil)
            #expect(try await Moving(parts[0], on: handing).get() == nil)

            try await Moving(parts[1], on: closing).set("new")
            #expect(try await Moving(parts[1], on: handing).get() == "new")
        }
    }

    @Test("When it closes, a write of a program that has ended it is kept")
    func keptAtClosing() async throws {
        try await withGrowth { growth in
            let part = try growth.movingParts(1, prefix: "moving")[0]
            try await Moving(part, on: growth.grownProgram()).set("new")
            #expect(try await Moving(part, on: growth.program(at: .closing)).get() == "new")
        }
    }

    @Test("An old value at the new server from earlier times is not taken for the value")
    func leftOver() async throws {
        try await withGrowth { growth in
            let handing = try cache(growth, on: growth.program(at: .handingOver))
            try await growth.new.command("SET", handing.key.text, "ancient")
            try await cache(growth, on: growth.program(at: nil)).set("value")
            #expect(try await handing.get() == "value")

            let missing = Moving(try growth.movingParts(2, prefix: "moving")[1], on: handing.pool)
            try await growth.new.command("SET", missing.key.text, "ancient")
            #expect(try await missing.get() == nil)
            #expect(handing.pool.handOver?.absent == 1)
        }
    }

    @Test("An increment is never lost nor done twice, while programs at two stages count at the same time")
    func counters() async throws {
        try await withGrowth { growth in
            let parts = try growth.movingParts(20, prefix: "count")
            let before = try growth.program(at: nil)
            for part in parts { try await Count(part, on: before).increment(by: 1000) }
            let pools = [try growth.program(at: .announced), try growth.program(at: .handingOver)]
            let rounds = 20
            let counted = try await withThrowingTaskGroup(of: [Int: [Int]].self) { group in
                for pool in pools {
                    for _ in 0..<3 {
                        group.addTask {
                            var counted: [Int: [Int]] = [:]
                            for _ in 0..<rounds {
                                for part in parts.shuffled() {
                                    counted[part, default: []].append(
                                        try await Count(part, on: pool).increment())
                                }
                            }
                            return counted
                        }
                    }
                }
                return try await group.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }
            }
            // Each increment has a number of its own, with no gap: they were carried out one after the other.
            for part in parts {
                #expect(counted[part]?.sorted() == Array(1001...(1000 + 6 * rounds)))
            }
        }
    }

    @Test("The markers that are left have a ttl, and no list of keys shows them")
    func markers() async throws {
        try await withGrowth { growth in
            try await cache(growth, on: growth.program(at: nil)).set("one")
            let pool = try growth.program(at: .handingOver)
            let cache = try cache(growth, on: pool)
            _ = try await cache.get()
            for server in growth.fleet.servers {
                let keys = try await server.command("KEYS", "caches:*").elements
                #expect(keys.count == 1, "\(server.name)")
                for key in keys {
                    let left = try await server.command("PTTL", #require(key.text)).integer ?? 0
                    #expect((1...5 * 3_600_000).contains(left))
                }
            }
            var listed: [String] = []
            for try await key in pool.keys() { listed.append(key) }
            #expect(listed == [cache.key.text])
        }
    }

    @Test("Two addresses of one server lose nothing")
    func sameServer() async throws {
        try await withGrowth { growth in
            let pool = try growth.program(at: nil)
            let cache = Moving(1, on: pool)
            try await cache.set("announced")
            let socket = try PoolConfiguration(dsns: ["unix://app:Xyzzy-1905@\(growth.old.socketPath)#a"])
            for stage in HandOver.Stage.allCases {
                try pool.enter(stage, socket)
                #expect(try await cache.get() == (pool.handOver?.stage.rawValue))
                try await cache.set(stage == .announced ? "handing over" : "closing")
            }
            pool.endStage()
            #expect(pool.handOver == nil)
            #expect(try await cache.get() == "closing")
        }
    }
}
