import CachesTesting
import CachesTestingTraits
import Testing

@Suite("A test that asks for a cluster")
struct ClusterTraitTests {
    @Test(
        "A test that asks for a cluster has one of as many masters as it asked for",
        .cluster(masters: 2, replicasPerMaster: 0, options: LocalServer.Options(name: "a")))
    func has() async throws {
        let cluster = try #require(LocalCluster.current)
        #expect(try await cluster.masters().map(\.name) == ["a1", "a2"])
    }

    @Test(
        "A test that asks for a cluster has a new one for each case",
        .cluster(masters: 1, replicasPerMaster: 0), arguments: [1, 2])
    func cases(number: Int) async throws {
        let master = try await #require(LocalCluster.current).master(ofSlot: 0)
        #expect(try await master.command("INCR", "cases").integer == 1)
    }

    @Test("A test that asks for a cluster has none without asking")
    func none() {
        #expect(LocalCluster.current == nil)
    }

    @Suite("A suite that asks", .cluster(masters: 1, replicasPerMaster: 0))
    struct Inherited {
        @Test("Each test of a suite that asks has its own", arguments: ["a", "b"])
        func each(name: String) async throws {
            let server = try await #require(LocalCluster.current).master(ofSlot: 0)
            #expect(try await server.command("DBSIZE").integer == 0)
            try await server.command("SET", "key", "value")
        }
    }
}
