import TestSupport
import Testing

@testable import CachesTesting

@Suite("A local server")
struct LocalServerTests {
    @Test("A local server that is killed refuses connections, and comes back empty at the same address")
    func killAndRestart() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let server = fleet.servers[0]
            let (dsn, process) = (server.dsn, try #require(server.processIdentifier))
            try await server.command("SET", "key", "value")

            server.kill()
            server.kill()
            #expect(!exists(process))
            #expect(!server.isRunning && server.processIdentifier == nil)
            await #expect(throws: FleetError.self) { try await server.command("PING") }
            let cli = try await Program.run("redis-cli", "-u", dsn, "PING")
            #expect(cli.output.contains("Connection refused"))

            try await server.restart()
            #expect(server.dsn == dsn && server.processIdentifier != process)
            let again = try await Program.run("redis-cli", "-u", dsn, "DBSIZE")
            #expect(again.output == "0\n")
        }
    }

    @Test("A local server that runs is replaced by a restart")
    func restartRunning() async throws {
        try await withLocalFleet([.init(transport: .unix)]) { fleet in
            let server = fleet.servers[0]
            let process = try #require(server.processIdentifier)
            try await server.command("SET", "key", "value")
            server.pause()
            try await server.restart()
            #expect(!exists(process))
            #expect(try await server.command("DBSIZE") == .integer(0))
        }
    }

    @Test("A local server that is paused keeps its connections and its data, and answers when resumed")
    func pauseAndResume() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let server = fleet.servers[0]
            try await server.command("SET", "key", "value")
            server.pause()
            #expect(server.isRunning)
            let error = await #expect(throws: FleetError.self) {
                try await server.command("PING", timeout: .milliseconds(100))
            }
            #expect(error?.code == .timeout)

            server.resume()
            let reply = try await server.command("GET", "key")
            #expect(reply == .string(Array("value".utf8)))
        }
    }

    @Test(
        "A local server that is killed while commands are under way ends them with an error, and not the process"
    )
    func killUnderLoad() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let server = fleet.servers[0]
            for _ in 0..<10 {
                await withTaskGroup { group in
                    for _ in 0..<4 { group.addTask { _ = try? await server.command("PING") } }
                    server.kill()
                }
                try await server.restart()
            }
        }
    }

    @Test("A local server that turns administrators away says so")
    func noRoom() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let server = fleet.servers[0]
            let address = LoopbackAddress.unix(path: server.socketPath)
            // Accepted before the connection that sets the limit, whose own end the server may notice late.
            let first = try address.connected()
            try await server.command("CONFIG", "SET", "maxclients", "1")
            let error = await #expect(throws: FleetError.self) { try await server.command("PING") }
            #expect(error?.code == .commandFailed || error?.code == .system)
            _ = consume first
            try await server.restart()
        }
    }

    @Test("A local server that crashes by itself can be restarted")
    func crash() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let server = fleet.servers[0]
            _ = try? await server.command("SHUTDOWN", "NOSAVE")
            try await eventually(within: .seconds(300)) { !server.isRunning }
            server.pause()
            server.resume()
            try await server.restart()
            #expect(server.isRunning)
        }
    }

    @Test("A local server keeps its port from everybody else while it is down")
    func reservedPort() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let server = fleet.servers[0]
            server.kill()
            let others = try (0..<500).map { _ in try PortReservation.make() }
            #expect(others.allSatisfy { Int($0.port) != server.port })
            #expect(Set(others.map(\.port)).count == others.count)
            try await server.restart()
        }
    }

    @Test("A local server inherits no descriptor that would keep another process' connection open")
    func inheritance() async throws {
        let first = try await LocalFleet.start(nodes: 1)
        let second = try await LocalFleet.start(nodes: 1)
        for fleet in [first, second] {
            #expect(descriptors(of: fleet.supervisor.process).keys.sorted() == [0, 1, 2])
            // Its own descriptors are the input, the log, and those that it opened after it started.
            let server = descriptors(of: try #require(fleet.servers[0].processIdentifier))
            let shell = descriptors(of: fleet.supervisor.process)
            #expect(server[0] == "/dev/null" && server[1] == server[2])
            #expect(!server.values.contains(try #require(shell[0])))
        }
        await first.stop()
        await second.stop()
    }

    @Test("A local server is administered whatever credentials its clients must show")
    func administration() async throws {
        try await withLocalFleet([.init(access: .password("one"))]) { fleet in
            let server = fleet.servers[0]
            try await server.command("CONFIG", "SET", "requirepass", "two")
            let values = try await server.command(["CONFIG", "GET", "requirepass"])
            #expect(values.elements.last?.text == "two")
            let error = await #expect(throws: FleetError.self) { try await server.command("NO-SUCH") }
            #expect(error?.code == .commandFailed)
            #expect(error?.message.contains("ERR unknown command") == true)
        }
    }

    @Test("A local server answers in every type of reply")
    func replies() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let script = "return {1, 'two', false, {ok='OK'}, {err='ERR it'}, {}}"
            let reply = try await fleet.servers[0].command("EVAL", script, "0")
            let expected: [ServerReply] = [
                .integer(1), .string(Array("two".utf8)), .null, .status("OK"), .error("ERR it"), .array([]),
            ]
            #expect(reply == .array(expected))
            #expect(expected.map(\.text) == ["1", "two", nil, "OK", "ERR it", nil])
        }
    }
}
