import Caches
import CachesTesting
import CachesTestingTraits
import Testing

@Test(.fleet(nodes: 2))
func isOutWhenItHangs() async throws {
    let fleet = try #require(LocalFleet.current)
    let proxy = try FaultProxy(to: fleet.servers[0])
    let pool = try CachePool([proxy.dsn, fleet.dsns[1]])
    let (node, events) = (try pool.nodes[0], pool.events)
    _ = try await node.send("PING")
    proxy.fault = .blackHole(.toClient)
    await #expect(throws: CachesError.self) { try await node.send("PING") }
    for await event in events where event.to == .ejected { break }
    #expect(node.isOut)
    await pool.close()
}
