import Caches
import CachesTesting
import Testing

@Suite("Ranges of sorted sets on real servers", .timeLimit(.minutes(10)))
struct SortedSetRangeTests {
    /// Ten elements: `a` with the score 0 to `j` with 9.
    private func tenLetters(_ name: String, on servers: Servers) async throws -> SortedSetCache<String> {
        let z = SortedSetCache<String>(name, prefix: "zsetRange", connection: servers.connection)
        try await z.clear()
        try await z.add(contentsOf: zip(0..., "abcdefghij").map { (score: Double($0), element: String($1)) })
        return z
    }

    private func letters(_ items: [(score: Double, element: String)]) -> String {
        items.map(\.element).joined()
    }

    @Test("Elements are listed by rank, from both ends", arguments: Servers.kinds)
    func byRank(on servers: Servers) async throws {
        try await servers.run { _ in
            let z = try await tenLetters("byRank", on: servers)
            #expect(letters(try await z.items(ranks: 0..<3)) == "abc")
            #expect(letters(try await z.items(ranks: 2...4)) == "cde")
            #expect(letters(try await z.items(ranks: 7...)) == "hij")
            #expect(letters(try await z.items(ranks: ..<2)) == "ab")
            #expect(letters(try await z.items(ranks: ...2)) == "abc")
            #expect(letters(try await z.items(ranks: 0..<3, from: .highest)) == "jih")
            #expect(letters(try await z.items(ranks: 8..., from: .highest)) == "ba")
            #expect(letters(try await z.items(ranks: 8...1000)) == "ij")
            #expect(letters(try await z.items(ranks: 0...Int.max)) == "abcdefghij")
            #expect(letters(try await z.items(ranks: 10..<20)) == "")
            #expect(letters(try await z.items(ranks: Int.max...)) == "")
            // To a server, 0 to -1 would be everything.
            for end in SortedSetEnd.allCases {
                #expect(letters(try await z.items(ranks: 0..<0, from: end)) == "")
                #expect(letters(try await z.items(ranks: ..<0, from: end)) == "")
                #expect(try await z.remove(ranks: 0..<0, from: end) == 0)
            }
        }
    }

    @Test("There is no negative rank", arguments: Servers.kinds)
    func negativeRank(on servers: Servers) async throws {
        try await servers.run { _ in
            let z = try await tenLetters("negative", on: servers)
            let calls: [() async throws -> Void] = [
                { _ = try await z.items(ranks: -3 ..< -1) },
                { _ = try await z.items(ranks: -3..<2) },
                { _ = try await z.items(ranks: (-1)...) },
                { _ = try await z.items(ranks: ..<(-1)) },
                { try await z.remove(ranks: -1 ... -1) },
                { try await z.remove(ranks: (-5)...) },
            ]
            for call in calls {
                let error = await #expect(throws: CachesError.self) { try await call() }
                #expect(error?.code == .invalidArgument)
                #expect(error?.advice?.contains(".highest") == true)
            }
            #expect(try await z.count == 10)
        }
    }

    @Test("Elements are removed by rank, from both ends", arguments: Servers.kinds)
    func removalByRank(on servers: Servers) async throws {
        try await servers.run { _ in
            let z = try await tenLetters("removal", on: servers)
            #expect(try await z.remove(ranks: 0..<2) == 2)
            #expect(letters(try await z.copy()) == "cdefghij")
            #expect(try await z.remove(ranks: 0...1, from: .highest) == 2)
            #expect(letters(try await z.copy()) == "cdefgh")
            #expect(try await z.remove(ranks: 1..<3, from: .highest) == 2)
            #expect(letters(try await z.copy()) == "cdeh")
            #expect(try await z.remove(ranks: 3..., from: .highest) == 1)
            #expect(letters(try await z.copy()) == "deh")
            #expect(try await z.remove(ranks: 2...Int.max) == 1)
            #expect(try await z.remove(ranks: 5..., from: .highest) == 0)
            #expect(letters(try await z.copy()) == "de")
            #expect(try await z.remove(ranks: 0..., from: .highest) == 2)
            #expect(try await z.exists() == false)
        }
    }

