import CachesTesting
import CachesTransport
import TestSupport
import Testing

@testable import CachesCluster

/// Real Sentinels that list others that are gone, or that name addresses which this process can't reach.
@Suite struct SentinelAddressTests {
    @Test("Sentinels that are listed and gone cost a lost connection no time")
    func gone() async throws {
        try await withLocalSentinelGroup(.init(replicas: 0, sentinels: 6)) { group in
            let (living, gone) = (group.sentinels.prefix(2), group.sentinels.dropFirst(2))
            // As if their machines had vanished: a question gets no answer, not even a refusal.
            for sentinel in gone { sentinel.pause() }
            for sentinel in living {
                try await eventually { try await sentinel.downSentinels() == gone.count }
            }
            try await withSentinelPool([group.dsn(of: Array(living))]) {
                $0.deadline = .seconds(120)
                $0.nodes[0].connection.connectTimeout = .seconds(120)
            } _: { pool in
                let node = try pool.nodes[0]
                let server = try await group.master()
                for _ in 0..<3 {
                    // Answers are waited for up to half the time for opening.
                    let start = ContinuousClock.now
                    try await eventually { (try? await node.send("PING")) != nil }
                    #expect(ContinuousClock.now - start < .seconds(30))
                    #expect(node.sentinelAnswers.count == 6)
                    try await server.command("CLIENT", "KILL", "TYPE", "normal")
                }
            }
            for sentinel in gone { sentinel.resume() }
        }
    }

    @Test("A group whose addresses can't be reached is used through the mapped ones, also after a failover")
    func mapped() async throws {
        try await withLocalSentinelGroup(.init(replicas: 1)) { group in
            let processes = group.servers + group.sentinels
            let proxies = try processes.map { try FaultProxy(to: $0) }
            let map = zip(processes, proxies).map { "127.0.0.1:\($0.port ?? 0)=127.0.0.1:\($1.port)" }
            // The DSN names one Sentinel, by its way.
            let dsn =
                "redis+sentinel://127.0.0.1:\(proxies[2].port)/mymaster/0?map=\(map.joined(separator: ","))"
                + "&refresh-interval=100ms#main"
            let ways = Set(proxies.map { Endpoint.tcp(host: "127.0.0.1", port: $0.port) })
            try await withSentinelPool([dsn]) { pool in
                let node = try pool.nodes[0]
                try await eventually { (try? await node.send("SET", "key", "value")) != nil }
                #expect(try ways.contains(#require(node.session?.endpoint)))
                try await eventually { node.sentinelAnswers.count == 3 }
                #expect(node.sentinelAnswers.allSatisfy { ways.contains($0.sentinel) })
                try await eventually { pool.replica(of: node) != nil }
                let replica = try #require(pool.replica(of: node))
                #expect(ways.contains(replica.configuration.connection.endpoint))
                #expect(try await replica.send("PING") == .status("PONG"))

                let master = try await group.master()
                try await group.failOver()
                _ = try await group.waitForFailover(from: master)
                // The former primary may take a write until it hears of the new one.
                let successor = try await group.master()
                try await eventually {
                    _ = try? await node.send("SET", "key", "other")
                    return try await successor.command("GET", "key").text == "other"
                }
                #expect(try ways.contains(#require(node.session?.endpoint)))
            }
            for proxy in proxies { proxy.stop() }
        }
    }
}

extension LocalServer {
    /// How many Sentinels this one takes for down.
    fileprivate func downSentinels() async throws -> Int {
        let answer = try await command("SENTINEL", "SENTINELS", "mymaster")
        return answer.elements.count { sentinel in
            sentinel.elements.contains { $0.text?.contains("s_down") == true }
        }
    }
}
