import Foundation
import Testing

@testable import CachesTesting

@Suite("A hostile server")
struct HostileServerTests {
    @Test(
        "A hostile server speaks the commands that open a connection",
        arguments: [
            ("AUTH secret", "+OK\r\n"), ("HELLO 3", "-NOPROTO unsupported protocol version\r\n"),
            ("CLIENT SETNAME x", "+OK\r\n"), ("SELECT 3", "+OK\r\n"), ("PING", "+PONG\r\n"),
            ("READONLY", "+OK\r\n"), ("ROLE", "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n"),
            ("SUBSCRIBE c", "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n"), ("SENTINEL REPLICAS s", "*0\r\n"),
            ("GET x", "$-1\r\n"),
        ])
    func opening(words: String, reply: String) throws {
        let server = try HostileServer(.friendly)
        defer { server.stop() }
        #expect(try Self.ask(words, server) == reply)
        #expect(server.acceptedConnections == 1)
        #expect(server.receivedCommands == 1)
    }

    @Test("A hostile server names itself, and the servers that it is told about")
    func neighbours() throws {
        let servers = try (0..<2).map { _ in try HostileServer(.friendly) }
        defer { for server in servers { server.stop() } }
        let alone = try Self.ask("CLUSTER SLOTS", servers[0])
        #expect(alone.contains(":0\r\n:16383\r\n") && alone.contains(":\(servers[0].port)\r\n"))
        HostileServer.formCluster(servers)
        for server in servers {
            let slots = try Self.ask("CLUSTER SLOTS", server)
            #expect(slots.contains(":0\r\n:8191\r\n") && slots.contains(":8192\r\n:16383\r\n"))
            for server in servers { #expect(slots.contains(":\(server.port)\r\n")) }
        }
        servers[0].watch(over: servers[1])
        let address = try Self.ask("SENTINEL GET-MASTER-ADDR-BY-NAME mymaster", servers[0])
        #expect(address.hasSuffix("\r\n\(servers[1].port)\r\n"))
        #expect(servers[0].dsn(password: "a@b") == "redis://:a%40b@127.0.0.1:\(servers[0].port)/0#hostile")
        #expect(
            servers[0].sentinelDSN(name: "m")
                == "redis+sentinel://127.0.0.1:\(servers[0].port)/mymaster/0#m")
    }

    @Test("A hostile server gives the answers that it is told to give, in order, and knows the true ones")
    func answers() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let server = try HostileServer(before: fleet.servers[0], database: 3) { command in
                switch command.text(1) {
                case "lie": .integer("9e99")
                case "half": .truth.closing(afterBytes: 2)
                default: .truth
                }
            }
            defer { server.stop() }
            let words = ["SET a 5", "INCR a", "GET lie", "GET a", "LPUSH l x y", "LRANGE l 0 -1", "GET half"]
            let replies = "+OK\r\n:6\r\n:9e99\r\n$1\r\n6\r\n:2\r\n*2\r\n$1\r\ny\r\n$1\r\nx\r\n$-"
            #expect(try Self.ask(words, server) == replies)
            let stored = try await fleet.servers[0].commands(
                [["SELECT", "3"], ["GET", "a"]].map { $0.map { Array($0.utf8) } })
            #expect(stored.last?.text == "6")
        }
    }

    @Test("A hostile server sends a little at a time, while another client is served at once")
    func pace() throws {
        let server = try HostileServer(.replies(.string(count: 10).paced(bytesPerSecond: 2), to: "SLOW"))
        defer { server.stop() }
        let slow = try Self.connect(server)
        let sent = slow.sendAll(Self.command("SLOW"))
        let first = slow.receive()
        #expect(sent && first?.count == 1)
        #expect(try Self.ask("PING", server) == "+PONG\r\n")
    }

    @Test("A hostile server tells the same lies for the same seed")
    func seeds() throws {
        var replies: [String] = []
        for _ in 0..<2 {
            let server = try HostileServer(
                .random(seed: 5, lies: [.numbers, .types, .texts, .errors, .lengths, .bits, .nesting]))
            defer { server.stop() }
            replies.append(try Self.ask((0..<50).map { "GET \($0)" }, server, atLeast: 500))
        }
        // By bytes: a carriage return and a line feed are one character.
        let common = zip(replies[0].utf8, replies[1].utf8).prefix { $0 == $1 }
        #expect(common.count >= 500)
    }

    @Test("A hostile server ends its connections when it is stopped")
    func stop() throws {
        let server = try HostileServer { _ in .line("+", endless: "x") }
        let client = try Self.connect(server)
        let sent = client.sendAll(Self.command("GET a"))
        let first = client.receive()?.first
        #expect(sent && first == UInt8(ascii: "+"))
        server.stop()
        server.stop()
        while let bytes = client.receive(), !bytes.isEmpty {}
        #expect(throws: FleetError.self) { _ = try Self.connect(server) }
    }

    private static func connect(_ server: HostileServer) throws(FleetError) -> Descriptor {
        try LoopbackAddress.ipv4(port: UInt16(server.port)).connected(timeout: .seconds(10))
    }

    private static func command(_ words: String) -> [UInt8] {
        WireReply.array(words.split(separator: " ").map { .text(String($0)) }).bytes
    }

    private static func ask(_ words: String, _ server: HostileServer) throws -> String {
        try ask([words], server)
    }

    /// Sends all commands at once, and returns the answers: a whole reply to each, or everything until the
    /// server closes, or as many bytes as are wanted.
    private static func ask(
        _ commands: [String], _ server: HostileServer, atLeast count: Int? = nil
    ) throws -> String {
        let client = try connect(server)
        let sent = client.sendAll(commands.flatMap(command))
        try #require(sent)
        var bytes: [UInt8] = []
        while let more = client.receive(), !more.isEmpty {
            bytes += more
            var (index, replies) = (0, 0)
            while WireReply(bytes[...], at: &index) != nil { replies += 1 }
            if count.map({ bytes.count >= $0 }) ?? (replies == commands.count) { break }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
