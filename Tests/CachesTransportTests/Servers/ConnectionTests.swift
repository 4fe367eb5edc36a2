import CachesTesting
import Synchronization
import TestSupport
import Testing

@testable import CachesTransport

@Suite struct ConnectionTests {
    @Test("Commands are answered", arguments: everyTransport)
    func commandsAreAnswered(_ transport: LocalServer.Transport) async throws {
        try await withServer(LocalServer.Options(transport: transport)) { connection, _ in
            let pong = try await connection.send("PING")
            #expect(pong == .status("PONG"))
            #expect(try await connection.send("SET", "key", "välue") == .status("OK"))
            #expect(try await connection.send("GET", "key").text == "välue")
            #expect(try await connection.send("GET", "other") == .null)
            #expect(try await connection.send("INCRBY", "n", "-5") == .integer(-5))
            #expect(try await connection.send("LRANGE", "none", "0", "-1").array?.isEmpty == true)
        }
    }

    @Test("Large values go there and back", arguments: everyTransport)
    func largeValuesGoThereAndBack(_ transport: LocalServer.Transport) async throws {
        try await withServer(LocalServer.Options(transport: transport)) { connection, _ in
            for size in [0, 1, 4_095, 4_096, 65_535, 65_536, 1_000_000, 20_000_000] {
                let value = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ size) }
                let deadline = Deadline.after(.seconds(120))
                let set = try await connection.send(deadline: deadline) { command in
                    command.begin(3)
                    command.argument("SET")
                    command.argument("large")
                    command.argument(value)
                }
                #expect(set == .status("OK"))
                let got = try await connection.send("GET", "large", deadline: deadline)
                #expect(got.bytes.map(Array.init) == value, "\(size) bytes")
            }
        }
    }

    @Test("A pipeline is answered in order and its errors are replies", arguments: everyTransport)
    func aPipelineIsAnsweredInOrderAndItsErrorsAreReplies(_ transport: LocalServer.Transport) async throws {
        try await withServer(LocalServer.Options(transport: transport)) { connection, _ in
            let count = 10_000
            let replies = try await connection.pipeline(count, deadline: .after(.seconds(120))) { command in
                for index in 0..<count {
                    command.begin(2)
                    command.argument(index == 5_000 ? "NOSUCHCOMMAND" : "ECHO")
                    command.argument(index)
                }
            }
            #expect(replies.count == count)
            for (index, reply) in replies.enumerated() where index != 5_000 {
                #expect(reply.text == String(index))
            }
            guard case .error(let error) = replies[5_000] else { return #expect(Bool(false), "not an error") }
            #expect(error.name == "ERR")
        }
    }

    @Test("Many tasks share one connection")
    func manyTasksShareOneConnection() async throws {
        try await withServer(LocalServer.Options()) { connection, server in
            try await withThrowingDiscardingTaskGroup { group in
                for task in 0..<200 {
                    group.addTask {
                        for round in 0..<50 {
                            let text = "\(task).\(round)"
                            let reply = try await connection.send("ECHO", text)
                            #expect(reply.text == text)
                        }
                    }
                }
            }
            let clients = try await connection.send("CLIENT", "LIST", "TYPE", "normal").text ?? ""
            #expect(clients.split(separator: "\n").filter { $0.contains("name=caches ") }.count == 1)
        }
    }

    @Test("Tasks that run on the loop are answered")
    func tasksThatRunOnTheLoopAreAnswered() async throws {
        try await withServer(LocalServer.Options(transport: .tls())) { connection, _ in
            try await withTaskExecutorPreference(EventLoops.forTasks) {
                try await withThrowingDiscardingTaskGroup { group in
                    for task in 0..<100 {
                        group.addTask {
                            for round in 0..<50 {
                                let text = "\(task).\(round)"
                                let reply = try await connection.send("ECHO", text)
                                #expect(reply.text == text)
                            }
                        }
                    }
                }
            }
        }
    }

    @Test("An error of the server is thrown with its node and advice")
    func anErrorOfTheServerIsThrownWithItsNodeAndWhatToDo() async throws {
        try await withServer(LocalServer.Options(name: "main")) { connection, _ in
            _ = try await connection.send("LPUSH", "list", "a")
            let error = await #expect(throws: CachesError.self) { try await connection.send("GET", "list") }
            #expect(error?.code.serverName == "WRONGTYPE")
            #expect(error?.node == "main")
            #expect(error?.advice != nil)
            #expect(try await connection.send("PING") == .status("PONG"))
        }
    }

    @Test("The greeting authenticates chooses the database and sets the name")
    func theGreetingAuthenticatesChoosesTheDatabaseAndSetsTheName() async throws {
        let options = LocalServer.Options(access: .user("app", password: "s3cret"))
        try await withLocalFleet([options]) { fleet in
            var configuration = ConnectionConfiguration(fleet.servers[0], of: fleet)
            configuration.database = 3
            configuration.clientName = "greeter"
            try await withConnection(configuration) { connection in
                #expect(try await connection.send("ACL", "WHOAMI").text == "app")
                #expect(try await connection.send("CLIENT", "GETNAME").text == "greeter")
                let info = try await connection.send("CLIENT", "INFO").text
                #expect(info?.contains(" db=3 ") == true)
            }
        }
    }

    @Test("The session tells the TLS version and cipher")
    func theSessionTellsWhatTLSAgreedOn() async throws {
        try await withLocalFleet([LocalServer.Options(transport: .tls()), LocalServer.Options()]) { fleet in
            for (server, version) in zip(fleet.servers, ["TLSv1.3", nil]) {
                let session = Mutex<SessionInfo?>(nil)
                let connection = Connection(ConnectionConfiguration(server, of: fleet)) { event in
                    if case .opened(let info) = event { session.withLock { $0 = info } }
                }
                _ = try await connection.send("PING")
                await connection.close()
                #expect(session.withLock { $0?.tlsVersion } == version)
                #expect(session.withLock { $0?.cipher == nil } == (version == nil))
            }
        }
    }

    @Test("Closing lets calls under way end", arguments: everyTransport)
    func closingLetsWhatIsUnderWayEnd(_ transport: LocalServer.Transport) async throws {
        try await withLocalFleet([LocalServer.Options(transport: transport)]) { fleet in
            let server = fleet.servers[0]
            let connection = Connection(ConnectionConfiguration(server, of: fleet))
            _ = try await connection.send("PING")
            server.pause()
            let slow = Task { try await connection.send("ECHO", "slow") }
            await connection.waits(for: 1)
            let closing = Task { await connection.close(deadline: .after(.seconds(120))) }
            await connection.becomes { $0.isDraining }
            server.resume()
            #expect(try await slow.value.text == "slow")
            await closing.value
            let error = await #expect(throws: CachesError.self) { try await connection.send("PING") }
            #expect(error?.code == .closed)
        }
    }

    @Test("Closing ends at its deadline")
    func closingEndsAtItsDeadline() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let connection = Connection(ConnectionConfiguration(fleet.servers[0], of: fleet))
            let slow = Task { try await connection.send("BLPOP", "none", "0") }
            await connection.waits(for: 1)
            let elapsed = await onLoop {
                let start = ContinuousClock.now
                await connection.close(deadline: .after(.milliseconds(100)))
                return ContinuousClock.now - start
            }
            #expect(elapsed < .seconds(30))
            let error = await #expect(throws: CachesError.self) { try await slow.value }
            #expect(error?.code == .closed)
        }
    }
}
