import Caches
import CachesTesting
import Testing

@Suite("The original: DictCache, SetCache, SortedSetCache and SentinelCache", .timeLimit(.minutes(10)))
struct OriginalCollectionTests {
    @Test(
        "DictCache: get, set, delete, contains, count, keys, values, items, default, setdefault, update, pop",
        arguments: Servers.kinds)
    func dictionary(on servers: Servers) async throws {
        try await servers.run { _ async throws in
            let dict = DictCache<String, Int>("dict", prefix: "original", connection: servers.connection)
            try await dict.clear()
            #expect(try await dict["a"] == nil)
            #expect(try await dict.get("a", default: 9) == 9)
            #expect(try await dict.set("a", to: 1))
            #expect(try await dict["a"] == 1)
            #expect(try await dict.setIfAbsent("a", to: 2) == false)
            #expect(try await dict.setIfAbsent("b", to: 2))
            try await dict.update(with: ["c": 3, "d": 4])
            #expect(try await dict.contains("c"))
            #expect(try await dict.count == 4)
            var (keys, values, items): (Set<String>, Set<Int>, [String: Int]) = ([], [], [:])
            for try await field in dict.keys { keys.insert(field) }
            for try await value in dict.values { values.insert(value) }
            for try await (field, value) in dict.items { items[field] = value }
            #expect(keys == ["a", "b", "c", "d"])
            #expect(values == [1, 2, 3, 4])
            #expect(items == ["a": 1, "b": 2, "c": 3, "d": 4])
            #expect(try await dict.copy() == items)
            #expect(try await dict.pop("d") == 4)
            #expect(try await dict.pop("d", default: 0) == 0)
            let popped = try #require(try await dict.popRandom())
            #expect(items[popped.field] == popped.value)
            #expect(try await dict.contains(popped.field) == false)
            #expect(try await dict.clear())
            #expect(try await dict.exists() == false)
            #expect(try await dict.popRandom() == nil)
        }
    }

    @Test("DictCache: a missing field is nil; deleting it is silent", arguments: Servers.kinds)
    func missingField(on servers: Servers) async throws {
        try await servers.run { _ async throws in
            let dict = DictCache<String, Int>("missing", prefix: "original", connection: servers.connection)
            #expect(try await dict["a"] == nil)
            #expect(try await dict.remove("a") == false)
            #expect(try await dict.pop("a") == nil)
        }
    }

    @Test("DictCache: a copy is detached", arguments: Servers.kinds)
    func detached(on servers: Servers) async throws {
        try await servers.run { _ async throws in
            let dict = DictCache<String, Int>("detached", prefix: "original", connection: servers.connection)
            try await dict.clear()
            try await dict.set("a", to: 1)
            var copy = try await dict.copy()
            copy["a"] = 2
            #expect(try await dict["a"] == 1)
        }
    }

    @Test(
        "SetCache: add, update from several sequences, remove, discard, pop, contains, count, iterate, copy",
        arguments: Servers.kinds)
    func set(on servers: Servers) async throws {
        try await servers.run { _ async throws in
            let set = SetCache<String>("set", prefix: "original", connection: servers.connection)
            try await set.clear()
            #expect(try await set.insert("a"))
            #expect(try await set.insert(contentsOf: [["b"], ["c", "d"]].joined()) == 3)
            #expect(try await set.contains("b"))
            #expect(try await set.count == 4)
            // Python raises if there is nothing to remove; here the call says so.
            #expect(try await set.remove("a"))
            #expect(try await set.remove("a") == false)
            var elements: Set<String> = []
            for try await element in set.elements { elements.insert(element) }
            #expect(elements == ["b", "c", "d"])
            #expect(try await set.copy() == elements)
            let popped = try #require(try await set.pop())
            #expect(elements.contains(popped))
            #expect(try await set.count == 2)
        }
    }

    @Test("SetCache: set algebra, which the original lacks", arguments: Servers.kinds)
    func algebra(on servers: Servers) async throws {
        try await servers.run { _ async throws in
            let (one, two) = (
                SetCache<Int>("one", prefix: "original", connection: servers.connection),
                SetCache<Int>("two", prefix: "original", connection: servers.connection)
            )
            try await one.insert(contentsOf: [1, 2, 3])
            try await two.insert(contentsOf: [3, 4])
            #expect(try await one.union(two) == [1, 2, 3, 4])
            #expect(try await one.intersection(two) == [3])
            #expect(try await one.subtracting(two) == [1, 2])
            #expect(try await one.symmetricDifference(two) == [1, 2, 4])
        }
    }

    @Test("SortedSetCache: items are (score, element); add with nx, xx, gt, lt", arguments: Servers.kinds)
    func conditions(on servers: Servers) async throws {
        try await servers.run { _ async throws in
            let sorted = SortedSetCache<String>("add", prefix: "original", connection: servers.connection)
            try await sorted.clear()
            try await sorted.add("a", score: 1, .ifAbsent)
            try await sorted.add("a", score: 2, .ifAbsent)
            try await sorted.add("b", score: 2, .ifPresent)
            #expect(try await sorted.copy().map(\.score) == [1])
            try await sorted.add("a", score: 5, .ifGreater)
            try await sorted.add("a", score: 3, .ifGreater)
            #expect(try await sorted.score(of: "a") == 5)
            try await sorted.add("a", score: 4, .ifLess)
            try await sorted.add("a", score: 6, .ifLess)
            #expect(try await sorted.score(of: "a") == 4)
        }
    }

    @Test(
        "SortedSetCache: pop lowest and highest, contains, count, remove, both directions, an ordered copy",
        arguments: Servers.kinds)
    func sorted(on servers: Servers) async throws {
        try await servers.run { _ async throws in
            let sorted = SortedSetCache<String>("sorted", prefix: "original", connection: servers.connection)
            try await sorted.clear()
            try await sorted.add(contentsOf: ["c": 3, "a": 1, "b": 2, "d": 4])
            #expect(try await sorted.contains("a"))
            #expect(try await sorted.count == 4)
            var (ascending, descending): ([String], [String]) = ([], [])
            for try await (_, element) in sorted.ascending { ascending.append(element) }
            for try await (_, element) in sorted.descending { descending.append(element) }
            #expect(ascending == ["a", "b", "c", "d"])
            #expect(descending == ["d", "c", "b", "a"])
            #expect(try await sorted.copy().map(\.element) == ascending)
            let (lowest, highest) = (try await sorted.popMin(), try await sorted.popMax())
            #expect(lowest?.score == 1 && lowest?.element == "a")
            #expect(highest?.score == 4 && highest?.element == "d")
            #expect(try await sorted.remove("b"))
            #expect(try await sorted.remove("b") == false)
        }
    }

    @Test(
        "SentinelCache: the first check sets it; every later one says so, until ttl or clear",
        arguments: Servers.kinds)
    func sentinel(on servers: Servers) async throws {
        try await servers.run { _ async throws in
            let gate = SentinelCache("gate", prefix: "original", connection: servers.connection)
            try await gate.clear()
            #expect(try await gate.isSet == false)
            #expect(try await gate.claim(ttl: .seconds(100)))
            #expect(try await gate.claim() == false)
            #expect(try await gate.isSet)
            #expect(try await gate.isLeft(90...100))
            #expect(try await gate.release())
            #expect(try await gate.claim())
            try await gate.clear()
        }
    }
}