    @Test("Elements are listed, counted and removed by score", arguments: Servers.kinds)
    func byScore(on servers: Servers) async throws {
        let cases: [(ScoreRange, String)] = [
            (ScoreRange(2...4), "cde"),
            (ScoreRange(2..<4), "cd"),
            (ScoreRange(7...), "hij"),
            (ScoreRange(...2), "abc"),
            (ScoreRange(..<2), "ab"),
            (ScoreRange(above: 2, through: 4), "de"),
            (ScoreRange(above: 2, below: 4), "d"),
            (ScoreRange(above: 7), "ij"),
            (ScoreRange(2..<2), ""),
            (ScoreRange(above: 4, through: 2), ""),
            (ScoreRange(1.5...2.5), "c"),
            (.all, "abcdefghij"),
        ]
        try await servers.run { _ in
            for (range, expected) in cases {
                let z = try await tenLetters("byScore", on: servers)
                #expect(letters(try await z.items(in: range)) == expected)
                #expect(letters(try await z.items(in: range, from: .highest)) == String(expected.reversed()))
                #expect(try await z.count(in: range) == expected.count)
                #expect(try await z.remove(in: range) == expected.count)
                #expect(letters(try await z.copy()) == "abcdefghij".filter { !expected.contains($0) })
            }
        }
    }

    @Test("Swift's ranges are ranges of scores", arguments: Servers.kinds)
    func literals(on servers: Servers) async throws {
        try await servers.run { _ in
            let z = try await tenLetters("literals", on: servers)
            #expect(letters(try await z.items(in: 2...4)) == "cde")
            #expect(letters(try await z.items(in: 2..<4)) == "cd")
            #expect(letters(try await z.items(in: 7...)) == "hij")
            #expect(letters(try await z.items(in: ...2)) == "abc")
            #expect(letters(try await z.items(in: ..<2)) == "ab")
            #expect(letters(try await z.items(in: .all)) == "abcdefghij")
            #expect(letters(try await z.items(in: ScoreRange(above: 2, through: 4))) == "de")
        }
    }

    @Test("A range of scores has an offset and a limit", arguments: Servers.kinds)
    func parts(on servers: Servers) async throws {
        try await servers.run { _ in
            let z = try await tenLetters("parts", on: servers)
            #expect(letters(try await z.items(in: 2...8, limit: 3)) == "cde")
            #expect(letters(try await z.items(in: 2...8, offset: 5)) == "hi")
            #expect(letters(try await z.items(in: 2...8, offset: 1, limit: 2)) == "de")
            #expect(letters(try await z.items(in: 2...8, from: .highest, offset: 1, limit: 2)) == "hg")
            #expect(letters(try await z.items(in: 2...8, offset: 100)) == "")
            #expect(letters(try await z.items(in: 2...8, limit: 0)) == "")
            #expect(letters(try await z.items(in: 2...8, offset: .max, limit: .max)) == "")
            for call in [
                { try await z.items(in: 2...8, offset: -1) }, { try await z.items(in: 2...8, limit: -1) },
            ] {
                let error = await #expect(throws: CachesError.self) { try await call() }
                #expect(error?.code == .invalidArgument)
            }
        }
    }

    @Test("Infinite scores are at the ends, and in ranges that reach there", arguments: Servers.kinds)
    func infinite(on servers: Servers) async throws {
        try await servers.run { _ in
            let z = SortedSetCache<String>("infinite", prefix: "zsetRange", connection: servers.connection)
            try await z.clear()
            try await z.add(contentsOf: [(.infinity, "c"), (0, "b"), (-.infinity, "a")])
            #expect(listed(try await z.copy()) == ["a -inf", "b 0.0", "c inf"])
            #expect(letters(try await z.items(in: ...0)) == "ab")
            #expect(letters(try await z.items(in: 0...)) == "bc")
            #expect(letters(try await z.items(in: 0 ..< .infinity)) == "b")
            #expect(letters(try await z.items(in: ScoreRange(above: -.infinity))) == "bc")
            #expect(listed(try await z.ascending.batchSize(1).collected()) == ["a -inf", "b 0.0", "c inf"])
            #expect(
                listed(try await z.descending.batchSize(1).collected()) == ["c inf", "b 0.0", "a -inf"])
            #expect(try await z.popMax().map(listed) == "c inf")
        }
    }
}
