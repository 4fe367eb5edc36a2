import Foundation
import TestSupport
import Testing

@testable import CachesTesting

@Suite("A scripted server")
struct ScriptedServerTests {
    struct Case: Sendable {
        var script: ScriptedServer.Script
        var expected: String
    }

    static let ping = "*1\r\n$4\r\nPING\r\n"

    @Test(
        "A scripted server plays its script to a real client",
        arguments: [
            Case(script: .closesInMidReply(), expected: "$100\r\nhalf a val"),
            Case(script: .closes(), expected: ""),
            Case(script: [.answerUntil("NONE")], expected: "+OK\r\n"),
            Case(script: .closesInMidReply(to: "PING"), expected: "$100\r\nhalf a val"),
            Case(script: [.send("hello"), .close], expected: "hello"),
        ])
    func plays(row: Case) async throws {
        let server = try ScriptedServer(row.script)
        let client = try connect(to: server.port)
        try send(Self.ping, on: client)
        var text = ""
        while text != row.expected || row.script.steps.last == .close {
            guard let bytes = client.receive(), !bytes.isEmpty else { break }
            text += String(decoding: bytes, as: UTF8.self)
        }
        #expect(text == row.expected)
        #expect(server.acceptedConnections == 1)
        server.stop()
    }

    @Test("A scripted server resets a connection")
    func resets() throws {
        let server = try ScriptedServer(.resets())
        let client = try connect(to: server.port)
        try send(Self.ping, on: client)
        #expect(client.receive() == nil)
        #expect(errno == ECONNRESET)
        server.stop()
    }

    @Test("A scripted server never answers, and ends its connections when stopped")
    func neverAnswers() throws {
        let server = try ScriptedServer(.neverAnswers)
        let client = try connect(to: server.port)
        client.setTimeout(.milliseconds(50))
        try send(Self.ping, on: client)
        #expect(client.receive() == nil && errno == EAGAIN)
        server.stop()
        server.stop()
        #expect(client.receive()?.isEmpty ?? true)
        #expect(throws: FleetError.self) { _ = try connect(to: server.port) }
    }

    @Test("A scripted server sends more than a socket's buffers hold, to a client that reads late")
    func slowReader() throws {
        let count = 8 << 20
        let server = try ScriptedServer([.send(Array(repeating: 7, count: count)), .close])
        let slow = try connect(to: server.port)
        // Another client is served meanwhile.
        let quick = try connect(to: server.port)
        #expect(receivedCount(quick) == count)
        #expect(receivedCount(slow) == count)
        server.stop()
    }

    @Test("A scripted server makes the same noise for the same seed, and as much as asked for")
    func noise() {
        #expect(ScriptedServer.Script.noise(100, seed: 5) == .noise(100, seed: 5))
        #expect(ScriptedServer.Script.noise(100, seed: 5) != .noise(100, seed: 6))
        guard case .send(let bytes) = ScriptedServer.Script.noise().steps.last else {
            Issue.record("no noise")
            return
        }
        #expect(bytes.count == 65_536)
    }

    @Test("A scripted server nests a reply as deeply as asked for")
    func nesting() {
        #expect(ScriptedServer.Script.nested(2).steps.last == .send("*1\r\n*1\r\n:1\r\n"))
    }

    @Test("A scripted server is a stranger to redis-cli")
    func commandLine() async throws {
        let server = try ScriptedServer(.garbage(to: "PING"))
        let dsn = String(server.dsn().prefix { $0 != "#" })
        let answer = try await Program.run("redis-cli", "-u", dsn, "PING")
        #expect(answer.output.contains("Protocol error"))
        #expect(server.dsn(scheme: "rediss", name: "a b") == "rediss://127.0.0.1:\(server.port)/0#a%20b")
        server.stop()
    }

    private func receivedCount(_ client: borrowing Descriptor) -> Int {
        var count = 0
        while let bytes = client.receive(), !bytes.isEmpty { count += bytes.count }
        return count
    }

    private func send(_ text: String, on client: borrowing Descriptor) throws {
        let sent = client.sendAll(Array(text.utf8))
        try #require(sent)
    }

    private func connect(to port: Int) throws(FleetError) -> Descriptor {
        try LoopbackAddress.ipv4(port: UInt16(port)).connected(timeout: .seconds(10))
    }
}

@Suite("A black hole")
struct BlackHoleTests {
    #if os(Linux)
        @Test("A black hole lets no client connect")
        func connectTimesOut() throws {
            let hole = try BlackHole()
            #expect(hole.dsn() == "redis://127.0.0.1:\(hole.port)/0#hole")
            let address = LoopbackAddress.ipv4(port: UInt16(hole.port))
            #expect(throws: FleetError.self) { _ = try address.connected(timeout: .milliseconds(200)) }
            #expect(errno == EINPROGRESS)
        }
    #endif
}
