import Logging
import Testing

@testable import CachesCluster

/// The number of lines that a server can make this process write.
@Suite struct LimitedLogTests {
    private let now = ContinuousClock.now

    @Test("A burst of a message, then one now and then, which tells how many were left out")
    func budget() {
        var budget = LogBudget()
        #expect((0..<1000).count { _ in budget.admits("a", now: now) != nil } == LogBudget.burst)
        #expect(budget.admits("a", now: now + LogBudget.interval) == 1000 - LogBudget.burst)
        #expect(budget.admits("a", now: now + LogBudget.interval) == nil)
        #expect(budget.admits("a", now: now + LogBudget.interval * 2) == 1)
        #expect(budget.admits("a", now: now + .seconds(3600)) == 0)
    }

    @Test("Messages don't take each other's room, and few are kept")
    func messages() {
        var budget = LogBudget()
        for _ in 0..<1000 { _ = budget.admits("a", now: now) }
        #expect(budget.admits("b", now: now) == 0)
        for number in 0..<10_000 { #expect(budget.admits("\(number)", now: now) == 0) }
    }

    @Test("A limited logger passes on each allowed message, and is no louder than the logger that it limits")
    func logger() {
        let log = LogRecorder()
        let limited = log.logger.limited()
        #expect(limited.logLevel == log.logger.logLevel)
        for _ in 0..<500 { limited.warning("node down", metadata: ["node": "a", "error": "gone"]) }
        limited.notice("node up again", metadata: ["node": "a"])
        #expect(log.lines.count { $0.message == "node down" } == LogBudget.burst)
        #expect(
            log.lines.first
                == .init(level: .warning, message: "node down", node: "a", address: nil, error: "gone"))
        #expect(log.lines.last?.message == "node up again")
    }

    @Test("A cluster has its own budget, and so has a pool")
    func ownBudgets() throws {
        let log = LogRecorder()
        let pool = try CachePool(
            PoolConfiguration(dsns: ["redis://h#a", "redis+cluster://h2#b"]), logger: log.logger)
        let cluster = try #require(
            pool.topology?.all.members.compactMap {
                if case .cluster(let cluster) = $0 { cluster } else { nil }
            }.first)
        for _ in 0..<500 { cluster.logger.warning("x") }
        for _ in 0..<500 { pool.logger.warning("x") }
        #expect(log.lines.count == 2 * LogBudget.burst)
    }

    @Test("The handshakes of a pool are its own, and those of a cluster in it")
    func handshakes() throws {
        let pools = try (0..<2).map { _ in
            try CachePool(["redis://h#a", "redis://h1#c", "redis+cluster://h2#b"])
        }
        let budgets = try pools.map { try $0.nodes.map { ObjectIdentifier($0.handshakes) } }
        #expect(budgets[0][0] == budgets[0][1])
        #expect(Set(budgets.joined()).count == 4)
    }
}
