import CachesTransport
import Testing

@testable import CachesCluster

@Suite struct PlacementTests {
    // MARK: Each rule's identity of a server

    @Test(
        "A server is known to each rule by the identity that the rule's peers have for it",
        arguments: [
            ("redis://10.0.0.1#a", ["a", "10.0.0.1:6379", "a", "a", "a", "a"]),
            (
                "redis://10.0.0.1",
                [
                    "10.0.0.1:6379/0", "10.0.0.1:6379", "10.0.0.1:6379", "10.0.0.1:6379/0",
                    "redis://10.0.0.1:6379", "",
                ]
            ),
            (
                "rediss://cache.example:11211/2",
                [
                    "cache.example:11211/2", "cache.example:11211", "cache.example", "cache.example:11211/2",
                    "rediss://cache.example:11211/2", "",
                ]
            ),
            (
                "redis://[::1]:6380",
                ["[::1]:6380/0", "[::1]:6380", "[::1]:6380", "[::1]:6380/0", "redis://[::1]:6380", ""]
            ),
            (
                "unix:///run/redis.sock?db=1",
                [
                    "/run/redis.sock/1", "/run/redis.sock", "/run/redis.sock:", "/run/redis.sock/1",
                    "unix:///run/redis.sock?db=1", "",
                ]
            ),
            (
                "redis://h#sessions/a",
                ["sessions/a", "h:6379", "sessions/a", "sessions/a", "sessions/a", "sessions/a"]
            ),
            ("redis://h?identity=a#a", ["a", "a", "a", "a", "a", "a"]),
            (
                "redis://h?identity=redis://h:6379/0#a",
                [String](repeating: "redis://h:6379/0", count: 6)
            ),
        ])
    func identities(dsn: String, expected: [String]) throws {
        let server = try NodeConfiguration(dsn: dsn)
        #expect(PlacementRule.allCases.map { server.identity(for: $0) } == expected)
        for (rule, identity) in zip(PlacementRule.allCases, expected) {
            #expect(try Placement(rule, on: [server]).nodes == [.init(identity)])
        }
    }

    @Test("An identity that was set stays when the server is renamed, and is in the DSN")
    func givenIdentity() throws {
        var server = try NodeConfiguration(dsn: "redis://h?identity=old#new")
        #expect(server.identity == "old" && server.name == "new")
        #expect(server.redactedDSN == "redis://h:6379/0?identity=old#new")
        server.name = "newer"
        #expect(server.identity == "old")
        let plain = try NodeConfiguration(dsn: "redis://h#new")
        #expect(plain.identity == "new" && plain.redactedDSN == "redis://h:6379/0#new")
    }

    @Test("For jedis the position of a server without a name counts, that of one with a name doesn't")
    func positions() throws {
        let (a, b) = (try NodeConfiguration(dsn: "redis://a"), try NodeConfiguration(dsn: "redis://b"))
        let (one, other) = (try Placement(.jedis, on: [a, b]), try Placement(.jedis, on: [b, a]))
        for number in 0..<100 {
            #expect(one.owner(of: "user.\(number)") == other.owner(of: "user.\(number)"))
        }
    }

    // MARK: Hash tags

    @Test("Keys with the same tag are together, for every rule", arguments: PlacementRule.allCases)
    func tags(rule: PlacementRule) throws {
        let placement = try Placement(rule, (0..<20).map { .init("node\($0)") })
        for number in 0..<50 {
            let owner = placement.owner(of: "\(number)")
            #expect(placement.owner(of: "{\(number)}.name") == owner)
            #expect(placement.owner(of: KeyBytes("{\(number)}.name")) == owner)
            #expect(placement.explanation(of: "{\(number)}.name").part == "\(number)")
            #expect(placement.explanation(of: "{}\(number)").part == "{}\(number)")
        }
    }

    @Test(
        "`redis-rb`'s tag begins a line, and every other rule's is anywhere",
        arguments: [
            ("a{b}c", "a{b}c", "b"), ("{b}c", "b", "b"), ("x\n{b}c", "b", "b"), ("{}}c", "}", "{}}c"),
            ("{b\n}c", "{b\n}c", "b\n"), ("{b\n{c}d", "c", "b\n{c"), ("{{b}}", "{b", "{b"), ("{", "{", "{"),
        ])
    func redisRBTags(key: String, ruby: String, others: String) throws {
        for rule in PlacementRule.allCases {
            let part = try Placement(rule, [.init("a")]).explanation(of: key).part
            #expect(part == (rule == .redisRB ? ruby : others), "\(rule)")
        }
    }

    // MARK: Explanations

