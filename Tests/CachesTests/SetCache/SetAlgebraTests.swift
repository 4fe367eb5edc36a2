import Caches
import CachesTesting
import Testing

@Suite("The algebra of sets on real servers", .timeLimit(.minutes(10)))
struct SetAlgebraTests {
    /// The places of the two sets of a test.
    enum Place: String, CaseIterable, KeyPart, Sendable {
        case sameNode, twoNodes
    }

    struct Example: Sendable {
        let one: Set<Int>
        let two: Set<Int>
    }

    static let examples = [
        Example(one: [1, 2, 3], two: [3, 4]),
        Example(one: [1, 2], two: [1, 2, 3]),
        Example(one: [1, 2, 3], two: [2]),
        Example(one: [1], two: [2]),
        Example(one: [], two: [1, 2]),
        Example(one: [1, 2], two: []),
        Example(one: [], two: []),
        Example(one: Set(0..<3000), two: Set(1000..<5000)),
    ]

    @Test("Two sets are combined as Swift's are", arguments: Servers.kinds, Place.allCases)
    func cacheWithCache(on servers: Servers, _ place: Place) async throws {
        try await servers.run { _ in
            for (number, example) in Self.examples.enumerated() {
                guard let (one, two) = try await caches("cc\(number)", on: servers, place) else { return }
                try await one.fill(example.one)
                try await two.fill(example.two)
                #expect(try await one.union(two) == example.one.union(example.two))
                #expect(try await one.intersection(two) == example.one.intersection(example.two))
                #expect(try await one.subtracting(two) == example.one.subtracting(example.two))
                #expect(
                    try await one.symmetricDifference(two) == example.one.symmetricDifference(example.two))
                #expect(try await one.isSubset(of: two) == example.one.isSubset(of: example.two))
                #expect(try await one.isSuperset(of: two) == example.one.isSuperset(of: example.two))
                #expect(try await one.isDisjoint(with: two) == example.one.isDisjoint(with: example.two))
                #expect(try await one.copy() == example.one)
                #expect(try await two.copy() == example.two)
            }
        }
    }

    @Test("A set is combined with any sequence as Swift's are", arguments: Servers.kinds)
    func cacheWithSequence(on servers: Servers) async throws {
        try await servers.run { _ in
            let cache = SetCache<Int>("sequence", prefix: "algebra", connection: servers.connection)
            for example in Self.examples {
                let (set, others) = (example.one, Array(example.two))
                try await cache.fill(set)
                #expect(try await cache.union(others) == set.union(others))
                #expect(try await cache.intersection(others) == set.intersection(others))
                #expect(try await cache.subtracting(others) == set.subtracting(others))
                #expect(try await cache.symmetricDifference(others) == set.symmetricDifference(others))
                #expect(try await cache.isSubset(of: others) == set.isSubset(of: others))
                #expect(try await cache.isSuperset(of: others) == set.isSuperset(of: others))
                #expect(try await cache.isDisjoint(with: others) == set.isDisjoint(with: others))
                #expect(try await cache.copy() == set)
            }
        }
    }

    @Test("Sets of different coders are compared by their elements", arguments: Servers.kinds)
    func coders(on servers: Servers) async throws {
        try await servers.run { _ in
            let plain = SetCache<Int>("plain{c}", prefix: "algebra", connection: servers.connection)
            let other = SetCache<Int>(
                "other{c}", prefix: "algebra", connection: servers.connection, coder: Reversing())
            try await plain.fill([12, 21, 34])
            try await other.fill([34, 56])
            #expect(try await plain.intersection(other) == [34])
            #expect(try await other.union(plain) == [12, 21, 34, 56])
            #expect(try await plain.isDisjoint(with: other) == false)
            #expect(try await plain.symmetricDifference(other) == [12, 21, 56])
        }
    }

    @Test("A value that is not a set is an error on either side", arguments: Servers.kinds, Place.allCases)
    func wrongType(on servers: Servers, _ place: Place) async throws {
        try await servers.run { _ in
            guard let (one, two) = try await caches("wrong", on: servers, place) else { return }
            try await one.fill([1])
            try await Cache<Int>(key: two.key, connection: servers.connection).set(1)
            await #expect(throws: CachesError.self) { try await one.union(two) }
            await #expect(throws: CachesError.self) { try await two.intersection(one) }
            await #expect(throws: CachesError.self) { try await one.symmetricDifference(two) }
            await #expect(throws: CachesError.self) { try await two.isSubset(of: one) }
        }
    }

    /// Two empty sets on one node or on two; nil if there are no two nodes.
    private func caches(
        _ name: String, on servers: Servers, _ place: Place
    ) async throws -> (SetCache<Int>, SetCache<Int>)? {
        let pool = try #require(CachePool.current)
        // A cluster's servers are not known before it is asked for them.
        try await pool.discover(connection: servers.connection)
        let first = SetCache<Int>(name, place, 0, prefix: "algebra", connection: servers.connection)
        let owner = try pool.node(for: first.key.text, connection: servers.connection)
        for number in 1..<100 {
            let second = SetCache<Int>(name, place, number, prefix: "algebra", connection: servers.connection)
            let other = try pool.node(for: second.key.text, connection: servers.connection)
            if (other === owner) == (place == .sameNode) { return (first, second) }
        }
        #expect([.one, .sentinels].contains(servers) && place == .twoNodes)
        return nil
    }
}

extension SetCache {
    fileprivate func fill(_ elements: Set<Element>) async throws {
        try await clear()
        try await insert(contentsOf: elements)
    }
}
