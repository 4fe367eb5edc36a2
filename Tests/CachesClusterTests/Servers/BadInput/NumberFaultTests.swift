import CachesTesting
import CachesTransport
import Testing

@testable import CachesCluster

/// Servers that answer with numbers that no server has.
@Suite struct NumberFaultTests {
    private static let most = ":9223372036854775807\r\n"

    /// A pool of one server that plays a script.
    private func withPeer(
        _ steps: [ScriptedServer.Step], _ body: (CachePool) async throws -> Void
    ) async throws {
        let peer = try ScriptedServer(ScriptedServer.Script(steps))
        try await withPool(PoolConfiguration(nodes: [peer.node()]), body)
        peer.stop()
    }

    private func explaining(_ replies: [String]) -> [ScriptedServer.Step] {
        [.answerUntil("TYPE")] + replies.flatMap { [.send($0), .receiveCommand] }
    }

    @Test("A time left that has no end is told as a long one")
    func longTimeLeft() async throws {
        let replies = ["+string\r\n", Self.most, ":96\r\n", "$6\r\nembstr\r\n", ":12\r\n", "-ERR no lfu\r\n"]
        try await withPeer(explaining(replies)) { pool in
            let explanation = try await pool.explain("key")
            guard case .time(let left)? = explanation.timeLeft else {
                Issue.record("\(explanation)")
                return
            }
            #expect(left == .milliseconds(1 << 53 as Int64))
            #expect("\(explanation)".contains("time left    104249991 d 8 h"))
        }
    }

    @Test(
        "A number that no server has is an error that names the command and the number",
        arguments: [
            (["+string\r\n", ":-3\r\n"], "PTTL", "-3"),
            (["+string\r\n", ":1\r\n", most], "MEMORY USAGE", "9223372036854775807"),
            (["+string\r\n", ":1\r\n", ":-1\r\n"], "MEMORY USAGE", "-1"),
            (
                ["+string\r\n", ":1\r\n", ":1\r\n", "$3\r\nraw\r\n", most], "OBJECT IDLETIME",
                "9223372036854775807"
            ),
            (
                ["+string\r\n", ":1\r\n", ":1\r\n", "$3\r\nraw\r\n", ":1\r\n", ":256\r\n"], "OBJECT FREQ",
                "256"
            ),
        ])
    func explain(replies: [String], command: String, number: String) async throws {
        let rest = Array(repeating: ":1\r\n", count: 6 - replies.count)
        try await withPeer(explaining(replies + rest)) { pool in
            let error = await #expect(throws: CachesError.self) { try await pool.explain("key") }
            #expect(error?.code == .protocolViolation)
            #expect(error?.node == "scripted")
            #expect(
                error?.message.contains("to \(command) is the number \(number)") == true, "\(error as Any)")
        }
    }

    @Test(
        "A server that reports more removed keys than there were is an error, and adds nothing to the sum",
        arguments: [most, ":2\r\n", ":-1\r\n"])
    func clear(answer: String) async throws {
        func page(_ cursor: String, _ key: String) -> String {
            "*2\r\n$1\r\n\(cursor)\r\n*1\r\n$1\r\n\(key)\r\n"
        }
        try await withPeer([
            .answerUntil("DBSIZE"), .send(Self.most), .receiveCommand, .send(page("5", "a")),
            .receiveCommand, .send(answer), .receiveCommand, .send(page("6", "b")),
            .receiveCommand, .send(answer), .receiveCommand, .send(page("0", "c")),
        ]) { pool in
            let report = try await pool.clear(matching: "*")
            #expect(report.removed == 0)
            #expect(report.failures.map(\.code) == [.protocolViolation])
            #expect(report.failures.first?.message.contains("to UNLINK is the number") == true)
        }
    }

    @Test("A cursor that is not a number is refused", arguments: ["", "a", "-1", "000000000000000000001"])
    func cursor(text: String) async throws {
        try await withPeer([
            .answerUntil("DBSIZE"), .send(":1\r\n"), .receiveCommand,
            .send("*2\r\n$\(text.utf8.count)\r\n\(text)\r\n*0\r\n"),
        ]) { pool in
            let report = try await pool.clear(matching: "*")
            #expect(report.failures.map(\.code) == [.protocolViolation])
        }
    }

    @Test("A table of more owners than slots has room for each, or for nobody")
    func owners() throws {
        let ranges = (0..<HashSlot.count).map { slot in
            SlotTable.Range(slots: slot...slot, master: .tcp(host: "h\(slot)", port: 1), replicas: [])
        }
        let nodes = try (0..<4).map { try Self.node("h\($0)") }
        // Each server has its own address; four nodes stand for all, since only the positions count.
        let map = SlotMap(SlotTable(ranges: ranges)) { endpoint, _ in
            nodes[abs(endpoint.description.count) % nodes.count]
        }
        #expect(map.shards.count == HashSlot.count)
        #expect(map.position(of: HashSlot.count - 1) == HashSlot.count - 1)
    }

    private static func node(_ host: String) throws -> Node {
        try CachePool(["redis://\(host)"], logger: silent).nodes[0]
    }
}
