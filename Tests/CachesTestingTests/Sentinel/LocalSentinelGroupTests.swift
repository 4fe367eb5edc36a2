import TestSupport
import Testing

@testable import CachesTesting

@Suite("A local group of sentinels")
struct LocalSentinelGroupTests {
    static let kinds: [LocalSentinelGroup.Options] = [
        .init(),
        .init(server: .init(access: .password("s3cret")), replicas: 1),
        .init(
            server: .init(transport: .tls(), access: .user("app", password: "a:b@c", rules: "~* +get +set")),
            replicas: 1, sentinelAccess: .password("w4tch")),
        .init(
            server: .init(name: "cache"), replicas: 0, sentinels: 1,
            sentinelAccess: .user("watcher", password: "w4tch"), service: "sessions"),
    ]

    @Test(
        "A local group of sentinels starts with a master, replicas in step, and sentinels that know each other",
        arguments: kinds)
    func starts(_ options: LocalSentinelGroup.Options) async throws {
        try await withLocalSentinelGroup(options) { group in
            let master = try await group.master()
            #expect(master === group.servers[0])
            let replicas = await group.replicas()
            #expect(replicas.map(\.name) == group.servers.dropFirst().map(\.name))
            try await master.command("SET", "key", "value")
            let confirmed = try await master.command(
                "WAIT", "\(options.replicas)", "10000", timeout: .seconds(20))
            #expect(confirmed.integer == Int64(options.replicas))
            for replica in replicas {
                let value = try await replica.command("GET", "key")
                #expect(value.text == "value")
            }
            for sentinel in group.sentinels {
                let known = try await sentinel.command("SENTINEL", "SENTINELS", options.service)
                #expect(known.elements.count == options.sentinels - 1)
            }
        }
    }

    @Test("A local group of sentinels has a DSN with the addresses and the credentials that clients need")
    func dsn() async throws {
        try await withLocalSentinelGroup(Self.kinds[2]) { group in
            let ports = group.sentinels.map { "localhost:\($0.port ?? 0)" }
            #expect(
                group.dsn.hasPrefix(
                    "rediss+sentinel://app:a%3Ab%40c@\(ports.joined(separator: ","))/mymaster/0?ca=/"))
            #expect(group.dsn.hasSuffix("&sentinel-password=w4tch#main"))
            #expect(group.dsn(of: [group.sentinels[1]]).contains("@\(ports[1])/mymaster/0?"))
        }
        try await withLocalSentinelGroup(Self.kinds[3]) { group in
            let port = try #require(group.sentinels[0].port)
            #expect(
                group.dsn == "redis+sentinel://127.0.0.1:\(port)/sessions/0"
                    + "?sentinel-user=watcher&sentinel-password=w4tch#cache")
        }
    }

    @Test("A local group of sentinels asks clients of the sentinels for their password")
    func sentinelPassword() async throws {
        try await withLocalSentinelGroup(.init(replicas: 0, sentinels: 1, sentinelAccess: .password("w4tch")))
        {
            group in
            let socket = group.sentinels[0].socketPath
            let answer = await blocking { () throws(Never) in
                Result { () throws(FleetError) in
                    try AdminConnection.open(path: socket, as: nil, timeout: .seconds(5)).command(
                        ["SENTINEL", "MASTERS"])
                }
            }
            guard case .failure(let error) = answer else {
                Issue.record("the sentinel answered")
                return
            }
            #expect(error.message.contains("NOAUTH"))
        }
    }

    @Test(
        "A local group of sentinels has another master when the one dies, which returns to the group",
        arguments: kinds.prefix(3))
    func masterDies(_ options: LocalSentinelGroup.Options) async throws {
        try await withLocalSentinelGroup(options) { group in
            let former = group.servers[0]
            former.kill()
            let failover = try await group.waitForFailover(from: former)
            print("a failover after a kill took \(failover.length)")
            #expect(failover.length > options.downAfter / 2)
            let master = try await group.master()
            #expect(master === failover.master)
            try await former.restart()
            // As a replica; unless the machine stalls, so that the sentinels make it the master again at
            // once.
            try await eventually(within: .seconds(180)) { await group.replicas().count == options.replicas }
        }
    }

    @Test("A local group of sentinels has another master when the one hangs")
    func masterHangs() async throws {
        try await withLocalSentinelGroup { group in
            let first = group.servers[0]
            first.pause()
            _ = try await group.waitForFailover(from: first)
            first.resume()
            try await eventually(within: .seconds(180)) { await group.replicas().count == 2 }
        }
    }

    @Test("A local group of sentinels has another master when it is told to")
    func failover() async throws {
        // Not after another failover: sentinels may then choose the former master before it has become a
        // replica, and notice that ten seconds later.
        try await withLocalSentinelGroup { group in
            let former = group.servers[0]
            try await group.failOver()
            let failover = try await group.waitForFailover(from: former)
            print("a failover that was asked for took \(failover.length)")
            #expect(failover.master !== former)
        }
    }

    @Test("A local group of sentinels goes on with two sentinels of three, and keeps its master with one")
    func sentinelsDie() async throws {
        try await withLocalSentinelGroup { group in
            group.sentinels[0].kill()
            let first = group.servers[0]
            first.kill()
            let second = try await group.waitForFailover(from: first).master
            group.sentinels[1].kill()
            let master = try await group.master()
            #expect(master === second)
            second.kill()
            await #expect(throws: FleetError.self) { try await group.master() }
            await #expect(throws: FleetError.self) {
                try await group.waitForFailover(from: second, deadline: .seconds(3))
            }
        }
    }

    @Test("A local group of sentinels refuses impossible options, and leaves nothing behind when stopped")
    func bounds() async throws {
        await #expect(throws: FleetError.self) { try await LocalSentinelGroup.start(.init(sentinels: 0)) }
        await #expect(throws: FleetError.self) {
            try await LocalSentinelGroup.start(.init(server: .init(transport: .unix)))
        }
        let group = try await LocalSentinelGroup.start(.init(replicas: 1))
        let processes = (group.servers + group.sentinels).compactMap(\.processIdentifier)
        #expect(processes.count == 5)
        await group.stop()
        await group.stop()
        for process in processes { #expect(!isRunning(process)) }
        #expect(fileNames(in: group.supervisor.folder).isEmpty)
    }
}
