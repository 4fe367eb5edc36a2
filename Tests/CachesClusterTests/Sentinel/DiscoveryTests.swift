import CachesTesting
import CachesTransport
import TestSupport
import Testing

@testable import CachesCluster

/// How the primary is found, on real Sentinels.
@Suite struct DiscoveryTests {
    @Test(
        "The primary is found, with and without passwords and TLS",
        arguments: [
            LocalSentinelGroup.Options(replicas: 1),
            .init(server: .init(transport: .tls()), replicas: 1),
            .init(
                server: .init(transport: .tls(), access: .user("app", password: "Xyzzy-1905")), replicas: 1,
                sentinelAccess: .user("watcher", password: "Plugh-1906")),
            .init(
                server: .init(access: .password("Xyzzy-1905")), replicas: 1,
                sentinelAccess: .password("Plugh-1906"), service: "sessions"),
        ])
    func found(_ options: LocalSentinelGroup.Options) async throws {
        try await withLocalSentinelGroup(options) { group in
            try await withSentinelPool([group.dsn]) { pool in
                let node = try pool.nodes[0]
                #expect(node.name == "main")
                #expect(try await node.send("SET", "key", "value") == .status("OK"))
                let master = try await group.master()
                #expect(try await master.command("GET", "key").text == "value")
                #expect(node.session?.endpoint == master.announced)
                #expect(node.knownPrimary == master.announced)
                try await node.waitForSentinels(before: .after(.seconds(60)))
                #expect(node.sentinelAnswers.count == 3)
                #expect(node.sentinelAnswers.allSatisfy { $0.answer == "\(master.announced)" })
                #expect((node.session?.tlsVersion != nil) == (options.server.transport != .tcp))
                for sentinel in group.sentinels {
                    // One connection serves to ask and to listen, even if another was opened and lost before
                    // it.
                    try await eventually {
                        let list = try await sentinel.command("CLIENT", "LIST").text ?? ""
                        return list.split(separator: "\n").count { $0.contains("name=caches ") } == 1
                    }
                    try await eventually {
                        try await sentinel.command("CLIENT", "LIST").text?.contains("sub=1") == true
                    }
                }
            }
        }
    }

    @Test("One Sentinel that is down, or hangs, does not matter", arguments: [true, false])
    func oneDown(isDead: Bool) async throws {
        try await withLocalSentinelGroup(.init(replicas: 1)) { group in
            if isDead { group.sentinels[0].kill() } else { group.sentinels[0].pause() }
            // Answers are waited for up to half the time for opening, so any machine shows which of the two
            // it was.
            try await withSentinelPool([group.dsn]) {
                $0.deadline = .seconds(120)
                $0.nodes[0].connection.connectTimeout = .seconds(120)
            } _: { pool in
                let start = ContinuousClock.now
                let answer = try await pool.ping()
                #expect(answer == .status("PONG"))
                #expect(ContinuousClock.now - start < .seconds(60))
            }
        }
    }

    @Test("One Sentinel alone is believed when the others are down")
    func twoDown() async throws {
        try await withLocalSentinelGroup(.init(replicas: 0)) { group in
            group.sentinels[0].kill()
            group.sentinels[2].kill()
            try await withSentinelPool([group.dsn]) { pool in
                let answer = try await pool.ping()
                #expect(answer == .status("PONG"))
            }
        }
    }

    @Test("A Sentinel with old news doesn't win, at the start or later")
    func oldNews() async throws {
        // Another primary under the same name, which is well and says that it is a primary: the worst of old
        // news.
        try await withLocalSentinelGroup(.init(replicas: 0, sentinels: 1)) { old in
            try await withLocalSentinelGroup(.init(replicas: 1)) { group in
                let first = try await group.master()
                try await group.failOver()
                let master = try await group.waitForFailover(from: first).master
                let dsn = old.dsn(of: old.sentinels + group.sentinels)
                try await withSentinelPool([dsn]) {
                    $0.nodes[0].connection.connectTimeout = .seconds(4)
                    $0.nodes[0].refreshInterval = .milliseconds(200)
                } _: { pool in
                    let node = try pool.nodes[0]
                    for _ in 0..<3 {
                        try await eventually { (try? await node.send("PING")) != nil }
                        #expect(node.session?.endpoint == master.announced)
                        try await master.command("CLIENT", "KILL", "TYPE", "normal")
                    }
                    for sentinel in group.sentinels { sentinel.pause() }
                    try await master.command("CLIENT", "KILL", "TYPE", "normal")
                    try await eventually { (try? await node.send("PING")) != nil }
                    #expect(node.session?.endpoint == master.announced)
                    try await eventually {
                        node.sentinelAnswers.contains { $0.answer == "\(old.servers[0].announced)" }
                    }
                    #expect(node.knownPrimary == master.announced)
                    for sentinel in group.sentinels { sentinel.resume() }
                }
            }
        }
    }

    @Test("Sentinels that the DSN doesn't name are learned, and are enough")
    func learned() async throws {
        try await withLocalSentinelGroup(.init(replicas: 1)) { group in
            try await withSentinelPool([group.dsn(of: [group.sentinels[0]]).adding("refresh-interval=100ms")])
            { pool in
                let node = try pool.nodes[0]
                _ = try await node.send("PING")
                try await eventually { node.sentinelAnswers.count == 3 }
                try await node.waitForSentinels(before: .after(.seconds(60)))
                group.sentinels[0].kill()
                let master = try await group.master()
                try await master.command("CLIENT", "KILL", "TYPE", "normal")
                try await eventually { (try? await node.send("PING")) != nil }
                group.servers[0].kill()
                let other = try await group.waitForFailover(from: group.servers[0]).master
                try await eventually { (try? await node.send("PING")) != nil }
                #expect(node.session?.endpoint == other.announced)
            }
        }
    }

