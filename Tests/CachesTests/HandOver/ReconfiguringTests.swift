import Caches
import CachesTesting
import TestSupport
import Testing

/// A pool that gets other servers.
@Suite struct ReconfiguringTests {
    private final class Value: Cache<String>, @unchecked Sendable {
        override class var prefix: String { "r" }
    }

    @Test("Without a hand-over the new servers are used at once, and the connections to the old ones close")
    func cold() async throws {
        try await withGrowth { growth in
            let pool = try growth.program(at: nil)
            try await Value(1, on: pool).set("one")
            try pool.reconfigure(to: growth.only(growth.new), handOver: nil)
            #expect(pool.handOver == nil)
            #expect(try pool.nodes.map(\.name) == ["b"])
            #expect(try await Value(1, on: pool).get() == nil)
            try await eventually { try await growth.old.clientCount(of: "caches") == 0 }
        }
    }

    @Test("The stages pass by themselves, each in its time")
    func byTime() async throws {
        try await withGrowth { growth in
            let pool = try growth.program(at: nil)
            try await Value(1, on: pool).set("one")
            let short = HandOver(notice: .milliseconds(20), window: .milliseconds(20))
            try pool.reconfigure(to: growth.only(growth.new), handOver: short)
            #expect(pool.handOver?.stage == .announced)
            #expect(try pool.nodes.map(\.name) == ["a", "b"])
            try await eventually { pool.handOver == nil }
            #expect(try pool.nodes.map(\.name) == ["b"])
            try await eventually { try await growth.old.clientCount(of: "caches") == 0 }
        }
    }

    @Test("A change that is asked for during a hand-over waits, and the last of several is made")
    func queued() async throws {
        try await withGrowth { growth in
            let pool = try growth.program(at: .handingOver)
            let lasting = HandOver(notice: .seconds(3600), window: .seconds(3600))
            try pool.reconfigure(to: growth.only(growth.new), handOver: lasting)
            try pool.reconfigure(to: growth.only(growth.old), handOver: lasting)
            let status = try #require(pool.handOver)
            #expect(status.stage == .handingOver)
            pool.endStage()
            pool.endStage()
            #expect(pool.handOver?.stage == .announced)
            #expect(pool.handOver?.from == status.to)
            #expect(pool.handOver?.to == status.from)
        }
    }

    @Test("A hand-over that was broken off does not begin again as long as it would read old values")
    func brokenOff() async throws {
        try await withGrowth { growth in
            let pool = try growth.program(at: .handingOver)
            let part = try growth.movingParts(1, prefix: "r")[0]
            try await Value(part, on: pool).set("1")
            try pool.reconfigure(to: growth.only(growth.old), handOver: nil)
            try await Value(part, on: pool).set("2")
            let error = #expect(throws: CachesError.self) { try pool.enter(.handingOver, growth.grown()) }
            #expect(error?.code == .configuration)
            #expect(pool.handOver == nil)
            #expect(try await Value(part, on: pool).get() == "2")
            // Another hand-over begins.
            try pool.enter(.handingOver, growth.only(growth.new))
            #expect(try await Value(part, on: pool).get() == "2")
        }
    }

    @Test("There and back again, every value is the last that was written")
    func back() async throws {
        try await withGrowth { growth in
            let pool = try growth.program(at: nil)
            let parts = Array(0..<50)
            try await Value.setMany(parts.map { ($0, "0") }, on: pool)
            for round in 1...3 {
                let target = round % 2 == 1 ? try growth.grown() : try growth.only(growth.old)
                for stage in HandOver.Stage.allCases {
                    try pool.enter(stage, target)
                    // At announced and closing some keys are touched, and all of them while keys are handed
                    // over.
                    let touched = stage == .handingOver ? parts : parts.filter { $0 % 3 == 0 }
                    for part in touched where stage != .closing || part % 2 == 0 {
                        try await Value(part, on: pool).set("\(round) \(stage)")
                    }
                    for part in touched {
                        let value = try #require(try await Value(part, on: pool).get())
                        #expect(value.hasPrefix("\(round)"), "\(stage) \(part)")
                    }
                }
                pool.endStage()
                #expect(pool.handOver == nil)
                for part in parts {
                    #expect(try await Value(part, on: pool).get()?.hasPrefix("\(round)") == true)
                }
            }
        }
    }

