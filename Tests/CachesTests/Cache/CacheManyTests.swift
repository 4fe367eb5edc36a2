import CachesTesting
import TestSupport
import Testing

@testable import Caches

@Suite("Many keys at once on real servers", .timeLimit(.minutes(10)))
struct CacheManyTests {
    @Test("Values come in the order asked, nil for missing ones", arguments: Servers.allCases)
    func order(on servers: Servers) async throws {
        try await servers.run { fleet in
            for id in 0..<100 where id % 3 != 0 { try await UserCache(id).set(User(id: id, name: "u\(id)")) }
            let asked = Array((0..<100).reversed()) + [1, 1, 0, 2]
            let users = try await UserCache.getMany(asked)
            #expect(users == asked.map { $0 % 3 == 0 ? nil : User(id: $0, name: "u\($0)") })
            #expect(try await UserCache.getMany([Int]()).isEmpty)
            #expect(try await UserCache.getMany(Set([1])) == [User(id: 1, name: "u1")])
            #expect(try await UserCache.getMany([7].lazy.map { "\($0)" }) == [User(id: 7, name: "u7")])
        }
    }

    @Test("Keys of several parts can be asked for, too", arguments: Servers.allCases)
    func parts(on servers: Servers) async throws {
        try await servers.run { fleet in
            for id in 0..<10 { try await UserCache("org", id).set(User(id: id, name: "o")) }
            let users = try await UserCache.getMany((0..<10).map { ("org", $0) })
            #expect(users.map { $0?.id } == Array(0..<10))
        }
    }

    @Test("Each node is asked once", arguments: Servers.many)
    func oneCommandANode(on servers: Servers) async throws {
        try await servers.run { fleet in
            func calls() async throws -> [Int] {
                var calls: [Int] = []
                for server in fleet.servers {
                    let statistics = try await server.command("INFO", "commandstats").text ?? ""
                    let line = statistics.split(separator: "\r\n").first {
                        $0.hasPrefix("cmdstat_mget:calls=")
                    }
                    calls.append(line.flatMap { Int($0.dropFirst(19).prefix { $0 != "," }) } ?? 0)
                }
                return calls
            }
            let pool = try CachePool(patiently: fleet.dsns)
            let before = try await calls()
            _ = try await Cache<Int>.getMany(0..<1000, on: pool)
            let after = try await calls()
            // Other tests may ask meanwhile, but none as often as once for each key.
            for (before, after) in zip(before, after) { #expect((1...100).contains(after - before)) }
            await pool.close()
        }
    }

    @Test("A value that can't be decoded and a key of another type are misses", arguments: Servers.allCases)
    func misses(on servers: Servers) async throws {
        try await servers.run { fleet in
            final class Mixed: Cache<Int>, @unchecked Sendable {
                override class var connection: ConnectionName { Servers.connection }
            }
            let before = CacheCounters.undecodable
            try await Mixed("good").set(1)
            try await Cache<String>("bad", prefix: "Mixed", connection: Servers.connection).set("no number")
            let list = Mixed("list")
            _ = try await fleet.command(on: list.key, "RPUSH", list.key.text, "1")
            #expect(try await Mixed.getMany(["bad", "good", "list", "none"]) == [nil, 1, nil, nil])
            #expect(CacheCounters.undecodable > before)
        }
    }

    @Test("A key that is not valid fails alone", arguments: Servers.allCases)
    func invalidKey(on servers: Servers) async throws {
        try await servers.run { fleet in
            final class NoPrefix: Cache<Int>, @unchecked Sendable {
                override class var prefix: String { "" }
                override class var connection: ConnectionName { Servers.connection }
            }
            try await NoPrefix("noPrefix").set(1)
            let results = await NoPrefix.getEach(["noPrefix", "", "noPrefix2"])
            #expect(try results[0].get() == 1)
            let error = #expect(throws: CachesError.self) { try results[1].get() }
            #expect(error?.code == .invalidArgument)
            #expect(try results[2].get() == nil)
            await #expect(throws: CachesError.self) { try await NoPrefix.getMany(["noPrefix", ""]) }
        }
    }

    @Test("A node that is down fails its own keys only", arguments: [LocalServer.Transport.tcp, .tls()])
    func nodeDown(transport: LocalServer.Transport) async throws {
        try await withLocalFleet(nodes: 3, options: LocalServer.Options(transport: transport)) { fleet in
            let pool = try CachePool(patiently: fleet.dsns, outagePolicy: .fail)
            for id in 0..<60 { try await Cache<Int>(id, on: pool).set(id) }
            fleet.servers[1].kill()
            let results = await Cache<Int>.getEach(0..<60, on: pool)
            var failed = 0
            for (id, result) in results.enumerated() {
                if try pool.node(for: Cache<Int>(id).key.text).name == "redis2" {
                    failed += 1
                    let error = #expect(throws: CachesError.self) { try result.get() }
                    #expect(error?.node == "redis2")
                } else {
                    #expect(try result.get() == id)
                }
            }
            #expect(failed > 0)
            let error = await #expect(throws: CachesError.self) {
                try await Cache<Int>.getMany(0..<60, on: pool)
            }
            #expect(error?.node == "redis2")
            await pool.close()
        }
    }

    @Test("A cancelled task gets a cancellation for every key")
    func cancelled() async throws {
        try await Servers.three.run { fleet in
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return await Cache<Int>.getEach(0..<10)
            }
            for result in await task.value { #expect(throws: CancellationError.self) { try result.get() } }
        }
    }
}
