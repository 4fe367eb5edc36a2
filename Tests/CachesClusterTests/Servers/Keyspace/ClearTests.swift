import CachesTesting
import CachesTransport
import Synchronization
import Testing

@testable import CachesCluster

/// Keys removed by glob, on real servers.
@Suite struct ClearTests {
    @Test("20 000 keys of a prefix go, and nothing else", arguments: [10, 1000, 100_000])
    func prefix(batchSize: Int) async throws {
        try await withThreeServers { fleet, pool in
            let keys = (0..<20_000).map { "user.\($0)" }
            let others = (0..<100).map { "users.\($0)" } + ["user", "auser.1"]
            try await pool.fill(keys + others)
            let report = try await pool.clear(matching: "user.*", batchSize: batchSize)
            #expect(try report.get() == 20_000)
            #expect(report.removed == 20_000)
            #expect(report.failures.isEmpty)
            #expect(report.nodes.map(\.node) == ["n1", "n2", "n3"])
            for outcome in report.nodes {
                #expect(try outcome.removed == keys.count { try pool.node(for: $0).name == outcome.node })
            }
            #expect("\(report)" == "20000 keys removed on 3 of 3 nodes")
            #expect(try await pool.keys().all() == Set(others))
            #expect(try await pool.clear(matching: "user.*").get() == 0)
        }
    }

