import Caches
import CachesCluster
import CachesTesting
import Synchronization
import TestSupport
import Testing

/// A server that returns, and whose `TIME` is a number that no clock shows.
@Suite struct ReturnClockTests {
    private final class Page: Cache<String>, @unchecked Sendable {
        override class var prefix: String { "page" }
    }

    @Test("A server that tells an impossible time is used again, and its old values are not taken for new")
    func clock() async throws {
        try await withLocalFleet(nodes: 2, options: LocalServer.Options()) { fleet in
            let most = "9223372036854775807"
            let isOut = Mutex(false)
            let asked = Mutex(0)
            let hostile = try HostileServer(before: fleet.servers[0]) { command in
                if isOut.withLock({ $0 }) { return .reset }
                // As a script, or as a command of its own.
                guard command.name == "TIME" || command.text(1)?.hasSuffix("redis.call('TIME')") == true
                else { return .truth }
                asked.withLock { $0 += 1 }
                return .text("*2\r\n$19\r\n\(most)\r\n$19\r\n\(most)\r\n")
            }
            var configuration = try PoolConfiguration(dsns: [hostile.dsn(), fleet.dsns[1]]).patient
            configuration.health.retryCap = .milliseconds(500)
            let pool = try CachePool(configuration)
            let node = try pool.nodes[0]
            let part = try #require(
                try (0..<100).first {
                    try pool.node(for: Page.key($0).text).name == node.name
                })
            let cache = Page(part, outagePolicy: .gutter(ttl: .seconds(600)), on: pool)
            try await cache.set("before")
            isOut.withLock { $0 = true }
            try await eventually {
                _ = try? await cache.get()
                return node.isOut
            }
            try await cache.set("during")
            isOut.withLock { $0 = false }
            try await eventually { !node.isOut }
            #expect(asked.withLock { $0 } > 0)
            #expect(try await cache.get() != "before")
            await pool.close()
            hostile.stop()
        }
    }
}
