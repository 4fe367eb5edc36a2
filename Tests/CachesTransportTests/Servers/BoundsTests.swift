import CachesTesting
import Testing

@testable import CachesTransport

/// The most that a server may cost the process that connects to it.
@Suite struct BoundsTests {
    @Test("A line without end is an error that says how long one may be")
    func line() async throws {
        let peer = try ScriptedServer([
            .answerUntil("GET"), .send("+" + String(repeating: "x", count: 70_000)),
        ])
        try await withConnection(ConnectionConfiguration(peer)) { connection in
            let error = await #expect(throws: CachesError.self) { try await connection.send("GET", "key") }
            #expect(error?.code == .protocolViolation)
            #expect(error?.node == "scripted")
            #expect(error?.message.contains("a line of more than 65536 bytes") == true, "\(error!)")
        }
        peer.stop()
    }

    @Test("The bytes that come before a connection is open are bounded")
    func greeting() async throws {
        let value = String(repeating: "x", count: 300_000)
        let peer = try ScriptedServer([.receive, .send("$\(value.count)\r\n\(value)\r\n")])
        try await withConnection(ConnectionConfiguration(peer)) { connection in
            let error = await #expect(throws: CachesError.self) { try await connection.send("GET", "key") }
            #expect(error?.code == .protocolViolation)
            #expect(error?.message.contains("more than 262144 bytes before") == true, "\(error!)")
            #expect(error?.message.contains(":\(peer.port)") == true)
        }
        peer.stop()
    }

    @Test("A server that sends data which is costly to read does not keep the loop from others")
    func turns() async throws {
        // Numbers in a list are the costliest for their size. There are four MiB of them.
        let count = 1 << 20
        let peer = try ScriptedServer([
            .answerUntil("GET"), .send("*\(count)\r\n" + String(repeating: ":1\r\n", count: count)),
        ])
        try await withServer(LocalServer.Options()) { other, _ in
            try await withConnection(ConnectionConfiguration(peer)) { connection in
                _ = try await other.send("PING")
                let list = Task(executorPreference: EventLoops.forTasks) {
                    try await connection.send("GET", "key").array?.count
                }
                var pings = 0
                try await withTaskExecutorPreference(EventLoops.forTasks) {
                    let isOver = Locked(false)
                    let end = Task(executorPreference: EventLoops.forTasks) {
                        _ = try? await list.value
                        isOver.withLock { $0 = true }
                    }
                    while !isOver.withLock({ $0 }) {
                        _ = try await other.send("PING")
                        pings += 1
                    }
                    await end.value
                }
                #expect(try await list.value == count)
                // It was one ping for each MiB.
                #expect(pings > 20, "\(pings)")
            }
        }
        peer.stop()
    }

    @Test("The bytes of a call's replies are counted by call")
    func kept() {
        var kept = Connection.KeptReplies()
        #expect(kept.add(100, of: 7) == 100)
        #expect(kept.add(50, of: 7) == 150)
        #expect(kept.add(10, of: 8) == 10)
        #expect(kept.add(10, of: 9) == 10)
        #expect(kept.add(1, of: 9) == 11)
    }

    @Test("A pool that has used up its own handshakes takes no handshakes of others")
    func handshakes() async throws {
        try await withLocalFleet(nodes: 1, options: LocalServer.Options(transport: .tls())) { fleet in
            let configuration = ConnectionConfiguration(fleet.servers[0], of: fleet)
            let (hostile, honest) = (HandshakeBudget(), HandshakeBudget())
            for _ in 0..<100_000 { _ = hostile.wait(atMost: .never) }
            for (budget, opens) in [(hostile, false), (honest, true)] {
                let connection = Connection(
                    configuration, on: EventLoops.forNode(), resolver: .system, handshakes: budget,
                    observer: { _ in })
                if opens {
                    let reply = try await connection.send("PING")
                    #expect(reply == .status("PONG"))
                } else {
                    let error = await #expect(throws: CachesError.self) { try await connection.send("PING") }
                    #expect(error?.incident == .handshakesQueued)
                }
                await connection.close()
            }
        }
    }

    @Test("Only some of very many addresses of a name are tried")
    func addresses() async throws {
        let resolver = Resolver(translatingToAll: { _, port in
            (1...200).map { ("127.0.1.\($0)", port) }
        })
        let count: Int = await withCheckedContinuation { continuation in
            resolver.addresses(ofHost: "cache.test", port: 1) { found in
                continuation.resume(returning: (try? found.get().count) ?? 0)
            }
        }
        #expect(count == 32)
    }
}
