import Caches
import CachesTesting
import Testing

/// Every kind of call, while keys are on their way.
@Suite struct HandOverOperationsTests {
    private final class Value: Cache<Int>, @unchecked Sendable {
        override class var prefix: String { "v" }
    }

    private static let stages: [HandOver.Stage] = [.announced, .handingOver]

    @Test("Collections, gates and locks move as a whole", arguments: stages)
    func kinds(stage: HandOver.Stage) async throws {
        try await withGrowth { growth in
            let before = try growth.program(at: nil)
            let part = try growth.movingParts(1, prefix: "k.d")[0]
            func dict(_ pool: CachePool) -> DictCache<String, Int> { .init(part, prefix: "k.d", on: pool) }
            func set(_ pool: CachePool) -> SetCache<String> { .init(part, prefix: "k.s", on: pool) }
            func sorted(_ pool: CachePool) -> SortedSetCache<String> { .init(part, prefix: "k.z", on: pool) }
            func gate(_ pool: CachePool) -> SentinelCache { .init(part, prefix: "k.g", on: pool) }
            func lock(_ pool: CachePool) -> LockCache { .init(part, prefix: "k.l", on: pool) }

            try await dict(before).update(with: ["one": 1, "two": 2])
            try await set(before).insert("a")
            try await sorted(before).add("al", score: 2.5)
            #expect(try await gate(before).claim())
            let held = try #require(try await lock(before).tryAcquire())

            let pool = try growth.program(at: stage)
            #expect(try await dict(pool).copy() == ["one": 1, "two": 2])
            try await dict(pool).set("three", to: 3, ttl: .seconds(100))
            #expect(try await dict(pool).count == 3)
            #expect(try await set(pool).insert("b"))
            #expect(try await set(pool).union(SetCache<String>("none", on: pool)) == ["a", "b"])
            try await sorted(pool).add("bo", score: 1)
            #expect(try await sorted(pool).popMin()?.element == "bo")
            var elements: [String] = []
            for try await (_, element) in sorted(pool).ascending { elements.append(element) }
            #expect(elements == ["al"])
            #expect(try await !gate(pool).claim())
            #expect(try await lock(pool).tryAcquire() == nil)
            try await held.release()
        }
    }

    @Test("Many at once: each key on its server, in the order asked", arguments: stages)
    func many(stage: HandOver.Stage) async throws {
        try await withGrowth { growth in
            let before = try growth.program(at: nil)
            let numbers = Array(0..<600)
            try await Value.setMany(numbers.map { ($0, $0) }, on: before)
            let pool = try growth.program(at: stage)
            // Half of the keys that move have moved already.
            let other = try growth.program(at: .handingOver)
            for number in numbers where number % 2 == 0 { _ = try await Value(number, on: other).get() }

            #expect(try await Value.getMany(numbers, on: pool) == numbers)
            try await Value.setMany(numbers.map { ($0, -$0) }, on: pool)
            #expect(try await Value.getMany(numbers, on: other) == numbers.map { -$0 })
            var batched: [BatchResult<Int>] = []
            try await pool.batch { b in
                for number in numbers { batched.append(b.increment(Value(number), by: number)) }
            }
            #expect(try batched.map { try $0.value } == numbers.map { _ in 0 })
            #expect(try await Value.clearMany(numbers.prefix(300), on: pool) == 300)
            #expect(try await Value.getMany(numbers, on: other).compactMap(\.self).count == 300)
        }
    }

    @Test("More keys than are moved at a time")
    func thousands() async throws {
        try await withGrowth { growth in
            let numbers = Array(0..<5000)
            try await Value.setMany(numbers.map { ($0, $0) }, on: growth.program(at: nil))
            let pool = try growth.program(at: .handingOver)
            #expect(try await Value.getMany(numbers, on: pool) == numbers)
            let status = try #require(pool.handOver)
            #expect(status.moved == (try growth.moving(numbers, prefix: "v").count))
            #expect(status.lost == 0)
        }
    }

    @Test("A transaction is carried out once and whole, on whichever side its keys are", arguments: stages)
    func transaction(stage: HandOver.Stage) async throws {
        try await withGrowth { growth in
            // The tag alone decides where a key lives.
            let tag = try growth.movingParts(1, prefix: "t")[0]
            let keys = (0..<3).map { Value.key("{t.\(tag)}", $0) }
            let before = try growth.program(at: nil)
            for key in keys { try await Value(key: key, on: before).set(10) }
            let pool = try growth.program(at: stage)
            // One of the three has moved before.
            let other = try growth.program(at: .handingOver)
            if stage == .announced { _ = try await Value(key: keys[1], on: other).get() }
            let sums = try await pool.transaction { t in
                (
                    t.increment(Value(key: keys[0])), t.increment(Value(key: keys[1])),
                    t.increment(Value(key: keys[2]))
                )
            }
            #expect(sums == (11, 11, 11))
            for key in keys { #expect(try await Value(key: key, on: other).get() == 11) }
        }
    }

    @Test("Keys that are cleared by a glob are gone on both sides", arguments: stages)
    func clear(stage: HandOver.Stage) async throws {
        try await withGrowth { growth in
            let numbers = Array(0..<300)
            try await Value.setMany(numbers.map { ($0, $0) }, on: growth.program(at: nil))
            let pool = try growth.program(at: stage)
            let other = try growth.program(at: .handingOver)
            for number in numbers.prefix(100) { _ = try await Value(number, on: other).get() }
            let report = try await pool.clear(matching: "v.*")
            #expect(report.removed == 300)
            #expect(try await Value.getMany(numbers, on: other).allSatisfy { $0 == nil })
        }
    }

    @Test("An error of the server is an error of the call", arguments: stages)
    func serverErrors(stage: HandOver.Stage) async throws {
        try await withGrowth { growth in
            let part = try growth.movingParts(1, prefix: "v")[0]
            try await SetCache<String>(part, prefix: "v", on: growth.program(at: nil)).insert("a")
            let pool = try growth.program(at: stage)
            let error = await #expect(throws: CachesError.self) { try await Value(part, on: pool).get() }
            #expect(error?.code.serverName == "WRONGTYPE")
            #expect(try await Value.getMany([part], on: pool) == [nil])
            await #expect(throws: CachesError.self) { try await Value(part, on: pool).increment() }
        }
    }
}
