import CachesTesting
import Logging
import Testing

@testable import CachesCluster
@testable import CachesTransport

/// Servers whose texts would do harm where they are printed, or contain the secrets that they were sent.
@Suite struct TextFaultTests {
    private func failing(
        _ steps: [ScriptedServer.Step], _ words: [String] = ["GET", "key"],
        _ body: (CachesError, LogRecorder) throws -> Void
    ) async throws {
        let peer = try ScriptedServer(ScriptedServer.Script(steps))
        let log = LogRecorder()
        var node = try peer.node()
        node.connection.credentials = Credentials(username: "app", password: Secret(secret))
        try await withPool(PoolConfiguration(nodes: [node]), logger: log.logger) { pool in
            let node = try pool.nodes[0]
            let error = await #expect(throws: CachesError.self) {
                try await node.send(words, .after(.seconds(10)))
            }
            guard let error else { return }
            expectNoSecret(in: error)
            #expect("\(error)".unicodeScalars.allSatisfy { $0.isShown })
            #expect(!log.lines.contains { "\($0)".contains(secret) })
            try body(error, log)
        }
        peer.stop()
    }

    @Test("A server's error can neither forge a line of a log nor drive a terminal")
    func forgedLine() async throws {
        let words = "-ER\u{9B}R it\nWARNING forged: \u{1B}[31mred\u{202E}\u{2028}\r\n"
        try await failing([.answerUntil("GET"), .send(words)]) { error, _ in
            #expect(error.message.contains("it�WARNING forged: �[31mred��"))
            #expect(error.code.serverName == "ER�R")
        }
    }

    @Test(
        "A password is in no error, however the server quotes it",
        arguments: [
            "ERR the token Xyzzy-1905 has expired", "ERR xyzzy-1905", "ERR Xyzzy%2D1905",
            #"ERR "Xyzzy\x2d1905""#, #"ERR {"token":"Xyzzy\u002d1905"}"#, "Xyzzy-1905 is not known",
            "ERR unknown command 'AUTH', with args beginning with: 'app' 'Xyzzy-1905'",
        ])
    func password(words: String) async throws {
        // In the answer to AUTH, and in the answer to any later command.
        for command in ["AUTH", "GET"] {
            let steps: [ScriptedServer.Step] =
                command == "AUTH"
                ? [.receiveCommand, .send("-\(words)\r\n"), .answerUntil("NOSUCH")]
                : [.answerUntil("GET"), .send("-\(words)\r\n")]
            try await failing(steps) { error, _ in
                for text in ["Xyzzy", "xyzzy", "1905"] { #expect(!"\(error)".contains(text), "\(error)") }
            }
        }
    }

    @Test("A password is in no warning about one that was rotated")
    func rotated() async throws {
        let credentials = Credentials(password: Secret(secret))
        for answer in ["ERR bad token \(secret)", "WRONGPASS \(secret) is wrong", "NOPERM Xyzzy%2d1905"] {
            let error = Greeting.authenticationError(credentials, ServerError(answer))
            expectNoSecret(in: error)
            #expect(!"\(error)".contains("1905"))
            #expect(error.code == .authentication)
        }
    }
}
