import Caches
import CachesTesting
import TestSupport
import Testing

@Suite("Iteration over sorted sets on real servers", .timeLimit(.minutes(10)))
struct SortedSetIterationTests {
    @Test("A server that lists the same items for ever is found out")
    func endless() async throws {
        let page = "*4\r\n$1\r\n1\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n1\r\n"
        // The same page, and one that goes back.
        for next in [page, "*2\r\n$1\r\n3\r\n$1\r\n0\r\n"] {
            let server = try ScriptedServer([
                .answerUntil("ZRANGE"), .send(page), .answerUntil("EVAL"), .send(next),
            ])
            let pool = try CachePool(patiently: [server.dsn()])
            let items = SortedSetCache<Int>("endless", on: pool).ascending.batchSize(2)
            var seen: [Int] = []
            let error = await #expect(throws: CachesError.self) {
                for try await (_, element) in items { seen.append(element) }
            }
            #expect(seen == [1, 2])
            #expect(error?.code == .protocolViolation)
            #expect(error?.node == "scripted")
            await pool.close()
            server.stop()
        }
    }

    @Test("Items come in order from either end, whatever the batch size", arguments: Servers.kinds)
    func order(on servers: Servers) async throws {
        try await servers.run { _ in
            let z = SortedSetCache<Int>("order", prefix: "zsetIteration", connection: servers.connection)
            try await z.clear()
            #expect(try await z.ascending.collected().isEmpty)
            // Five hundred scores, each of three elements.
            try await z.add(contentsOf: (0..<1500).map { (score: Double($0 % 500), element: $0) })
            let all = listed(try await z.copy())
            #expect(all.count == 1500)
            for batchSize in [7, 500, 1500, .max] {
                let (up, down) = (z.ascending.batchSize(batchSize), z.descending.batchSize(batchSize))
                #expect(listed(try await up.collected()) == all)
                #expect(listed(try await down.collected()) == all.reversed())
            }
            #expect(
                listed(try await z.ascending.batchSize(1).limit(20).collected()) == Array(all.prefix(20)))
        }
    }

    @Test("An offset and a limit are exact, whatever the batch size", arguments: Servers.kinds)
    func limit(on servers: Servers) async throws {
        try await servers.run { _ in
            let z = SortedSetCache<Int>("limit", prefix: "zsetIteration", connection: servers.connection)
            try await z.clear()
            try await z.add(contentsOf: (0..<25).map { (score: Double($0), element: $0) })
            let all = Array(0..<25)
            for batchSize in [3, 7, 500] {
                for offset in [0, 10, 20, 25, .max] {
                    for limit in [0, 1, 7, 100, .max] {
                        let (up, down) = (
                            z.ascending.batchSize(batchSize), z.descending.batchSize(batchSize)
                        )
                        let forward = try await up.offset(offset).limit(limit).collected()
                        #expect(forward.map(\.element) == Array(all.dropFirst(offset).prefix(limit)))
                        let backward = try await down.limit(limit).offset(offset).collected()
                        #expect(
                            backward.map(\.element) == Array(all.reversed().dropFirst(offset).prefix(limit)))
                    }
                }
            }
            // It is an AsyncSequence, with all methods that Swift adds.
            var seen: [Int] = []
            for try await (score, element) in z.descending.batchSize(2).dropFirst(1).prefix(3) {
                #expect(score == Double(element))
                seen.append(element)
            }
            #expect(seen == [23, 22, 21])
            let even = try await z.ascending.filter { $0.element.isMultiple(of: 2) }.prefix(3).collected()
            #expect(even.map(\.element) == [0, 2, 4])
        }
    }

    @Test("Only as many items are asked for as are wanted")
    func frugality() async throws {
        try await withLocalFleet(nodes: 1, options: LocalServer.Options(lines: ["slowlog-log-slower-than 0"]))
        {
            fleet in
            let pool = try CachePool(patiently: fleet.dsns)
            let z = SortedSetCache<Int>("frugal", prefix: "", deadline: .seconds(20), on: pool)
            try await z.add(contentsOf: (0..<25).map { (score: Double($0), element: $0) })
            _ = try await fleet.servers[0].command("SLOWLOG", "RESET")
            let sequence = z.descending.offset(10).limit(7)
            #expect(try await sequence.collected().count == 7)
            #expect(try await sequence.batchSize(5).collected().count == 7)
            let log = try await fleet.servers[0].command("SLOWLOG", "GET", "-1").elements.reversed()
            let commands = log.map { $0.elements[3].elements.compactMap(\.text) }
                .filter { $0.contains("frugal") }
            #expect(commands[0] == ["ZRANGE", "frugal", "10", "16", "REV", "WITHSCORES"])
            #expect(commands[1] == ["ZRANGE", "frugal", "10", "14", "REV", "WITHSCORES"])
            // The commands of a script are logged as well.
            let scripts = commands.filter { $0[0] == "EVAL" }
            #expect(scripts.map { $0.dropFirst(2) } == [["1", "frugal", "2", "10.0", "10", "REV"]])
            #expect(commands.contains(["ZRANGE", "frugal", "15", "16", "WITHSCORES", "REV"]))
            #expect(commands.count { $0.contains("WITHSCORES") } == 3)
            await pool.close()
        }
    }

    @Test("A batch of no items and a negative count are refused", arguments: Servers.kinds)
    func badCounts(on servers: Servers) async throws {
        try await servers.run { _ in
            let z = SortedSetCache<Int>("bad", prefix: "zsetIteration", connection: servers.connection)
            let sequences = [
                z.ascending.batchSize(0), z.ascending.batchSize(-1), z.ascending.limit(-1),
                z.ascending.offset(-1), z.descending.offset(.min).limit(.min),
            ]
            for sequence in sequences {
                let error = await #expect(throws: CachesError.self) { try await sequence.collected() }
                #expect(error?.code == .invalidArgument)
            }
        }
    }

    @Test("Removing each returned item removes all items", arguments: Servers.kinds)
    func removal(on servers: Servers) async throws {
        try await servers.run { _ in
            let z = SortedSetCache<Int>("removal", prefix: "zsetIteration", connection: servers.connection)
            for sequence in [z.ascending, z.descending] {
                try await z.clear()
                try await z.add(contentsOf: (0..<300).map { (score: Double($0 / 100), element: $0) })
                var seen = 0
                for try await (_, element) in sequence.batchSize(9) {
                    seen += 1
                    #expect(try await z.remove(element))
                }
                #expect(seen == 300)
                #expect(try await z.isEmpty)
            }
        }
    }

    @Test("While others write, lasting items come exactly once and in order", arguments: Servers.kinds)
    func concurrentWriters(on servers: Servers) async throws {
        try await servers.run { _ in
            // All scores equal, and a few; the elements that stay lie among those that come and go.
            for scores in [1, 7] {
                let z = SortedSetCache<String>(
                    "writers", scores, prefix: "zsetIteration", connection: servers.connection)
                try await z.clear()
                let stays = (0..<500).map { (score: Double($0 % scores), element: "\($0)") }
                let comes = (0..<500).map { (score: Double($0 % scores), element: "\($0) not for long") }
                try await z.add(contentsOf: stays)
                let expected = listed(try await z.copy())
                try await withThrowingTaskGroup { group in
                    for _ in 0..<2 {
                        group.addTask {
                            while !Task.isCancelled {
                                try await z.add(contentsOf: Array(comes.shuffled().prefix(50)))
                                try await z.remove(contentsOf: comes.shuffled().prefix(50).map(\.element))
                            }
                        }
                    }
                    for _ in 0..<2 {
                        let up = try await z.ascending.batchSize(17).filter {
                            !$0.element.hasSuffix("long")
                        }
                        .collected()
                        #expect(listed(up) == expected)
                        let down = try await z.descending.batchSize(17).filter {
                            !$0.element.hasSuffix("long")
                        }
                        .collected()
                        #expect(listed(down) == expected.reversed())
                    }
                    group.cancelAll()
                    while true {
                        do { if try await group.next() == nil { break } } catch is CancellationError {}
                    }
                }
            }
        }
    }

    @Test(
        "Each page begins where the last one ended, however the set has changed", arguments: Servers.kinds)
    func model(on servers: Servers) async throws {
        try await servers.run { _ in
            var generator = SystemRandomNumberGenerator()
            for round in 0..<12 {
                let z = SortedSetCache<[UInt8]>(
                    "model", round, prefix: "zsetIteration", connection: servers.connection)
                var model = Model(scores: [[0], [-.infinity, -1, 0, 1.5, .infinity]][round % 2])
                try await z.clear()
                for _ in 0..<30 { try await model.change(z, using: &generator) }
                let isUp = round % 4 < 2
                let sequence = isUp ? z.ascending : z.descending
                var iterator = sequence.batchSize(1).makeAsyncIterator()
                var last: Model.Item?
                while true {
                    let expected = model.next(after: last, ascending: isUp)
                    let next = try await iterator.next().map {
                        Model.Item(score: $0.score, element: $0.element)
                    }
                    #expect(next == expected)
                    guard let next, next == expected else { break }
                    last = next
                    for _ in 0..<Int.random(in: 0...4) { try await model.change(z, using: &generator) }
                    // Quite often the item that the next page goes on from.
                    if Bool.random() { try await model.remove(next, from: z) }
                }
            }
        }
    }
}

