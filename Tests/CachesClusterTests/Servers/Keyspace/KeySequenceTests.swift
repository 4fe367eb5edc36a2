import CachesTesting
import CachesTransport
import Testing

@testable import CachesCluster

/// Keys of real servers, by glob.
@Suite struct KeySequenceTests {
    @Test("Every key of every node is there, in pages of any size", arguments: [1, 7, 1000, 100_000])
    func all(batchSize: Int) async throws {
        try await withThreeServers { _, pool in
            let users = Set((0..<2000).map { "user.\($0)" })
            try await pool.fill(Array(users) + (0..<500).map { "users.\($0)" } + ["user"])
            #expect(try await pool.keys(matching: "user.*", batchSize: batchSize).all() == users)
            #expect(try await pool.keys(batchSize: batchSize).all().count == 2501)
        }
    }

    @Test("Only the nodes of the connection are read")
    func connections() async throws {
        let servers = ["main", "sessions/a", "sessions/b"].map { LocalServer.Options(name: $0) }
        try await withLocalFleet(servers) { fleet in
            try await withPool(fleet.dsns) { pool in
                for node in try pool.nodes { try await node.fill(["on.\(node.name)"]) }
                #expect(try await pool.keys(matching: "*", connection: "main").all() == ["on.main"])
                #expect(
                    try await pool.keys(connection: "sessions").all() == ["on.sessions/a", "on.sessions/b"])
                #expect(try await pool.keys(connection: "sessions/b").all() == ["on.sessions/b"])

                var unknown = pool.keys(connection: "session").makeAsyncIterator()
                let error = await #expect(throws: CachesError.self) { try await unknown.next() }
                #expect(error?.code == .configuration)
                #expect(try await unknown.next() == nil)
            }
        }
    }

    static let meanings: [(glob: Glob, matching: [String], other: [String])] = [
        ("user", ["user"], ["users", "user.1", "a.user"]),
        ("user.*", ["user.", "user.1", "user.1.2"], ["user", "users.1", "a.user.1"]),
        ("a?c", ["abc", "a.c", "a?c"], ["ac", "abbc", "aéc"]),
        ("[a-c]1", ["a1", "b1", "c1"], ["d1", "-1", "1"]),
        ("[^a-c]1", ["d1", "-1"], ["a1", "1"]),
        ("[-a]1", ["-1", "a1"], ["b1"]),
        ("[a\\-c]1", ["a1", "-1", "c1"], ["b1", "\\1"]),
        ("[\\]]1", ["]1"], ["\\1", "1"]),
        ("[a-c-e]1", ["b1", "-1", "e1"], ["d1"]),
        ("{a,b}", ["{a,b}"], ["a", "b"]),
        ("\\*", ["*"], ["\\*", "a"]),
        ("\(#"a*b?[c]\^-"#).*", [#"a*b?[c]\^-.1"#], ["aXbYc^-.1", "a*b?c.1"]),
        ("日本?", ["日本x"], ["日本", "日本語"]),
    ]

    @Test("A glob means the documented pattern")
    func meaning() async throws {
        try await withThreeServers { _, pool in
            try await pool.fill(Self.meanings.flatMap { $0.matching + $0.other })
            for (glob, matching, other) in Self.meanings {
                let found = try await pool.keys(matching: glob).all()
                #expect(found.isSuperset(of: matching), "\(glob)")
                #expect(found.isDisjoint(with: other), "\(glob)")
            }
        }
    }

    @Test("A malformed glob or batch size is refused before a key is read")
    func refused() async throws {
        try await withThreeServers { fleet, pool in
            try await pool.fill(["a"])
            let sequences = [
                pool.keys(matching: "["), pool.keys(matching: ""), pool.keys(batchSize: 0),
                pool.keys(batchSize: -1), pool.keys(batchSize: 100_001),
            ]
            for keys in sequences {
                var iterator = keys.makeAsyncIterator()
                let error = await #expect(throws: CachesError.self) { try await iterator.next() }
                #expect(error?.code == .invalidArgument)
                #expect(error?.advice != nil)
                #expect(try await iterator.next() == nil)
            }
            for server in fleet.servers { #expect(try await server.calls(of: "scan") == 0) }
        }
    }

    @Test("A node that is down stops no other, and the iteration ends with an error that names it")
    func down() async throws {
        try await withThreeServers { fleet, pool in
            let keys = (0..<300).map { "user.\($0)" }
            try await pool.fill(keys)
            fleet.servers[0].kill()
            fleet.servers[2].kill()
            var iterator = pool.keys(batchSize: 10).makeAsyncIterator()
            var found = Set<String>()
            let error = await #expect(throws: CachesError.self) {
                while let key = try await iterator.next() { found.insert(key) }
            }
            #expect(try found == Set(keys.filter { try pool.node(for: $0).name == "n2" }))
            #expect(error?.message.contains("2 of 3 nodes: n1 (") == true, "\(error!)")
            #expect(error?.message.contains("n3 (") == true)
            #expect(error?.advice != nil)
            #expect(error?.node == nil)
            let failures = try #require(error?.underlying as? NodeFailures).errors
            #expect(failures.map(\.node) == ["n1", "n3"])
            #expect(iterator.failures.map(\.node) == ["n1", "n3"])
            #expect(try await iterator.next() == nil)
        }
    }

    @Test("A node that dies meanwhile is named, and a reader that stops early still finds its error")
    func dies() async throws {
        try await withThreeServers { fleet, pool in
            try await pool.fill((0..<3000).map { "user.\($0)" })
            var iterator = pool.keys(batchSize: 10).makeAsyncIterator()
            _ = try await iterator.next()
            fleet.servers[0].kill()
            // After the rest of the page that had come.
            for _ in 0..<100 { _ = try await iterator.next() }
            #expect(iterator.failures.map(\.node) == ["n1"])
        }
    }

    @Test("A node that hangs costs one deadline, and is named")
    func hangs() async throws {
        try await withThreeServers { fleet, pool in
            try await pool.fill((0..<30).map { "user.\($0)" })
            fleet.servers[1].pause()
            let keys = pool.keys(deadline: .milliseconds(200))
            var found = 0
            let error = await #expect(throws: CachesError.self) {
                for try await _ in keys { found += 1 }
            }
            fleet.servers[1].resume()
            #expect(error?.code == .timeout)
            #expect(error?.node == "n2")
            #expect(found > 0)
        }
    }

    @Test("A connection that is lost starts the node's scan again: no key is left out")
    func reconnection() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            try await withPool(fleet.dsns) { pool in
                let keys = (0..<500).map { "user.\($0)" }
                try await pool.fill(keys)
                var iterator = pool.keys(batchSize: 10).makeAsyncIterator()
                var found: [String] = []
                while found.count < 100, let key = try await iterator.next() { found.append(key) }
                try await pool.nodes[0].reconnects(fleet.servers[0])
                while let key = try await iterator.next() { found.append(key) }
                #expect(Set(found) == Set(keys))
                #expect(found.count > 550, "those of the first pages come twice")
                #expect(found.count < 700)
            }
        }
    }

    @Test("A connection that is lost time and again is an error, not a scan without an end")
    func reconnections() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            try await withPool(fleet.dsns) { pool in
                try await pool.fill((0..<500).map { "user.\($0)" })
                let node = try pool.nodes[0]
                var scan = try NodeScan(node, matching: "*", batchSize: 10, deadline: nil)
                _ = try await scan.next()
                for _ in 0..<3 {
                    try await node.reconnects(fleet.servers[0])
                    _ = try await scan.next()
                }
                try await node.reconnects(fleet.servers[0])
                let error = await #expect(throws: CachesError.self) { _ = try await scan.next() }
                #expect(error?.code == .connectionLost)
                #expect(error?.node == node.name)
                #expect(error?.advice != nil)
            }
        }
    }

    @Test("A cancelled task stops reading, with Swift's own error")
    func cancelled() async throws {
        try await withThreeServers { _, pool in
            try await pool.fill((0..<100).map { "user.\($0)" })
            let task = Task {
                var count = 0
                while true { for try await _ in pool.keys(batchSize: 1) { count += 1 } }
            }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    @Test("A key that is not UTF-8 is shown as far as it can be read")
    func binary() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            try await withPool(fleet.dsns) { pool in
                try await fleet.servers[0].command("EVAL", "redis.call('SET', 'a\\255b', 1)", "0")
                #expect(try await pool.keys().all() == ["a\u{FFFD}b"])
            }
        }
    }
}

extension KeySequence {
    /// All keys, each once.
    func all() async throws -> Set<String> { try await reduce(into: []) { $0.insert($1) } }
}
