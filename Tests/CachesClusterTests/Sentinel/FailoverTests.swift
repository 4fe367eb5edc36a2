import CachesTesting
import CachesTransport
import TestSupport
import Testing

@testable import CachesCluster

/// A primary that fails or is demoted, on real servers.
@Suite struct FailoverTests {
    @Test("Another primary is followed at once, without waiting until they are asked again")
    func atOnce() async throws {
        try await withLocalSentinelGroup { group in
            // They are asked again only after this test.
            try await withSentinelPool([group.dsn.adding("refresh-interval=1h")]) { pool in
                let node = try pool.nodes[0]
                _ = try await node.send("PING")
                let first = try await group.master()
                try await group.failOver()
                let failover = try await group.waitForFailover(from: first)
                try await eventually { node.session?.endpoint == failover.master.announced }
                print("followed \(ContinuousClock.now - failover.ended) after all Sentinels knew")
                #expect(try await node.send("SET", "key", "value") == .status("OK"))
                #expect(try await failover.master.command("GET", "key").text == "value")
                #expect(node.counters.ejections == 0)
            }
        }
    }

    @Test("A message that is missed is made up for by asking")
    func polled() async throws {
        try await withLocalSentinelGroup(.init(replicas: 1, sentinels: 1)) { group in
            try await withSentinelPool([group.dsn.adding("refresh-interval=200ms")]) { pool in
                let node = try pool.nodes[0]
                _ = try await node.send("PING")
                let first = try await group.master()
                try await group.failOver()
                // No client listens when it is published.
                while try await group.sentinels[0].command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "mymaster")
                    .elements.last?.integer == Int64(first.port ?? 0)
                {
                    try await group.sentinels[0].command("CLIENT", "KILL", "TYPE", "pubsub")
                }
                let other = try await group.waitForFailover(from: first).master
                try await eventually {
                    let primary = (try? await group.master()) ?? other
                    return node.session?.endpoint == primary.announced
                }
            }
        }
    }

    @Test("A server that was demoted and still answers is left, by its role or when it refuses a write")
    func demoted() async throws {
        for writes in [true, false] {
            // The Sentinels hang, so that only the server itself says it.
            try await withLocalSentinelGroup(.init(replicas: 1)) { group in
                try await withSentinelPool([group.dsn.adding("refresh-interval=100ms")]) {
                    $0.nodes[0].connection.connectTimeout = .seconds(1)
                } _: { pool in
                    let node = try pool.nodes[0]
                    _ = try await node.send("SET", "key", "old")
                    let master = try await group.master()
                    // Otherwise the master, after it has been a replica of its replica, has the same data:
                    // nothing.
                    try await master.command("WAIT", "1", "20000", timeout: .seconds(30))
                    for sentinel in group.sentinels { sentinel.pause() }
                    try await master.command("REPLICAOF", "127.0.0.1", "\(group.servers[1].port ?? 0)")
                    if writes {
                        let error = await #expect(throws: CachesError.self) {
                            try await node.send("SET", "key", "new")
                        }
                        print(error.map { "\($0)" } ?? "")
                    }
                    try await eventually { node.isOut }
                    let error = await #expect(throws: CachesError.self) { try await node.send("GET", "key") }
                    #expect(error?.code != .timeout)
                    try await master.command("REPLICAOF", "NO", "ONE")
                    for sentinel in group.sentinels { sentinel.resume() }
                    try await eventually { (try? await node.send("GET", "key").text) == "old" }
                }
            }
        }
    }

    /// An operator makes the Sentinel watch the other server, of which it publishes nothing.
    private func watchOther(_ group: LocalSentinelGroup) async throws {
        let (other, sentinel) = (group.servers[1], group.sentinels[0])
        try await sentinel.command("SENTINEL", "REMOVE", "mymaster")
        try await other.command("REPLICAOF", "NO", "ONE")
        try await sentinel.command(
            "SENTINEL", "MONITOR", "mymaster", "127.0.0.1", "\(other.port ?? 0)", "1")
    }

    @Test("A call that is refused by a demoted server is made at the primary")
    func refusedCall() async throws {
        try await withLocalSentinelGroup(.init(replicas: 1, sentinels: 1)) { group in
            try await withSentinelPool([group.dsn.adding("refresh-interval=1h")]) { pool in
                let node = try pool.nodes[0]
                _ = try await node.send("PING")
                let (first, other) = (group.servers[0], group.servers[1])
                try await watchOther(group)
                #expect(try await node.send("INCR", "counter") == .integer(1))
                #expect(node.session?.endpoint == first.announced)
                try await first.command("REPLICAOF", "127.0.0.1", "\(other.port ?? 0)")
                // An INCR must not be made twice, and is made once.
                _ = try await node.send("INCR", "counter")
                #expect(node.session?.endpoint == other.announced)
                #expect(try await other.command("GET", "counter").text == "1")
                #expect(node.counters.ejections == 0)
            }
        }
    }

    @Test("Commands sent together that a demoted server refuses are made at the primary")
    func refusedTogether() async throws {
        try await withLocalSentinelGroup(.init(replicas: 1, sentinels: 1)) { group in
            try await withSentinelPool([group.dsn.adding("refresh-interval=1h")]) { pool in
                let node = try pool.nodes[0]
                _ = try await node.send("PING")
                let (first, other) = (group.servers[0], group.servers[1])
                try await watchOther(group)
                try await first.command("REPLICAOF", "127.0.0.1", "\(other.port ?? 0)")
                let words = [
                    ["INCR", "a"], ["ECHO", "there"], ["MULTI"], ["INCR", "b"], ["INCR", "b"], ["EXEC"],
                    ["INCR", "a"],
                ]
                let replies = try await node.pipeline(words.count, deadline: node.deadline()) { command in
                    for words in words {
                        command.begin(words.count)
                        for word in words { command.argument(word) }
                    }
                }
                #expect([replies[0], replies[6]] == [.integer(1), .integer(2)])
                #expect(replies[1].text == "there")
                #expect(replies[5].array.map(Array.init) == [.integer(1), .integer(2)])
                #expect(try await other.command("GET", "a").text == "2")
                #expect(node.counters.ejections == 0)
            }
        }
    }

    @Test("Calls under way are made at the new primary if they may be made twice, and fail if not")
    func underWay() async throws {
        try await withLocalSentinelGroup { group in
            try await withSentinelPool([group.dsn]) {
                $0.deadline = .seconds(60)
            } _: { pool in
                let node = try pool.nodes[0]
                _ = try await node.send("PING")
                let first = try await group.master()
                let twice = Task { try await node.takeFrom("twice", idempotent: true) }
                let once = Task { try await node.takeFrom("once", idempotent: false) }
                try await first.isAsked("blpop")
                try await group.failOver()
                let error = await #expect(throws: CachesError.self) { try await once.value }
                print(error.map { "\($0)" } ?? "")
                #expect(error?.code == .connectionLost)
                let other = try await group.waitForFailover(from: first).master
                try await other.command("RPUSH", "twice", "value")
                let value = try await twice.value
                #expect(value == "value")
                #expect(node.counters.ejections == 0)
            }
        }
    }

    /// The ways in which a primary goes.
    enum Way: String, CaseIterable {
        case planned, killed, hung
    }

    @Test(
        "Under load a failover fails calls only while the servers have no primary", arguments: Way.allCases)
    func underLoad(way: Way) async throws {
        try await withLocalSentinelGroup { group in
            try await withSentinelPool([group.dsn]) {
                $0.deadline = .seconds(1)
            } _: { pool in
                let node = try pool.nodes[0]
                let load = FailoverLoad(node)
                try await load.run(tasks: 16) {
                    try await load.settle()
                    let first = try await group.master()
                    let began = ContinuousClock.now
                    switch way {
                    case .planned: try await group.failOver()
                    case .killed: first.kill()
                    case .hung: first.pause()
                    }
                    let failover = try await group.waitForFailover(from: first)
                    try await eventually {
                        let primary = (try? await group.master()) ?? failover.master
                        return node.session?.endpoint == primary.announced && !node.isOut
                    }
                    let back = ContinuousClock.now
                    try await load.settle()
                    let report = load.report
                    print(
                        """
                        \(way.rawValue): the servers took \(failover.ended - began), \
                        the node \(back - began); \(report.reads) reads, \(report.writes) writes, \
                        \(report.failures.count) failed, \(report.wrong) wrong
                        """)
                    #expect(report.wrong == 0)
                    // A call that began in the window may fail until its deadline, which is 1 s.
                    for failure in report.failures {
                        #expect(failure.began >= began - .seconds(1), "\(failure.error)")
                        #expect(failure.began <= back, "\(failure.error)")
                    }
                }
            }
        }
    }
}

extension Node {
    /// Takes the first value of a list, for which it waits.
    fileprivate func takeFrom(_ list: String, idempotent: Bool) async throws -> String? {
        try await send(idempotent: idempotent, deadline: .after(.seconds(60))) { command in
            command.begin(3)
            for word in ["BLPOP", list, "0"] { command.argument(word) }
        }.array?.dropFirst().first?.text
    }
}