    @Test("Scores fall, and are the weights' share of chance")
    func scores() throws {
        for rule in [PlacementRule.rendezvous, .goRedis] {
            let placement = try Placement(rule, (0..<9).map { .init("node\($0)") })
            let explanation = placement.explanation(of: "user.42")
            let scores = try explanation.ranks.map { try #require($0.score) }
            #expect(scores == scores.sorted(by: >) && Set(scores).count == 9)
            #expect(explanation.ranks.allSatisfy { $0.point == nil })
            #expect(explanation.hash == XXHash64.hash(of: "user.42").hexadecimal)
        }
        let even = try Placement(.rendezvous, [.init("a"), .init("b")]).explanation(of: "k").ranks
        let heavy = try Placement(.rendezvous, [.init("a", weight: 3), .init("b")]).explanation(of: "k").ranks
        let (light, thrice) = (even.first { $0.node == 0 }?.score, heavy.first { $0.node == 0 }?.score)
        #expect(try #require(light) * 3 == thrice)
    }

    @Test(
        "A ring's points follow the key, or precede it, and are the client's own numbers",
        arguments: [.ketama, .twemproxy, .redisRB, .jedis] as [PlacementRule])
    func points(rule: PlacementRule) throws {
        let placement = try Placement(rule, (0..<9).map { .init("node\($0)") })
        for number in 0..<100 {
            let explanation = placement.explanation(of: "user.\(number)")
            let key = try #require(Int64(explanation.hash))
            let points = try explanation.ranks.map { try #require($0.point.flatMap { Int64($0) }) }
            #expect(explanation.ranks.allSatisfy { $0.score == nil })
            // At most one round of the circle: the numbers begin again at one place only.
            let path = [key] + points
            let breaks = zip(path, path.dropFirst()).count { rule == .redisRB ? $0 < $1 : $0 > $1 }
            #expect(breaks <= 1)
            let range = rule == .jedis ? Int64.min ... .max : 0...Int64(UInt32.max)
            #expect(path.allSatisfy { range ~= $0 })
        }
    }

    // MARK: Bad input

    @Test(
        "Nodes that can't be placed are refused, with the reason and the node",
        arguments: [
            (.rendezvous, [], "a placement needs at least one node."),
            (.ketama, [.init("a"), .init("a")], "a: the identity a is that of another server already."),
            (.rendezvous, [.init("a", weight: 0)], "a: the weight is not from 0.001 to 1000000."),
            (.rendezvous, [.init("a", weight: .nan)], "a: the weight is not from"),
            (.rendezvous, [.init("a", weight: .infinity)], "a: the weight is not from"),
            (.rendezvous, [.init("a", weight: -1)], "a: the weight is not from"),
            (.ketama, [.init("a"), .init("b", weight: 1.5)], "b: the placement ketama takes whole numbers"),
            (.twemproxy, [.init("b", weight: 0.5)], "b: the placement twemproxy takes whole numbers"),
            (.jedis, [.init("b", weight: 0.5)], "b: the placement jedis takes whole numbers"),
            (
                .jedis, [.init("a", weight: 5000), .init("b", weight: 5001)],
                "b: the placement jedis takes weights of 10000 in all, and these are more."
            ),
            (.jedis, [.init("a"), .init("a")], "the identity a is that of another"),
            (.goRedis, [.init("a"), .init("b", weight: 2)], "b: the placement go-redis has no weights."),
            (.redisRB, [.init("a", weight: 2), .init("b")], "b: the placement redis-rb has no weights."),
        ] as [(PlacementRule, [Placement.Node], String)])
    func faults(rule: PlacementRule, nodes: [Placement.Node], message: String) {
        let error = #expect(throws: CachesError.self) { try Placement(rule, nodes) }
        #expect(error?.code == .configuration)
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }

    @Test("Equal weights, and servers without names for jedis, are refused by no rule")
    func accepted() throws {
        for rule in PlacementRule.allCases {
            #expect(try Placement(rule, [.init("a", weight: 3), .init("b", weight: 3)]).nodes.count == 2)
        }
        #expect(try Placement(.jedis, [.init(""), .init("")]).nodes.count == 2)
    }

    @Test("A pool's error names the variable of the server")
    func source() throws {
        for (placement, first, second, message) in [
            (
                "ketama", "redis://h#a", "redis://h/1#b",
                "CACHES_DSN_2: the identity h:6379 is that of another"
            ),
            (
                "go-redis", "redis://h#a", "redis://h?weight=2#b",
                "CACHES_DSN_2: the placement go-redis has no"
            ),
            ("jedis", "redis://g", "redis://h?weight=0.5", "CACHES_DSN_2: the placement jedis takes whole"),
        ] {
            let configuration = try PoolConfiguration(environment: [
                "CACHES_DSN_1": first, "CACHES_DSN_2": second, "CACHES_POOL": "placement=\(placement)",
            ])
            let error = #expect(throws: CachesError.self) { try CachePool(configuration) }
            #expect(error?.description.contains(message) == true, "\(String(describing: error))")
        }
    }
}
