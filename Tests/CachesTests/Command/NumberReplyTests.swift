import Caches
import CachesTesting
import TestSupport
import Testing

@Suite("Numbers that no server answers", .timeLimit(.minutes(10)))
struct NumberReplyTests {
    /// A call, the command that it sends, and a number or a list that this command never answers.
    struct Case: CustomTestStringConvertible, Sendable {
        let command: String
        let reply: String
        let call: @Sendable (CachePool) async throws -> Void

        var testDescription: String { command + " " + reply.split(separator: "\r\n").joined(separator: " ") }

        static let most = ":9223372036854775807\r\n"

        static let all = [
            Case(command: "PTTL", reply: ":-3\r\n") { _ = try await Cache<Int>("a", on: $0).timeLeft() },
            Case(command: "SCARD", reply: ":-1\r\n") { _ = try await SetCache<Int>("a", on: $0).count },
            Case(command: "SADD", reply: most) {
                _ = try await SetCache<Int>("a", on: $0).insert(contentsOf: [1])
            },
            Case(command: "HLEN", reply: most) { _ = try await DictCache<String, Int>("a", on: $0).count },
            Case(command: "ZCARD", reply: ":-9223372036854775808\r\n") {
                _ = try await SortedSetCache<Int>("a", on: $0).count
            },
            Case(command: "ZSCORE", reply: "$3\r\nnan\r\n") {
                _ = try await SortedSetCache<Int>("a", on: $0).score(of: 1)
            },
            Case(command: "UNLINK", reply: ":3\r\n") {
                _ = try await Cache<Int>.clearMany([1, 2], on: $0)
            },
            Case(command: "EVAL", reply: "*4\r\n:1\r\n:6\r\n:0\r\n:0\r\n") {
                _ = try await RateLimitCache("a", limit: 5, per: .seconds(1), on: $0).consume()
            },
            Case(command: "EVAL", reply: "*4\r\n:0\r\n:0\r\n:-5\r\n:0\r\n") {
                _ = try await RateLimitCache("a", limit: 5, per: .seconds(1), on: $0).consume()
            },
            Case(command: "EVAL", reply: "*4\r\n:0\r\n:0\r\n:1\r\n" + most) {
                _ = try await RateLimitCache("a", limit: 5, per: .seconds(1), on: $0).consume()
            },
        ]
    }

    @Test("A number that the command can't answer is an error that names both", arguments: Case.all)
    func unexpected(_ item: Case) async throws {
        let server = try ScriptedServer([.answerUntil(item.command), .send(item.reply)])
        let pool = try CachePool(patiently: [server.dsn()])
        let error = await #expect(throws: CachesError.self) { try await item.call(pool) }
        #expect(error?.code == .protocolViolation, "\(error as Any)")
        #expect(error?.node == "scripted")
        await pool.close()
        server.stop()
    }

    @Test("The error names the command and the reply")
    func names() async throws {
        let server = try ScriptedServer([.answerUntil("SCARD"), .send(Case.most)])
        let pool = try CachePool(patiently: [server.dsn()])
        let error = await #expect(throws: CachesError.self) { try await SetCache<Int>("a", on: pool).count }
        #expect(error?.message.contains("The reply to SCARD is the number 9223372036854775807") == true)
        await pool.close()
        server.stop()
    }

    @Test("A time left of 292 million years is reported as a long one")
    func timeLeft() async throws {
        let server = try ScriptedServer([.answerUntil("PTTL"), .send(Case.most)])
        let pool = try CachePool(patiently: [server.dsn()])
        let left = try await Cache<Int>("a", on: pool).timeLeft()
        #expect("\(left)" == "104249991 d 8 h")
        await pool.close()
        server.stop()
    }
}
