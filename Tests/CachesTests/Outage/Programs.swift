import Caches
import CachesCluster
import CachesTesting
import Synchronization
import TestSupport
import Testing

/// Servers that keep their data, and programs that use them: each has its own pool.
final class Outage: Sendable {
    let fleet: LocalFleet
    private let pools = Mutex<[CachePool]>([])

    fileprivate init(_ fleet: LocalFleet) { self.fleet = fleet }

    /// A program, connected to all servers, if need be by its own proxies.
    func program(
        by proxies: [FaultProxy]? = nil, _ change: (inout PoolConfiguration) -> Void = { _ in }
    ) async throws -> CachePool {
        var configuration = try PoolConfiguration(dsns: proxies?.map(\.dsn) ?? fleet.dsns).patient
        // The servers have just started: nobody wrote their earlier data.
        configuration.returnRules.lossMargin = .zero
        // A stand-in keeps its values as long as a busy machine may need.
        configuration.outagePolicy = .gutter(ttl: .seconds(3600))
        change(&configuration)
        let pool = try CachePool(configuration)
        pools.withLock { $0.append(pool) }
        for node in try pool.nodes { _ = try await node.send("PING") }
        return pool
    }

    /// A proxy before each server.
    func proxies() throws -> [FaultProxy] { try fleet.servers.map { try FaultProxy(to: $0) } }

    fileprivate func endPrograms() async {
        for pool in pools.withLock({ $0 }) { await pool.close() }
    }

    /// The server that owns a cache's key, and the one that stands in for it.
    func places(of cache: CacheEntry) throws -> (owner: LocalServer, standIn: LocalServer) {
        let order = try cache.pool.failoverOrder(of: cache.key.text)
        return (try #require(fleet[order[0].name]), try #require(fleet[order[1].name]))
    }
}

extension CachePool {
    /// Waits until a server is out for the program; some call has to find out first.
    func losesSight(of server: LocalServer) async throws {
        let node = try nodes(connection: ConnectionName(server.name))[0]
        try await eventually { node.isOut }
    }

    /// Waits until a server is used again.
    func seesAgain(_ server: LocalServer) async throws {
        let node = try nodes(connection: ConnectionName(server.name))[0]
        try await eventually { !node.isOut }
    }
}

/// Runs a test on servers that go out and return, as a user with the rights of the production user.
func withOutage(nodes: Int = 3, _ test: (Outage) async throws -> Void) async throws {
    let options = LocalServer.Options(access: LeastPrivilege.access, keepsData: true)
    try await withLocalFleet(nodes: nodes, options: options) { fleet in
        let outage = Outage(fleet)
        do {
            try await test(outage)
            await outage.endPrograms()
        } catch {
            await outage.endPrograms()
            throw error
        }
    }
}