    @Test("Calls under way on a server that is not used any more end as they would have")
    func underWay() async throws {
        try await withGrowth { growth in
            let pool = try growth.program(at: nil)
            try await Value(1, on: pool).set("one")
            growth.old.pause()
            weak let node = try pool.nodes[0]
            let calls = try #require(node?.counters.calls)
            let call = Task { try await Value(1, on: pool).get() }
            try await eventually { try #require(node?.counters.calls) > calls }
            try pool.reconfigure(to: growth.only(growth.new), handOver: nil)
            try await eventually { node == nil }
            growth.old.resume()
            #expect(try await call.value == "one")
            try await eventually { try await growth.old.clientCount(of: "caches") == 0 }
        }
    }

    @Test("No call fails because servers change at once")
    func storm() async throws {
        try await withGrowth { growth in
            let pool = try growth.program(at: nil)
            for server in [growth.old, growth.new] { try await server.command("SET", "r.1", "one") }
            let changes = Task {
                var servers = [growth.new, growth.old]
                while !Task.isCancelled {
                    try pool.reconfigure(to: growth.only(servers[0]), handOver: nil)
                    servers.swapAt(0, 1)
                    try? await Task.sleep(for: .milliseconds(3))
                }
            }
            try await withThrowingDiscardingTaskGroup { group in
                for _ in 0..<8 {
                    group.addTask {
                        for _ in 0..<1000 {
                            let value = try await Value(1, on: pool).get()
                            #expect(value == "one")
                        }
                    }
                }
            }
            changes.cancel()
            try await changes.value
        }
    }

    @Test("Each server is told the new fingerprint as soon as the new servers are used")
    func fingerprint() async throws {
        try await withGrowth { growth in
            let pool = try growth.program(at: .announced)
            let before = try pool.fingerprint
            _ = try await Value(1, on: pool).get()
            try await eventually { try await growth.old.clientCount(of: "caches:\(before)") == 1 }
            pool.endStage()
            #expect(try pool.fingerprint != before)
            let after = try pool.fingerprint
            try await eventually { try await growth.old.clientCount(of: "caches:\(after)") == 1 }
            #expect(try await growth.old.clientCount(of: "caches") == 1)
        }
    }

    @Test("A wrong configuration is an error, and changes nothing")
    func wrong() async throws {
        try await withGrowth { growth in
            let pool = try growth.program(at: nil)
            let before = try pool.fingerprint
            var double = try growth.grown()
            double.nodes[1].name = "a"
            for (configuration, handOver, text) in [
                (PoolConfiguration(nodes: []), HandOver(), "at least one node"),
                (double, HandOver(), "the name a is that of the server"),
                (try growth.grown(), HandOver(notice: .seconds(-1), window: .zero), "notice"),
                (try growth.grown(), HandOver(notice: .zero, window: .seconds(1e9)), "window"),
            ] {
                let error = #expect(throws: CachesError.self) {
                    try pool.reconfigure(to: configuration, handOver: handOver)
                }
                #expect(error?.message.contains(text) == true, "\(String(describing: error))")
            }
            #expect(try pool.fingerprint == before)
            #expect(pool.handOver == nil)
            await pool.close()
            let error = #expect(throws: CachesError.self) { try pool.reconfigure(to: growth.grown()) }
            #expect(error?.code == .closed)
        }
    }

    @Test("A server that is gone hands nothing over and fails no call; one that hangs fails as it did before")
    func oldServerOut() async throws {
        try await withGrowth { growth in
            let parts = try growth.movingParts(3, prefix: "r")
            let pool = try growth.program(at: nil)
            for part in parts { try await Value(part, on: pool).set("one") }
            try pool.enter(.handingOver, growth.grown())

            growth.old.pause()
            let error = await #expect(throws: CachesError.self) {
                try await Value(parts[0], deadline: .milliseconds(100), on: pool).get()
            }
            #expect(error?.code == .timeout)
            growth.old.resume()
            #expect(try await Value(parts[0], on: pool).get() == "one")

            growth.old.kill()
            try await pool.seesDown("a")
            #expect(try await Value(parts[1], on: pool).get() == nil)
            try await Value(parts[2], on: pool).set("two")
            #expect(try await Value(parts[2], on: pool).get() == "two")
            #expect(pool.handOver?.lost == 2)
        }
    }

    @Test("A server that moves to another host keeps what the other has, if it is gone itself")
    func failover() async throws {
        try await withGrowth { growth in
            let pool = try growth.program(at: nil)
            try await Value(1, on: pool).set("one")
            try await growth.new.command("SET", "r.1", "from a replica")
            growth.old.kill()
            var moved = try growth.only(growth.new)
            moved.nodes[0].name = "a"
            try await pool.seesDown("a")
            try pool.enter(.handingOver, moved)
            #expect(try await Value(1, on: pool).get() == "from a replica")
            #expect(pool.handOver?.lost == 1)
        }
    }

    @Test("A name that only the new configuration has can be used as soon as it is announced")
    func newName() async throws {
        try await withGrowth { growth in
            for stage in HandOver.Stage.allCases {
                let pool = try growth.program(at: stage)
                try await Value(1, connection: "b", on: pool).set("\(stage)")
                #expect(try await Value(1, connection: "b", on: pool).get() == "\(stage)")
            }
            let shrinking = try growth.program(at: nil)
            try shrinking.enter(.handingOver, growth.only(growth.new))
            let error = await #expect(throws: CachesError.self) {
                try await Value(1, connection: "a", on: shrinking).get()
            }
            #expect(error?.code == .configuration)
        }
    }
}
