import CachesTerminal
import CachesTesting
import Testing

@testable import cachesctl

/// Servers that answer the tool with numbers and texts that no server has.
@Suite("The tool and hostile servers")
struct HostileServerTests {
    private static let most = ":9223372036854775807\r\n"

    private func run(
        _ steps: [ScriptedServer.Step], _ arguments: [String]
    ) async throws -> ToolRun.Result {
        let server = try ScriptedServer(ScriptedServer.Script(steps))
        let result = try await ToolRun(arguments, environment: ["CACHES_DSN": server.dsn()]).result
        server.stop()
        return result
    }

    @Test("A time left without an end is shown, by ttl and for programs")
    func ttl() async throws {
        let steps: [ScriptedServer.Step] = [.answerUntil("PTTL"), .send(Self.most)]
        let result = try await run(steps, ["ttl", "key"])
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains("104249991 d 8 h"))
        let json = try await run(steps, ["ttl", "--json", "key"])
        #expect(json.output.contains(#""milliseconds":9007199254740992"#), "\(json)")
    }

    @Test("Explain and clear end in an error that names the server")
    func numbers() async throws {
        let replies = ["+string\r\n", Self.most, Self.most, "$3\r\nraw\r\n", Self.most, Self.most]
        let explain = try await run(
            [.answerUntil("TYPE")] + replies.flatMap { [.send($0), .receiveCommand] }, ["explain", "key"])
        #expect(explain.status == 1)
        #expect(
            explain.errors.contains("scripted: protocol violation: The reply to MEMORY USAGE is the number"))
        let clear = try await run(
            [
                .answerUntil("DBSIZE"), .send(Self.most), .receiveCommand,
                .send("*2\r\n$1\r\n5\r\n*1\r\n$1\r\na\r\n"),
                .receiveCommand, .send(Self.most), .receiveCommand, .send("*2\r\n$1\r\n0\r\n*0\r\n"),
            ], ["clear", "a*"])
        #expect(clear.status == 1)
        #expect(clear.errors.contains("The reply to UNLINK is the number 9223372036854775807"), "\(clear)")
    }

    @Test("A server's text drives no terminal, in no form of output")
    func texts() async throws {
        let words = "-ERR \u{1B}[2J\u{202E}x\u{2028}y\r\n"
        for arguments in [["get", "key"], ["get", "--json", "key"], ["explain", "key"]] {
            let result = try await run(
                [
                    .answerUntil(arguments[0] == "explain" ? "TYPE" : "GET"), .send(words),
                    .answerUntil("NOSUCH"),
                ],
                arguments)
            let shown = result.output + result.errors
            #expect(result.status == 1)
            #expect(
                !shown.unicodeScalars.contains { ["\u{1B}", "\u{202E}", "\u{2028}"].contains($0) }, "\(shown)"
            )
        }
    }

    @Test("JSON has no character that drives a terminal, and means the same")
    func json() {
        #expect(
            JSONText.escaped("[\"a\u{202E}b\u{9B}\u{E0041}\",\n\"ä\"]")
                == "[\"a\\u202eb\\u009b\\udb40\\udc41\",\n\"ä\"]")
    }
}
