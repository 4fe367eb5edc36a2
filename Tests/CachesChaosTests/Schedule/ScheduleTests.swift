import Testing

@testable import caches_chaos

@Suite struct ScheduleTests {
    @Test("the same seed makes the same schedule, another seed another")
    func seeded() {
        #expect(Self.schedule(1) == Self.schedule(1))
        #expect(Self.schedule(1) != Self.schedule(2))
    }

    @Test("no server suffers two faults at a time, and at most half of them suffer at all", arguments: 1...50)
    func bounded(seed: UInt64) {
        let schedule = Self.schedule(seed)
        #expect(!schedule.faults.isEmpty)
        #expect(schedule.faults.map(\.begin) == schedule.faults.map(\.begin).sorted())
        for fault in schedule.faults {
            #expect(fault.begin < fault.end)
            #expect(fault.begin >= Schedule.quietStart && fault.end <= Self.duration - Schedule.quietEnd)
            let meanwhile = schedule.faults.filter { $0.begin <= fault.begin && $0.end >= fault.begin }
            #expect(meanwhile.count <= 2)
            #expect(Set(meanwhile.map(\.server)).count == meanwhile.count)
            #expect(fault.client.map { (0..<4).contains($0) } ?? true)
        }
    }

    @Test("every kind of fault comes about")
    func complete() {
        let kinds = Set((1...50).flatMap { Self.schedule($0).faults.map(\.kind.description) })
        for kind in ["kill, restart empty", "kill, restart with its data", "pause", "refuse"] {
            #expect(kinds.contains(kind))
        }
        for way in Fault.Way.allCases { #expect(kinds.contains("partition \(way.rawValue)")) }
        #expect(kinds.contains { $0.hasPrefix("delay") })
    }

    @Test("a run too short for faults has none")
    func short() {
        #expect(Schedule(seed: 1, microseconds: 1_000_000, servers: 5, clients: 1).faults.isEmpty)
    }

    private static let duration: Int64 = 120_000_000

    private static func schedule(_ seed: UInt64) -> Schedule {
        Schedule(seed: seed, microseconds: duration, servers: 5, clients: 4)
    }
}