    @Test("A name that they don't know is an error that says so, at once")
    func wrongName() async throws {
        try await withLocalSentinelGroup(.init(replicas: 0)) { group in
            let dsn = group.dsn.replacing("/mymaster/", with: "/mymastre/")
            try await withSentinelPool([dsn]) { pool in
                let node = try pool.nodes[0]
                let error = await #expect(throws: CachesError.self) { try await node.send("PING") }
                print(error.map { "\($0)" } ?? "")
                #expect(error?.code == .configuration)
                #expect(error?.node == "main")
                for sentinel in group.sentinels {
                    #expect(
                        error?.message.contains("\(sentinel.announced): it knows no such primary") == true)
                }
            }
        }
    }

    @Test(
        "Sentinels that are all down, or all hang, are an error in time that names each",
        arguments: [true, false])
    func allDown(areDead: Bool) async throws {
        try await withLocalSentinelGroup(.init(replicas: 0)) { group in
            for sentinel in group.sentinels { if areDead { sentinel.kill() } else { sentinel.pause() } }
            try await withSentinelPool([group.dsn]) {
                $0.nodes[0].connection.connectTimeout = .seconds(2)
            } _: { pool in
                let node = try pool.nodes[0]
                let (error, time) = await onLoop {
                    let start = ContinuousClock.now
                    let error = await #expect(throws: CachesError.self) { try await node.send("PING") }
                    return (error, ContinuousClock.now - start)
                }
                print("\(time): \(error.map { "\($0)" } ?? "")")
                #expect(time < .seconds(9), "the deadline is 10 s")
                #expect(error?.code == .unreachable)
                for sentinel in group.sentinels {
                    #expect(error?.message.contains("\(sentinel.announced): ") == true)
                }
                for sentinel in group.sentinels {
                    if areDead { try await sentinel.restart() } else { sentinel.resume() }
                }
                try await eventually { (try? await node.send("PING")) != nil }
            }
        }
    }

    @Test("A wrong or a missing password of the Sentinels is reported, and never shown")
    func wrongPassword() async throws {
        try await withLocalSentinelGroup(.init(replicas: 0, sentinelAccess: .password("Plugh-1906"))) {
            group in
            for dsn in [
                group.dsn.replacing("Plugh-1906", with: "Xyzzy-1905"),
                group.dsn.replacing("?sentinel-password=Plugh-1906", with: ""),
            ] {
                try await withSentinelPool([dsn]) { pool in
                    let node = try pool.nodes[0]
                    let error = await #expect(throws: CachesError.self) { try await node.send("PING") }
                    print(error.map { "\($0)" } ?? "")
                    #expect(error?.code == .authentication)
                    #expect(error?.advice?.contains("sentinel-password-file=") == true)
                    expectNoSecret(in: error)
                }
            }
        }
    }

    @Test("An error tells a user that may not ask a server for its role which rights to grant")
    func roleForbidden() async throws {
        let access = LocalServer.Access.user("app", password: "Xyzzy-1905", rules: "~* +@all -role")
        try await withLocalSentinelGroup(.init(server: .init(access: access), replicas: 0, sentinels: 1)) {
            group in
            try await withSentinelPool([group.dsn]) { pool in
                let node = try pool.nodes[0]
                let error = await #expect(throws: CachesError.self) { try await node.send("PING") }
                #expect(error?.code == .authentication)
                #expect(error?.advice?.contains("+role") == true)
                expectNoSecret(in: error)
            }
        }
    }

    @Test(
        "A pool that is closed, or that nobody refers to any more, leaves no connection",
        arguments: [true, false])
    func closes(isClosed: Bool) async throws {
        try await withLocalSentinelGroup(.init(replicas: 1)) { group in
            func connections() async throws -> Int {
                var count = 0
                for process in group.sentinels + group.servers {
                    let list = try await process.command("CLIENT", "LIST").text ?? ""
                    count += list.split(separator: "\n").count { $0.contains("name=caches") }
                }
                return count
            }
            func use() async throws {
                var configuration = try PoolConfiguration(dsns: [group.dsn])
                configuration.deadline = .seconds(10)
                let pool = try CachePool(configuration, logger: silent)
                let node = try pool.nodes[0]
                _ = try await node.send("PING")
                try await eventually { pool.replica(of: node) != nil }
                let replica = try #require(pool.replica(of: node))
                _ = try await replica.send("PING")
                try await eventually { try await connections() == 5 }
                if isClosed { await pool.close() }
            }
            try await use()
            try await eventually { try await connections() == 0 }
        }
    }

    @Test("A server with the certificate of another is refused, by name and by address")
    func certificate() async throws {
        let tls = LocalServer.Transport.tls(.init(certificate: .otherHost))
        try await withLocalSentinelGroup(.init(server: .init(transport: tls), replicas: 0, sentinels: 1)) {
            group in
            try await withSentinelPool([group.dsn]) { pool in
                let error = await #expect(throws: CachesError.self) { try await pool.nodes[0].send("PING") }
                #expect(error?.code == .tls)
            }
            // If the DSN says that all have this name, it is believed.
            try await withSentinelPool([group.dsn.adding("sni=other.example")]) { pool in
                let answer = try await pool.ping()
                #expect(answer == .status("PONG"))
            }
        }
    }
}
