import Testing

@testable import CachesCluster

@Suite struct FingerprintTests {
    private static func fingerprint(_ dsns: String..., rule: PlacementRule = .rendezvous) throws -> String {
        var configuration = try PoolConfiguration(dsns: dsns)
        configuration.placement = rule
        return try CachePool(configuration).fingerprint
    }

    @Test("It is a contract between processes: eight digits, the same in every release")
    func golden() throws {
        #expect(try Self.fingerprint("redis://h1#a", "redis://h2#b") == "5c07539b")
        #expect(try Self.fingerprint("redis://h1#a", "redis://h2?weight=2.5#b") == "4b962e04")
        #expect(try Self.fingerprint("redis://h1#a", "redis://h2#b", rule: .jedis) == "d104d548")
    }

    @Test("It is the same for pools that place all keys alike", arguments: PlacementRule.allCases)
    func same(rule: PlacementRule) throws {
        let one = try Self.fingerprint("redis://h1#a", "redis://h2#b", rule: rule)
        #expect(try Self.fingerprint("redis://h2#b", "redis://h1#a", rule: rule) == one)
        #expect(try Self.fingerprint("redis://x@h1?timeout=2#a", "rediss://h2#b", rule: rule) == one)
        if rule != .ketama {
            #expect(try Self.fingerprint("redis://h3:7000#a", "unix:///b#b", rule: rule) == one)
        }
    }

    @Test("A name, a weight, a node more or another rule makes another", arguments: PlacementRule.allCases)
    func different(rule: PlacementRule) throws {
        var all = [
            try Self.fingerprint("redis://h1#a", "redis://h2#b", rule: rule),
            try Self.fingerprint("redis://h1#a", "redis://h2#b", "redis://h3#c", rule: rule),
            try Self.fingerprint("redis://h1#a", "redis://h3#c", rule: rule),
            try Self.fingerprint("redis://h1", "redis://h3", rule: rule),
        ]
        if rule.weights != .equal {
            all.append(try Self.fingerprint("redis://h1?weight=2#a", "redis://h2#b", rule: rule))
        }
        for other in PlacementRule.allCases where other != rule {
            all.append(try Self.fingerprint("redis://h1#a", "redis://h2#b", rule: other))
        }
        // ketama doesn't know names: the last but these is the last but one for it.
        #expect(Set(all).count == all.count - (rule == .ketama ? 1 : 0))
        #expect(all.allSatisfy { $0.wholeMatch(of: /[0-9a-f]{8}/) != nil })
    }

    @Test("For jedis the order of servers without names counts")
    func order() throws {
        let one = try Self.fingerprint("redis://h1", "redis://h2", rule: .jedis)
        #expect(try Self.fingerprint("redis://h2", "redis://h1", rule: .jedis) != one)
        let rendezvous = try Self.fingerprint("redis://h1", "redis://h2")
        #expect(try Self.fingerprint("redis://h2", "redis://h1") == rendezvous)
    }
}
