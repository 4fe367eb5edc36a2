import CachesTesting
import CachesTransport
import TestSupport
import Testing

@testable import CachesCluster

/// Calls on a cluster, one of whose servers fails during them.
@Suite struct ClusterFaultTests {
    @Test("A call that a server may have carried out before it left the cluster is not sent to another")
    func leaves() async throws {
        try await withLocalCluster(masters: 1, replicasPerMaster: 0) { cluster in
            let server = cluster.servers[0]
            let port = try #require(server.port)
            let proxy = try FaultProxy(to: server)
            let gate = try FaultProxy(to: server)
            gate.fault = .refuse
            let seed = try ScriptedServer([.answerUntil("CLUSTER"), .table(ofPort: proxy.port)])
            let dsn = "redis+cluster://127.0.0.1:\(seed.port),127.0.0.1:\(gate.port)#c"
            try await withPool([dsn]) { pool in
                try await pool.discover()
                #expect(try pool.port(of: "n") == proxy.port)
                let node = try pool.node(for: "n")
                _ = try await node.send("PING")
                proxy.fault = .blackHole(.toClient)
                let call = Task {
                    try await node.send(idempotent: false, forKey: true, deadline: .after(.seconds(20))) {
                        $0.words("INCR", "n")
                    }
                }
                try await eventually { try await server.command("GET", "n").text == "1" }
                // From now on only the others answer. Their table does not name the first any more, which is
                // closed.
                seed.stop()
                gate.fault = .none
                node.cluster?.requestRefresh()
                let error = await #expect(throws: CachesError.self) { try await call.value }
                #expect(error?.code == .connectionLost)
                #expect(error?.message.contains("left the cluster") == true, "\(error?.message ?? "")")
                #expect(try pool.port(of: "n") == port)
                // A later call that is for that server alone gets the same error, and not that the pool was
                // closed.
                let late = await #expect(throws: CachesError.self) { try await node.send("PING") }
                #expect(late?.code == .unreachable)
                #expect(late?.message.contains("left the cluster") == true)
                #expect(try await server.command("GET", "n").text == "1")
            }
            seed.stop()
            proxy.stop()
            gate.stop()
        }
    }

    @Test("A call that waits for a server that leaves the cluster, and may be made twice, is made by another")
    func leavesWhileReadsWait() async throws {
        try await withLocalCluster(masters: 1, replicasPerMaster: 0) { cluster in
            let server = cluster.servers[0]
            try await server.command("SET", "n", "7")
            let proxy = try FaultProxy(to: server)
            let gate = try FaultProxy(to: server)
            gate.fault = .refuse
            let seed = try ScriptedServer([.answerUntil("CLUSTER"), .table(ofPort: proxy.port)])
            let dsn = "redis+cluster://127.0.0.1:\(seed.port),127.0.0.1:\(gate.port)#c"
            try await withPool([dsn]) { pool in
                try await pool.discover()
                let node = try pool.node(for: "n")
                _ = try await node.send("PING")
                proxy.fault = .blackHole(.both)
                let calls = (0..<10).map { number in
                    Task {
                        let deadline = Deadline.after(.seconds(60))
                        guard number > 0 else {
                            let commands = ["n", "n"].map { key in
                                RoutedCommand(
                                    Route(key: KeyBytes(key), node: node), idempotent: true, bytes: 0
                                ) {
                                    $0.words("GET", key)
                                }
                            }
                            return try await node.carryOut(commands, deadline: deadline)[1].get().reply
                        }
                        return try await node.send(idempotent: true, forKey: true, deadline: deadline) {
                            $0.words("GET", "n")
                        }
                    }
                }
                seed.stop()
                gate.fault = .none
                node.cluster?.requestRefresh()
                for call in calls { #expect(try await call.value.text == "7") }
            }
            seed.stop()
            proxy.stop()
            gate.stop()
        }
    }

    @Test("A server that is down fails its own keys alone, also of those that were sent to another")
    func redirectedToOneThatIsDown() async throws {
        try await withLocalCluster(replicasPerMaster: 0, nodeTimeout: ClusterTests.calm) { cluster in
            let (well, down) = (
                try await cluster.master(ofSlot: HashSlot.slot(of: "a")),
                try await cluster.master(ofSlot: HashSlot.slot(of: "b"))
            )
            try #require(well !== down)
            down.kill()
            let port = try #require(well.port)
            try await withPool(["redis+cluster://127.0.0.1:\(port)#c"]) { pool in
                // Before a table is known, all go to the server of the DSN.
                let commands = try ["a", "b", "a"].map { key in
                    RoutedCommand(try pool.route(of: key), idempotent: true, bytes: 0) {
                        $0.words("SET", key, "v")
                    }
                }
                let results = await commands.carryOut(deadline: nil)
                #expect((try? results[0].get())?.reply == .status("OK"))
                #expect((try? results[2].get())?.reply == .status("OK"))
                let error = #expect(throws: CachesError.self) { try results[1].get() }
                #expect(error?.code == .unreachable)
            }
        }
    }

    @Test("A value that no server takes is refused, and no other server is tried for it")
    func tooLarge() async throws {
        let huge = [UInt8](repeating: 0x78, count: 512 << 20 + 1)
        try await withLocalCluster(masters: 1, replicasPerMaster: 0) { cluster in
            try await withPool([cluster.dsn]) { pool in
                try await pool.discover()
                let node = try pool.node(for: "key")
                let error = await #expect(throws: CachesError.self) {
                    try await node.send(idempotent: true, forKey: true, deadline: .after(.seconds(20))) {
                        $0.begin(3)
                        $0.argument("SET")
                        $0.argument("key")
                        $0.argument(huge)
                    }
                }
                #expect(error?.code == .tooLarge)
                #expect(try await node.send("ECHO", "next").text == "next")
            }
        }
    }
}

extension ScriptedServer.Step {
    /// The answer to `CLUSTER SLOTS` of a server that takes another for the owner of all slots.
    static func table(ofPort port: Int) -> Self {
        .send("*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:\(port)\r\n")
    }
}
