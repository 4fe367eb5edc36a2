import Testing

@testable import CachesTesting

@Suite("A cluster's failover")
struct ClusterFailoverTests {
    @Test(
        "A cluster's failover by command swaps master and replica, and keeps the written keys",
        arguments: [false, true])
    func command(usesTLS: Bool) async throws {
        let options = LocalServer.Options(transport: usesTLS ? .tls() : .tcp)
        try await withLocalCluster(options: options, nodeTimeout: .seconds(2)) { cluster in
            let old = try await cluster.master(ofSlot: 15_495)
            let slots = try await cluster.slots(of: old)
            try await old.command("SET", "a", "1")
            let replicas = try await cluster.replicas(of: old)

            let new = try await cluster.failOver(old)
            #expect(replicas.contains { $0 === new })
            #expect(try await new.command("GET", "a").text == "1")
            #expect(try await cluster.master(ofSlot: 15_495) === new)
            #expect(try await cluster.slots(of: new) == slots)
            #expect(try await cluster.failOver(new) === old)
            try await cluster.waitUntilSettled()
            #expect(try await cluster.replicas(of: old).contains { $0 === new })
        }
    }

    @Test(
        "A cluster's failover comes when a master is killed, and is timed; the old master returns as a replica"
    )
    func killed() async throws {
        try await withLocalCluster(nodeTimeout: .seconds(1)) { cluster in
            let old = try await cluster.master(ofSlot: 0)
            old.kill()
            let outage = try await cluster.waitForFailover(of: old)
            #expect(outage > .seconds(1))
            let new = try await cluster.master(ofSlot: 0)
            #expect(new !== old)

            try await old.restart()
            try await cluster.waitUntilSettled()
            #expect(try await cluster.masters().contains { $0 === old } == false)
            #expect(try await cluster.slots(of: old).isEmpty)
        }
    }

    @Test("A cluster's failover comes when a master is paused, which then learns that it is a replica")
    func paused() async throws {
        try await withLocalCluster(nodeTimeout: .seconds(1)) { cluster in
            let old = try await cluster.master(ofSlot: 0)
            old.pause()
            try await cluster.waitForFailover(of: old)
            let new = try await cluster.master(ofSlot: 0)
            #expect(new !== old)
            old.resume()
            try await cluster.waitUntilSettled()
            #expect(try await cluster.slots(of: old).isEmpty)
        }
    }

    @Test("A cluster's failover is refused if there is no server to take over, or no failover to wait for")
    func refused() async throws {
        try await withLocalCluster(masters: 2, replicasPerMaster: 0) { cluster in
            let server = cluster.servers[0]
            func message(_ body: () async throws -> Void) async throws -> String {
                do {
                    try await body()
                    return ""
                } catch let error as FleetError {
                    return error.message
                }
            }
            let alone = try await message { try await cluster.failOver(server) }
            #expect(alone.contains("no replica"))
            let serving = try await message { try await cluster.waitForFailover(of: server) }
            #expect(serving.contains("serves"))
            server.kill()
            let down = try await message { try await cluster.failOver(server) }
            #expect(down.contains("not a running master"))
            let late = try await message {
                try await cluster.waitForFailover(of: server, deadline: .milliseconds(100))
            }
            #expect(late.contains("cluster2") && late.contains("log ends with"))
            try await withLocalFleet(nodes: 1) { fleet in
                let strange = try await message { try await cluster.failOver(fleet.servers[0]) }
                #expect(strange.contains("not a server of"))
            }
        }
    }
}
