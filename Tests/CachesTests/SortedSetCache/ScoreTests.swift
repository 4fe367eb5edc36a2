import CachesTesting
import TestSupport
import Testing

@testable import Caches

@Suite("Scores", .timeLimit(.minutes(10)))
struct ScoreTests {
    /// Scores that are hard to write or to read: the ends of the range, what lies next to a round number,
    /// decimals that no double is, and any others.
    static let scores: [Double] = {
        let hard: [Double] = [
            0, 1, -1, 0.1, 0.1 + 0.2, 1.0 / 3, 1e16, 1e17, 0x1p53, 0x1.23456789abcdep+56,
            1e21, 1e22, 1e23, .leastNonzeroMagnitude, .leastNormalMagnitude, .leastNormalMagnitude.nextDown,
            .greatestFiniteMagnitude, .pi, 1.0.nextUp, 1.0.nextDown, 0x1p63, 0x1p64, -0x1p63, 4.35,
        ]
        var any: [Double] = []
        var generator = SystemRandomNumberGenerator()
        while any.count < 2000 {
            let score = Double(bitPattern: generator.next())
            if score.isFinite { any.append(score) }
        }
        return hard + hard.map(-) + [.infinity, -.infinity] + any
    }()

    @Test("Every score comes back the very same, whichever way it is read", arguments: Servers.kinds)
    func exact(on servers: Servers) async throws {
        try await servers.run { _ in
            let scores = Self.scores
            let z = SortedSetCache<Int>("exact", prefix: "score", connection: servers.connection)
            try await z.clear()
            try await z.add(contentsOf: scores.enumerated().map { (score: $1, element: $0) })
            #expect(try await z.scores(of: scores.indices) == scores)
            for (score, element) in try await z.copy() { #expect(score == scores[element]) }
            for try await (score, element) in z.ascending.batchSize(100) {
                #expect(score == scores[element])
            }
            for (element, score) in scores.enumerated().prefix(60) {
                #expect(try await z.score(of: element) == score)
                #expect(try await z.items(in: score...score).allSatisfy { $0.score == score })
                let added = SortedSetCache<Int>("added", prefix: "score", connection: servers.connection)
                try await added.clear()
                #expect(try await added.increment(0, by: score, ttl: .seconds(100)) == score)
                #expect(try await added.popMax()?.score == score)
            }
        }
    }

    @Test("NaN is refused before anything is sent", arguments: Servers.kinds)
    func nan(on servers: Servers) async throws {
        final class Roots: SortedSetCache<String>, @unchecked Sendable {
            override class func normalize(score: Double) -> Double { score.squareRoot() }
        }
        try await servers.run { _ in
            let z = SortedSetCache<String>("nan", prefix: "score", connection: servers.connection)
            try await z.clear()
            let calls: [() async throws -> Void] = [
                { try await z.add("a", score: .nan) },
                { try await z.add(contentsOf: [(1, "a"), (.signalingNaN, "b")]) },
                { try await z.add(contentsOf: ["a": 1, "b": .nan], ttl: .seconds(1)) },
                { try await z.increment("a", by: .nan) },
                { try await z.decrement("a", by: .nan) },
                { _ = try await z.count(in: ScoreRange(above: .nan)) },
                { _ = try await z.items(in: ScoreRange(above: 1, below: .nan)) },
                { try await z.remove(in: ScoreRange(above: .nan, through: .nan)) },
                { try await Roots("nan", connection: servers.connection).add("a", score: -1) },
            ]
            for call in calls {
                let error = await #expect(throws: CachesError.self) { try await call() }
                #expect(error?.code == .invalidArgument)
                #expect(error?.message.contains("NaN") == true)
                #expect(error?.node == nil)
            }
            #expect(try await z.exists() == false)
        }
    }

    @Test(
        "A reply of another kind than the command's is an error, not a score",
        arguments: [
            ("ZSCORE", "$3\r\nabc\r\n"), ("ZSCORE", "$4\r\n1.5 \r\n"), ("ZSCORE", "$0\r\n\r\n"),
            ("ZSCORE", ":1\r\n"), ("ZINCRBY", "$-1\r\n"), ("ZRANGE", "*1\r\n$1\r\na\r\n"),
            ("ZRANGE", "*2\r\n$1\r\na\r\n$-1\r\n"), ("ZRANGE", "*2\r\n$-1\r\n$1\r\n1\r\n"),
            ("ZRANGE", ":1\r\n"),
            ("ZADD", "$1\r\n1\r\n"), ("ZRANK", "$1\r\n1\r\n"), ("ZMSCORE", "*1\r\n$1\r\n1\r\n"),
        ])
    func unexpected(command: String, reply: String) async throws {
        let server = try ScriptedServer([.answerUntil(command), .send(reply)])
        let pool = try CachePool(patiently: [server.dsn()])
        let z = SortedSetCache<String>("a", on: pool)
        let error = await #expect(throws: CachesError.self) {
            switch command {
            case "ZSCORE": _ = try await z.score(of: "a")
            case "ZINCRBY": try await z.increment("a")
            case "ZRANGE": _ = try await z.copy()
            case "ZADD": try await z.add("a", score: 1)
            case "ZRANK": _ = try await z.rank(of: "a")
            default: _ = try await z.scores(of: ["a", "b"])
            }
        }
        #expect(error?.code == .protocolViolation)
        #expect(error?.node == "scripted")
        await pool.close()
        server.stop()
    }

    @Test(
        "Scores are read in every spelling of a server's",
        arguments: [
            ("0.10000000000000001", 0.1), ("0.1", 0.1), ("1e+16", 1e16), ("10000000000000000", 1e16),
            ("4.9406564584124654e-324", .leastNonzeroMagnitude), ("inf", .infinity), ("-inf", -.infinity),
            ("-0", 0), ("3", 3),
        ])
    func spellings(text: String, score: Double) async throws {
        let server = try ScriptedServer([.answerUntil("ZSCORE"), .send("$\(text.utf8.count)\r\n\(text)\r\n")])
        let pool = try CachePool(patiently: [server.dsn()])
        #expect(try await SortedSetCache<String>("a", on: pool).score(of: "a") == score)
        await pool.close()
        server.stop()
    }
}
