import CachesTesting
import TestSupport
import Testing

@testable import Caches

@Suite("Replies that no server gives", .timeLimit(.minutes(10)))
struct UnexpectedReplyTests {
    /// A call, the command that it sends, and a well-formed reply that this command never has.
    struct Case: CustomTestStringConvertible, Sendable {
        let command: String
        let reply: String
        let call: @Sendable (Cache<Int>) async throws -> Void

        var testDescription: String { command + " " + reply.split(separator: "\r\n").joined(separator: " ") }

        static let all = [
            Case(command: "GET", reply: ":1\r\n") { _ = try await $0.get() },
            Case(command: "GET", reply: "*0\r\n") { _ = try await $0.getOrThrow() },
            Case(command: "SET", reply: ":1\r\n") { try await $0.set(1) },
            Case(command: "SET", reply: "$-1\r\n") { try await $0.set(1, ttl: .seconds(1)) },
            Case(command: "UNLINK", reply: "+OK\r\n") { try await $0.clear() },
            Case(command: "EXISTS", reply: "$1\r\n1\r\n") { _ = try await $0.exists() },
            Case(command: "INCRBY", reply: "+QUEUED\r\n") { try await $0.increment() },
            Case(command: "EVAL", reply: "$3\r\nabc\r\n") { try await $0.increment(ttl: .seconds(1)) },
            Case(command: "MGET", reply: "*1\r\n$1\r\n1\r\n") {
                _ = try await Cache<Int>.getMany([1, 2], on: $0.pool)
            },
            Case(command: "MGET", reply: "$1\r\n1\r\n") {
                _ = try await Cache<Int>.getMany([1, 2], on: $0.pool)
            },
        ]
    }

    @Test("A reply of another kind than the command's is an error, not a value", arguments: Case.all)
    func unexpected(_ item: Case) async throws {
        let server = try ScriptedServer([.answerUntil(item.command), .send(item.reply)])
        let pool = try CachePool(patiently: [server.dsn()])
        let error = await #expect(throws: CachesError.self) { try await item.call(Cache<Int>("a", on: pool)) }
        #expect(error?.code == .protocolViolation)
        #expect(error?.node == "scripted")
        await pool.close()
        server.stop()
    }
}
