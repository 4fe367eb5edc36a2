import Caches
import CachesTesting
import Testing

@testable import caches_fuzz

@Suite("The stage of a round")
struct StageTests {
    @Test(
        "The stage of a round is a sound fleet as long as nobody lies",
        arguments: RoundPlan.Arrangement.allCases)
    func sound(arrangement: RoundPlan.Arrangement) async throws {
        let plan = try #require(
            (0..<1000).lazy.map { RoundPlan(seed: 1, number: $0, without: Set(HostileServer.Lie.allCases)) }
                .first { $0.arrangement == arrangement && $0.outage.isEmpty })
        let judge = Judge(ignoring: [])
        try await withLocalFleet([LocalServer.Options(databases: Stage.databases)]) { fleet in
            let stage = try Stage(
                plan, liar: Liar(plan, trace: nil), judge: judge, before: fleet.servers[0], database: 0)
            for key in 0..<5 {
                let cache = ValueCache(key, deadline: .seconds(30), on: stage.pool)
                try await cache.set("value \(key)")
                #expect(try await cache.get() == "value \(key)")
            }
            await stage.end()
        }
        #expect(judge.take().isEmpty)
    }

    @Test("The lies of a round are the same for the same seed")
    func seeds() throws {
        for number in 0..<200 {
            let plans = (0..<2).map { _ in RoundPlan(seed: 7, number: number, without: []) }
            #expect(plans[0].arrangement == plans[1].arrangement && plans[0].lies == plans[1].lies)
            let commands = ["GET", "SET", "PING", "GET"].enumerated().map { index, name in
                HostileServer.Command(name: name, truth: "+OK\r\n", index: index)
            }
            let answers = plans.map { plan in
                let liar = Liar(plan, trace: nil)
                liar.begin(3)
                return commands.map { liar.answer($0, by: 0) }
            }
            #expect(answers[0] == answers[1])
            // Signs of life in between change nothing.
            let liar = Liar(plans[0], trace: nil)
            liar.begin(3)
            _ = liar.answer(commands[2], by: 0)
            #expect(liar.answer(commands[0], by: 0) == answers[0][0])
        }
    }
}
