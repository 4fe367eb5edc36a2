import Testing

@testable import CachesTesting

@Suite("A proxy before a server")
struct FaultProxyTests {
    @Test("A proxy before a server lets everything pass: commands, large values, the end of a connection")
    func passes() async throws {
        try await withProxy { proxy, server in
            let client = try connect(to: proxy)
            #expect(try ask(client, "PING") == "+PONG\r\n")
            let value = String(repeating: "x", count: 3 << 20)
            try await server.command("SET", "large", value)
            let reply = try ask(client, "GET", "large", until: 3 << 20)
            #expect(reply.hasSuffix(value + "\r\n"))
            #expect(proxy.openConnections == 1)
            #expect(try ask(client, "QUIT") == "+OK\r\n")
            #expect(client.receive() == [])
            _ = consume client
            while proxy.openConnections > 0 { await Task.yield() }
            #expect(proxy.dsn == server.dsn.replacing(":\(server.port!)/", with: ":\(proxy.port)/"))
        }
    }

    @Test("A proxy before a server delays bytes, each way")
    func delays() async throws {
        try await withProxy { proxy, _ in
            let client = try connect(to: proxy)
            proxy.fault = .delay(.milliseconds(100))
            let start = ContinuousClock.now
            #expect(try ask(client, "PING") == "+PONG\r\n")
            #expect(ContinuousClock.now - start >= .milliseconds(200))
        }
    }

    @Test("A proxy before a server cuts after so many bytes", arguments: [0, 1, 5, 100])
    func cuts(bytes: Int) async throws {
        try await withProxy { proxy, server in
            try await server.command("SET", "key", String(repeating: "x", count: 1000))
            let client = try connect(to: proxy)
            #expect(try ask(client, "PING") == "+PONG\r\n")
            proxy.fault = .cut(afterBytes: bytes)
            try send(client, "GET", "key")
            var received = 0
            while let some = client.receive(), !some.isEmpty { received += some.count }
            #expect(received == bytes)
        }
    }

    @Test("A proxy before a server refuses new connections, resets those that are open, and takes them again")
    func refuses() async throws {
        try await withProxy { proxy, _ in
            let client = try connect(to: proxy)
            #expect(try ask(client, "PING") == "+PONG\r\n")
            proxy.fault = .refuse
            #expect(client.receive() == nil)
            #expect(throws: FleetError.self) { _ = try connect(to: proxy) }
            proxy.fault = .none
            // The port is open again as soon as the proxy's thread has seen it.
            var other: Descriptor?
            while other == nil { other = try? connect(to: proxy) }
            #expect(try ask(other!, "PING") == "+PONG\r\n")
        }
    }

    @Test(
        "A proxy before a server swallows bytes to the server, which gets all of them when the fault is over"
    )
    func holeToServer() async throws {
        try await withProxy { proxy, server in
            let client = try connect(to: proxy)
            #expect(try ask(client, "PING") == "+PONG\r\n")
            proxy.fault = .blackHole(.toServer)
            client.setTimeout(.milliseconds(100))
            try send(client, "SET", "key", "value")
            #expect(client.receive() == nil)
            #expect(try await server.command("EXISTS", "key").integer == 0)
            proxy.fault = .none
            client.setTimeout(.seconds(60))
            #expect(client.receive() == Array("+OK\r\n".utf8))
        }
    }

    @Test(
        "A proxy before a server swallows bytes from the server: it carries out commands without a reply"
    )
    func holeToClient() async throws {
        try await withProxy { proxy, server in
            let client = try connect(to: proxy)
            #expect(try ask(client, "PING") == "+PONG\r\n")
            proxy.fault = .blackHole(.toClient)
            client.setTimeout(.milliseconds(100))
            try send(client, "SET", "key", "value")
            while try await server.command("EXISTS", "key").integer == 0 { await Task.yield() }
            #expect(client.receive() == nil)
            proxy.fault = .none
            client.setTimeout(.seconds(60))
            #expect(client.receive() == Array("+OK\r\n".utf8))
        }
    }

    @Test("Half-open: the end of the server is not noticed while the hole lasts, and then it is")
    func halfOpen() async throws {
        try await withProxy { proxy, server in
            let client = try connect(to: proxy)
            #expect(try ask(client, "PING") == "+PONG\r\n")
            proxy.fault = .blackHole(.both)
            server.kill()
            client.setTimeout(.milliseconds(100))
            try send(client, "PING")
            #expect(client.receive() == nil)
            // Connections are still accepted, and are as silent.
            let other = try connect(to: proxy)
            other.setTimeout(.milliseconds(50))
            #expect(other.receive() == nil)
            try await server.restart()
            proxy.fault = .none
            client.setTimeout(.seconds(60))
            #expect(client.receive()?.isEmpty != false)
        }
    }

    @Test("A proxy before a server resets its connections when told to, and when its server is down")
    func resets() async throws {
        try await withProxy { proxy, server in
            let client = try connect(to: proxy)
            #expect(try ask(client, "PING") == "+PONG\r\n")
            proxy.resetConnections()
            #expect(client.receive() == nil)
            server.kill()
            #expect(try connect(to: proxy).receive() == nil)
        }
    }

    @Test("A proxy before a server closes its port and its connections when it stops")
    func stops() async throws {
        try await withProxy { proxy, _ in
            let client = try connect(to: proxy)
            #expect(try ask(client, "PING") == "+PONG\r\n")
            proxy.stop()
            proxy.stop()
            #expect(client.receive()?.isEmpty != false)
            #expect(throws: FleetError.self) { _ = try connect(to: proxy) }
        }
    }

    @Test("A proxy before a server is of no use before a unix socket")
    func unix() async throws {
        try await withLocalFleet(nodes: 1, options: LocalServer.Options(transport: .unix)) { fleet in
            let error = #expect(throws: FleetError.self) { try FaultProxy(to: fleet.servers[0]) }
            #expect(error?.advice != nil)
        }
    }

    // MARK: A blocking client

    private func withProxy(_ body: (FaultProxy, LocalServer) async throws -> Void) async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let proxy = try FaultProxy(to: fleet.servers[0])
            defer { proxy.stop() }
            try await body(proxy, fleet.servers[0])
        }
    }

    private func connect(to proxy: FaultProxy) throws -> Descriptor {
        try LoopbackAddress.ipv4(port: UInt16(proxy.port)).connected(timeout: .seconds(60))
    }

    private func send(_ client: borrowing Descriptor, _ words: String...) throws {
        let command = "*\(words.count)\r\n" + words.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined()
        let isSent = client.sendAll(Array(command.utf8))
        try #require(isSent)
    }

    /// The reply, which has at least `count` bytes.
    private func ask(_ client: borrowing Descriptor, _ words: String..., until count: Int = 1) throws
        -> String
    {
        let command = "*\(words.count)\r\n" + words.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined()
        let isSent = client.sendAll(Array(command.utf8))
        try #require(isSent)
        var bytes: [UInt8] = []
        while bytes.count < count || !bytes.suffix(2).elementsEqual([13, 10]) {
            guard let some = client.receive(), !some.isEmpty else { break }
            bytes += some
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
