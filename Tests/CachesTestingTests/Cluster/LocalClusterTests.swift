import Testing

@testable import CachesTesting

@Suite("A local cluster")
struct LocalClusterTests {
    @Test(
        "serves every slot, with a replica for each master",
        arguments: [
            LocalServer.Options(), .init(transport: .tls()), .init(access: .password("p@ss w:rd/#?%")),
            .init(name: "c", transport: .tls(), access: .user("app", password: "s3cr:et@")),
        ])
    func starts(options: LocalServer.Options) async throws {
        try await withLocalCluster(options: options, nodeTimeout: .seconds(15)) { cluster in
            #expect(cluster.servers.count == 6)
            let masters = try await cluster.masters()
            #expect(masters.map(\.name) == cluster.servers.prefix(3).map(\.name))
            for (index, master) in masters.enumerated() {
                let replicas = try await cluster.replicas(of: master)
                #expect(replicas.map(\.name) == [cluster.servers[3 + index].name])
            }
            let slots = try await masters.asyncMap { try await cluster.slots(of: $0) }
            #expect(slots == [[0...5460], [5461...10921], [10922...16383]])
            #expect(try await cluster.master(ofSlot: 16383) === masters[2])
        }
    }
}

extension Sequence {
    func asyncMap<Value>(_ body: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await body(element)) }
        return values
    }
}
