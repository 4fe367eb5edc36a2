import Testing

@testable import caches_chaos

@Suite struct ScheduleTests {
    @Test("The same seed makes the same schedule, another seed another")
    func seeded() {
        #expect(Self.schedule(1) == Self.schedule(1))
        #expect(Self.schedule(1) != Self.schedule(2))
    }

    @Test(
        "No server and no process suffers two faults at a time, and at most half of the servers suffer for all clients",
        arguments: 1...50)
    func bounded(seed: UInt64) {
        let schedule = Self.schedule(seed)
        #expect(!schedule.faults.isEmpty)
        #expect(schedule.faults.map(\.begin) == schedule.faults.map(\.begin).sorted())
        for fault in schedule.faults {
            #expect(fault.begin < fault.end && fault.end <= Self.duration - Schedule.quietEnd)
            #expect(fault.begin >= Schedule.quietStart || fault.kind == .lateStart)
            #expect(fault.client.map { (0..<4).contains($0) } ?? true)
            #expect((fault.server == nil) == fault.kind.isOfClient)
            let meanwhile = schedule.faults.filter { $0.begin <= fault.begin && $0.end >= fault.begin }
            let servers = meanwhile.compactMap(\.server)
            #expect(Set(servers).count == servers.count)
            let processes = meanwhile.filter(\.kind.isOfClient).compactMap(\.client)
            #expect(Set(processes).count == processes.count)
            #expect(meanwhile.count { $0.server != nil && $0.client == nil && !$0.kind.isInstant } <= 2)
        }
    }

    @Test("Every kind of fault comes about in two minutes", arguments: 1...20)
    func complete(seed: UInt64) {
        let faults = Self.schedule(seed).faults
        let kinds = Set(faults.map(\.kind.description))
        for kind in [
            "kill, restart empty", "kill, restart with its data", "pause", "refuse", "flush", "hang-up",
            "client stopped", "client killed", "client late",
        ] {
            #expect(kinds.contains(kind))
        }
        #expect(kinds.contains { $0.hasPrefix("partition") } && kinds.contains { $0.hasPrefix("delay") })
        // One client alone loses several servers at once; two servers freeze at once; and a server loses its
        // data while another is out for everybody.
        let groups = Dictionary(grouping: faults, by: \.begin).values
        #expect(groups.contains { $0.count > 1 && $0.allSatisfy { $0.client != nil && $0.server != nil } })
        #expect(groups.contains { $0.count { $0.kind == .pause } == 2 })
        #expect(
            faults.contains { fault in
                fault.kind.empties
                    && faults.contains {
                        $0.begin < fault.begin && fault.end < $0.end && $0.client == nil
                            && $0.server != nil
                    }
            })
    }

    @Test("Most of the servers go for one client at a time, in some schedules")
    func panic() {
        let groups = (1...20).flatMap { Dictionary(grouping: Self.schedule($0).faults, by: \.begin).values }
        #expect(groups.contains { $0.count > 2 && Set($0.map(\.client)).count == 1 && $0[0].client != nil })
    }

    @Test("Two servers and one client are enough")
    func small() {
        let schedule = Schedule(seed: 1, microseconds: Self.duration, servers: 2, clients: 1)
        #expect(schedule.faults.count > 20)
        #expect(!schedule.faults.contains { $0.kind == .lateStart })
    }

    @Test("A run too short for faults has none")
    func short() {
        #expect(Schedule(seed: 1, microseconds: 1_000_000, servers: 5, clients: 1).faults.isEmpty)
    }

    private static let duration: Int64 = 120_000_000

    private static func schedule(_ seed: UInt64) -> Schedule {
        Schedule(seed: seed, microseconds: duration, servers: 5, clients: 4)
    }
}