    @Test("A page is removed in the round trip that brings the next")
    func roundTrips() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            try await withPool(fleet.dsns) { pool in
                try await pool.fill((0..<5000).map { "user.\($0)" })
                _ = try await pool.clear(matching: "*", batchSize: 1000).get()
                let scans = try await fleet.servers[0].calls(of: "scan")
                #expect((5...8).contains(scans), "\(scans)")
                let removals = try await fleet.servers[0].calls(of: "unlink")
                #expect(removals <= scans)
                #expect(try await fleet.servers[0].size == 0)
            }
        }
    }

    @Test("Collections of any kind are removed, and keys that are not UTF-8")
    func kinds() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            try await withPool(fleet.dsns) { pool in
                let server = fleet.servers[0]
                for words in [
                    ["HSET", "k.h", "a", "1"], ["SADD", "k.s", "a"], ["RPUSH", "k.l", "a"],
                    ["ZADD", "k.z", "1", "a"], ["XADD", "k.x", "*", "a", "1"],
                    ["EVAL", "return redis.call('INCR', 'k.\\255')", "0"],
                ] {
                    try await server.command(words)
                }
                #expect(try await pool.clear(matching: "k.*").get() == 6)
                #expect(try await server.size == 0)
            }
        }
    }

    @Test("Escaped values remove their own keys alone")
    func escaped() async throws {
        try await withThreeServers { _, pool in
            let name = "*[a-z]?\\"
            try await pool.fill(["user.\(name).1", "user.ab.1", "user.*b?.1"])
            #expect(try await pool.clear(matching: "user.\(name).*").get() == 1)
            #expect(try await pool.keys().all() == ["user.ab.1", "user.*b?.1"])
        }
    }

    @Test("A malformed glob, an unknown connection or a batch of 0 throws, and removes nothing")
    func refused() async throws {
        try await withThreeServers { _, pool in
            try await pool.fill(["a"])
            for (glob, connection, batchSize, code) in [
                ("[a", .sharded, 1000, .invalidArgument), ("", .sharded, 1000, .invalidArgument),
                ("a", .sharded, 0, .invalidArgument), ("a", "nowhere", 1000, .configuration),
            ] as [(Glob, ConnectionName, Int, CachesError.Code)] {
                let error = await #expect(throws: CachesError.self) {
                    _ = try await pool.clear(matching: glob, connection: connection, batchSize: batchSize)
                }
                #expect(error?.code == code)
            }
            #expect(try await pool.keys().all() == ["a"])
        }
    }

    @Test("Flaw 11: a server that is down stops no other, and is hard to overlook")
    func down() async throws {
        try await withThreeServers { fleet, pool in
            let keys = (0..<20_000).map { "user.\($0)" }
            try await pool.fill(keys)
            fleet.servers[0].kill()
            let report = try await pool.clear(matching: "user.*")
            let lost = try keys.count { try pool.node(for: $0).name == "n1" }
            #expect(report.removed == 20_000 - lost)
            #expect(report.nodes.map { $0.error == nil } == [false, true, true])
            #expect(report.nodes[0].removed == 0)
            #expect(report.failures.map(\.node) == ["n1"])
            #expect("\(report)".contains("on 2 of 3 nodes; n1: "))
            let error = #expect(throws: CachesError.self) { try report.get() }
            #expect(error?.node == "n1")
            #expect(error?.message.contains("\(report.removed) keys were removed") == true)
            #expect(error?.message.contains("1 of 3 nodes: n1 (") == true)
            #expect(error?.advice != nil)
            for server in fleet.servers.dropFirst() { #expect(try await server.size == 0) }
        }
    }

    @Test("A server that dies meanwhile has the count of the keys that it removed before")
    func dies() async throws {
        try await withThreeServers { fleet, pool in
            try await pool.fill((0..<20_000).map { "user.\($0)" })
            let server = fleet.servers[1]
            let report = try await pool.clear(matching: "*", batchSize: 10) { progress in
                if progress.node == "n2", progress.removed > 100, server.isRunning { server.kill() }
            }
            #expect(report.failures.map(\.node) == ["n2"])
            #expect((101...1000).contains(report.nodes[1].removed))
            #expect(try await fleet.servers[0].size == 0)
            #expect(try await fleet.servers[2].size == 0)
        }
    }

    @Test("A server that hangs costs one deadline, the others nothing")
    func hangs() async throws {
        try await withThreeServers { fleet, pool in
            try await pool.fill((0..<300).map { "user.\($0)" })
            fleet.servers[2].pause()
            let report = try await pool.clear(matching: "*", deadline: .milliseconds(200))
            fleet.servers[2].resume()
            #expect(report.failures.map(\.code) == [.timeout])
            #expect(report.failures.map(\.node) == ["n3"])
            #expect(try await fleet.servers[0].size == 0)
            #expect(try await fleet.servers[1].size == 0)
        }
    }

    @Test("A connection that is lost meanwhile leaves no key behind")
    func reconnection() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            try await withPool(fleet.dsns) { pool in
                try await pool.fill((0..<2000).map { "user.\($0)" })
                let node = try pool.nodes[0]
                var scan = try NodeScan(node, matching: "*", batchSize: 10, deadline: nil)
                var page = try await scan.next().page
                for _ in 0..<20 { page = try await scan.next(removing: page).page }
                try await node.reconnects(fleet.servers[0])
                repeat {
                    page = try await scan.next(removing: page).page
                } while !page.isEmpty || !scan.isFinished
                #expect(try await fleet.servers[0].size == 0)
            }
        }
    }

    @Test("Progress is told of each node while it runs, with how far it has come")
    func progress() async throws {
        try await withThreeServers { fleet, pool in
            try await pool.fill((0..<3000).map { "user.\($0)" } + (0..<3000).map { "other.\($0)" })
            var sizes: [String: Int64] = [:]
            for server in fleet.servers { sizes[server.name] = try await server.size }
            let told = Mutex<[String: [ClearProgress]]>([:])
            let report = try await pool.clear(matching: "user.*", batchSize: 100) { progress in
                told.withLock { $0[progress.node, default: []].append(progress) }
            }
            for outcome in report.nodes {
                let steps = told.withLock { $0[outcome.node] ?? [] }
                #expect(steps.count > 5)
                #expect(steps.allSatisfy { $0.total.map(Int64.init) == sizes[outcome.node] })
                #expect(zip(steps, steps.dropFirst()).allSatisfy { $0.removed <= $1.removed })
                #expect(zip(steps, steps.dropFirst()).allSatisfy { $0.visited <= $1.visited })
                #expect(steps.last?.removed == outcome.removed)
                #expect(steps.last?.visited == steps.last?.total)
                #expect(steps.first?.visited == 100)
            }
        }
    }

    @Test("A user that may not remove gets that error, and one that may not count gets no total")
    func permissions() async throws {
        for (rules, failing, total) in [
            ("~* &* +@all -unlink", true, 10), ("~* &* +@all -scan", true, 10),
            ("~user.* &* +@all", false, 10), ("~* &* +@all -dbsize", false, nil),
        ] as [(String, Bool, Int?)] {
            let options = LocalServer.Options(access: .user("app", password: secret, rules: rules))
            try await withLocalFleet([options]) { fleet in
                try await withPool(fleet.dsns) { pool in
                    try await pool.fill((0..<10).map { "user.\($0)" })
                    let totals = Mutex<[Int?]>([])
                    let report = try await pool.clear(matching: "user.*") { progress in
                        totals.withLock { $0.append(progress.total) }
                    }
                    #expect(totals.withLock { $0.allSatisfy { $0 == total } }, "\(rules)")
                    #expect(report.failures.map(\.code) == (failing ? [.authentication] : []), "\(rules)")
                    for error in report.failures {
                        #expect(error.message.contains("NOPERM"))
                        expectNoSecret(in: error)
                    }
                    #expect(report.removed == (failing ? 0 : 10))
                }
            }
        }
    }

    @Test("A cancelled task stops removing, with Swift's own error")
    func cancelled() async throws {
        try await withThreeServers { _, pool in
            try await pool.fill((0..<20_000).map { "user.\($0)" })
            let task = Task {
                try await pool.clear(matching: "*", batchSize: 1) { progress in
                    if progress.removed >= 10 { withUnsafeCurrentTask { $0?.cancel() } }
                }
            }
            await #expect(throws: CancellationError.self) { _ = try await task.value }
            #expect(try await pool.keys().all().count > 1000)
        }
    }

    @Test("Keys that are written meanwhile are left or removed, and the rest goes")
    func writers() async throws {
        try await withThreeServers { _, pool in
            try await pool.fill((0..<5000).map { "user.\($0)" })
            let writer = Task {
                var number = 0
                while !Task.isCancelled {
                    number += 1
                    try await pool.fill(["late.\(number)"])
                }
            }
            _ = try await pool.clear(matching: "*", batchSize: 10).get()
            writer.cancel()
            _ = await writer.result
            #expect(try await pool.keys(matching: "user.*").all() == [])
        }
    }
}
