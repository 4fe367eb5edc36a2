import CachesTesting
import CachesTestingTraits
import Testing

@Suite("A test that asks for Sentinels")
struct SentinelTraitTests {
    private static let small = LocalSentinelGroup.Options(replicas: 0, sentinels: 1, service: "sessions")

    @Test("A test that asks for Sentinels has a group like the one it asked for", .sentinels(small))
    func has() async throws {
        let group = try #require(LocalSentinelGroup.current)
        #expect(group.servers.count == 1)
        let address = try await group.sentinels[0].command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "sessions")
        #expect(address.elements.last?.text == group.servers[0].port.map(String.init))
    }

    @Test("A test that asks for Sentinels has a new one for each case", .sentinels(small), arguments: [1, 2])
    func cases(number: Int) async throws {
        let master = try await #require(LocalSentinelGroup.current).master()
        #expect(try await master.command("INCR", "cases").integer == 1)
    }

    @Test("A test that asks for Sentinels has none without asking")
    func none() {
        #expect(LocalSentinelGroup.current == nil)
    }

    @Suite("A suite that asks", .sentinels(small))
    struct Inherited {
        @Test("Each test of a suite that asks has its own", arguments: ["a", "b"])
        func each(name: String) async throws {
            let master = try await #require(LocalSentinelGroup.current).master()
            #expect(try await master.command("DBSIZE").integer == 0)
            try await master.command("SET", "key", "value")
        }
    }
}
