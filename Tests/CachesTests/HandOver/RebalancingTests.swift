import Caches
import CachesTesting
import Testing

/// The keys that a hand-over has left behind.
@Suite struct RebalancingTests {
    private final class Value: Cache<Int>, @unchecked Sendable {
        override class var prefix: String { "v" }
    }

    private let numbers = Array(0..<2500)

    @Test("Every key that belongs elsewhere is moved with its ttl, and no other key")
    func moves() async throws {
        try await withGrowth { growth in
            let before = try growth.program(at: nil)
            try await Value.setMany(numbers.map { ($0, $0) }, ttl: .seconds(1000), on: before)
            let now = try growth.grownProgram()
            let moving = try growth.moving(numbers, prefix: "v").count

            let trial = try await now.rebalance(from: growth.only(growth.old), isTrial: true)
            #expect(trial.moved == moving)
            #expect(try await growth.new.command("DBSIZE") == .integer(0))

            let report = try await now.rebalance(from: growth.only(growth.old))
            #expect(report.failures.isEmpty)
            #expect(report.moved == moving)
            #expect(report.nodes.map(\.visited) == [2500])
            #expect(try await Value.getMany(numbers, on: now) == numbers)
            #expect(try await Value(growth.movingParts(1, prefix: "v")[0], on: now).isLeft(900...1000))
            for number in try growth.movingParts(10, prefix: "v") {
                #expect(try await growth.holders(of: Value(number, on: now).key) == ["b"])
            }
            #expect(try await now.rebalance(from: growth.only(growth.old)).moved == 0)
        }
    }

    @Test("A value that is at the new server stays, and the old one goes")
    func keeps() async throws {
        try await withGrowth { growth in
            let part = try growth.movingParts(1, prefix: "v")[0]
            try await Value(part, on: growth.program(at: nil)).set(1)
            let now = try growth.grownProgram()
            try await Value(part, on: now).set(2)
            let report = try await now.rebalance(from: growth.only(growth.old))
            #expect(report.nodes.map(\.kept) == [1])
            #expect(try await Value(part, on: now).get() == 2)
            #expect(try await growth.holders(of: Value(part, on: now).key) == ["b"])
        }
    }

    @Test("A key that the new server refuses stays, and is moved when it is taken")
    func unmovable() async throws {
        try await withGrowth { growth in
            let part = try growth.movingParts(1, prefix: "v")[0]
            try await Value(part, on: growth.program(at: nil)).set(1)
            let now = try growth.grownProgram()
            try await growth.new.command("ACL", "SETUSER", "app", "-restore")
            for _ in 1...2 {
                let report = try await now.rebalance(from: growth.only(growth.old))
                #expect(report.nodes.map(\.unmovable) == [1])
                #expect(try await growth.holders(of: Value(part, on: now).key) == ["a"])
            }
            try await growth.new.command("ACL", "SETUSER", "app", "+restore")
            #expect(try await now.rebalance(from: growth.only(growth.old)).moved == 1)
            #expect(try await Value(part, on: now).get() == 1)
        }
    }

    @Test("Programs that hand over meanwhile lose nothing and read no old values")
    func besideHandOver() async throws {
        try await withGrowth { growth in
            let before = try growth.program(at: nil)
            try await Value.setMany(numbers.map { ($0, 0) }, on: before)
            let handing = try growth.program(at: .handingOver)
            let tool = try growth.grownProgram()
            let old = try growth.only(growth.old)
            let report = Task { try await tool.rebalance(from: old, maximumRate: 20_000) }
            let counted = try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        for number in numbers.shuffled() { try await Value(number, on: handing).increment() }
                    }
                }
                try await group.waitForAll()
                return try await Value.getMany(numbers, on: handing)
            }
            #expect(try await report.value.failures.isEmpty)
            #expect(counted == numbers.map { _ in 4 })
        }
    }

    @Test("Keys that were astray before stay, and so do keys that a glob does not match")
    func strays() async throws {
        try await withGrowth { growth in
            let now = try growth.grownProgram()
            try await growth.old.command("MSET", "v.1", "1", "other.1", "1")
            let smaller = try growth.only(growth.new)
            let report = try await now.rebalance(from: growth.grown(), matching: "other.*")
            #expect(report.moved + report.nodes.reduce(0) { $0 + $1.strays } <= 1)
            #expect(try await now.rebalance(from: smaller).nodes.map(\.node) == ["b"])
        }
    }

    @Test("A rate is kept")
    func rate() async throws {
        try await withGrowth { growth in
            try await Value.setMany(numbers.map { ($0, 0) }, on: growth.program(at: nil))
            let now = try growth.grownProgram()
            let start = ContinuousClock.now
            let report = try await now.rebalance(from: growth.only(growth.old), maximumRate: 5000)
            // The first pieces go at once, each of at most 256 keys.
            #expect(.now - start >= .seconds(Double(report.moved - 256) / 5000))
        }
    }

    @Test("A server that is down is named and stops no other")
    func down() async throws {
        try await withGrowth { growth in
            let now = try growth.grownProgram()
            growth.old.kill()
            let report = try await now.rebalance(from: growth.grown())
            #expect(report.nodes.map { $0.error?.code } == [.unreachable, nil])
            #expect(report.failures.map(\.node) == ["a"])
        }
    }

    @Test("An impossible rate is an error", arguments: [0, -1, .nan])
    func wrongRate(rate: Double) async throws {
        try await withGrowth { growth in
            let error = await #expect(throws: CachesError.self) {
                try await growth.grownProgram().rebalance(from: growth.grown(), maximumRate: rate)
            }
            #expect(error?.code == .invalidArgument)
        }
    }
}