/// The expected content of a sorted set.
private struct Model {
    struct Item: Equatable, Comparable {
        let score: Double
        let element: [UInt8]

        static func < (left: Item, right: Item) -> Bool {
            left.score == right.score
                ? left.element.lexicographicallyPrecedes(right.element) : left.score < right.score
        }
    }

    let scores: [Double]
    private var items: [Item] = []

    init(scores: [Double]) { self.scores = scores }

    func next(after last: Item?, ascending: Bool) -> Item? {
        guard let last else { return ascending ? items.min() : items.max() }
        return ascending ? items.filter { $0 > last }.min() : items.filter { $0 < last }.max()
    }

    /// Adds or removes an element. All begin alike, and hold the least and the greatest byte.
    mutating func change(
        _ cache: SortedSetCache<[UInt8]>, using generator: inout some RandomNumberGenerator
    ) async throws {
        if Bool.random(using: &generator), let item = items.randomElement(using: &generator) {
            return try await remove(item, from: cache)
        }
        let bytes: [UInt8] = [0, 1, 65, 97, 127, 128, 195, 255]
        let length = Int.random(in: 0...4, using: &generator)
        let element = (0..<length).map { _ in bytes.randomElement(using: &generator)! }
        // An item with another score would be seen twice, or not at all.
        guard !items.contains(where: { $0.element == element }) else { return }
        let item = Item(score: scores.randomElement(using: &generator)!, element: element)
        items.append(item)
        try await cache.add(item.element, score: item.score)
    }

    mutating func remove(_ item: Item, from cache: SortedSetCache<[UInt8]>) async throws {
        // It may be gone already, and its element be there with another score.
        guard let index = items.firstIndex(of: item) else { return }
        items.remove(at: index)
        try await cache.remove(item.element)
    }
}
