import CachesTesting
import CachesTestingTraits
import Synchronization
import Testing

@Suite("A test that asks for a fleet")
struct FleetTraitTests {
    @Test("A test that asks for a fleet has one of as many nodes as it asked for", .fleet(nodes: 3))
    func has() async throws {
        let fleet = try #require(LocalFleet.current)
        #expect(fleet.servers.map(\.name) == ["redis1", "redis2", "redis3"])
        for server in fleet.servers { #expect(try await server.command("PING").text == "PONG") }
    }

    @Test(
        "A test that asks for a fleet can choose the options of each node",
        .fleet([LocalServer.Options(name: "a", transport: .unix)]))
    func options() async throws {
        let fleet = try #require(LocalFleet.current)
        #expect(fleet.servers.map(\.name) == ["a"])
        #expect(fleet.servers[0].port == nil)
    }

    @Test("A test that asks for a fleet has a new one for each case", .fleet(nodes: 1), arguments: [1, 2])
    func cases(number: Int) async throws {
        let server = try #require(LocalFleet.current).servers[0]
        #expect(try await server.command("INCR", "cases").integer == 1)
    }

    @Test("A test that asks for a fleet has none without asking")
    func none() {
        #expect(LocalFleet.current == nil)
    }

    @Suite("A suite that asks", .fleet(nodes: 1))
    struct Inherited {
        @Test("Each test of a suite that asks has its own", arguments: ["a", "b"])
        func each(name: String) async throws {
            let server = try #require(LocalFleet.current).servers[0]
            #expect(try await server.command("DBSIZE").integer == 0)
            try await server.command("SET", "key", "value")
        }
    }
}
