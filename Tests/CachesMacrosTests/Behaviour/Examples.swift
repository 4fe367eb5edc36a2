import CachesMacros

final class TextCache: Cache<String>, @unchecked Sendable {
    override class var prefix: String { "text" }
    override class var ttl: TTL { .seconds(100) }
}

final class NumberCache: Cache<Int>, @unchecked Sendable {
    override class var prefix: String { "number" }
}

struct Team: Sendable {
    var id: String
}

struct Failure: Error {}

// MARK: Functions

@Cached(TextCache.self)
func text(id: Int, _ name: String, in language: String = "en") async throws -> String {
    Calls.count("text")
    return "\(id) \(name) \(language)"
}

@Cached(Cache<Int>.self, prefix: "macro-bare")
func bare() async throws -> Int {
    Calls.count("bare")
    return 42
}

@Cached(NumberCache.self, prefix: "macro-generic")
func double<Number: BinaryInteger & KeyPart>(_ number: Number) async throws -> Int {
    Calls.count("double")
    return 2 * Int(number)
}

@Cached(NumberCache.self, prefix: "macro-some")
func length(of part: some KeyPart) async throws -> Int { part.keyPart.count }

@Cached(NumberCache.self, prefix: "macro-word")
func word(default: Int, for `repeat`: Int) async throws -> Int { `default` + `repeat` }

@Cached(NumberCache.self, prefix: "macro-fibonacci")
func fibonacci(_ number: Int) async throws -> Int {
    Calls.count("fibonacci")
    guard number > 1 else { return number }
    return try await fibonacci(number - 1) + fibonacci(number - 2)
}

@Cached(Cache<Int?>.self, prefix: "macro-none")
func find(id: Int) async throws -> Int? {
    Calls.count("find")
    return nil
}

@Cached(NumberCache.self, prefix: "macro-failing")
func fail(id: Int) async throws -> Int {
    Calls.count("fail")
    throw Failure()
}

// MARK: Options

@Cached(TextCache.self, prefix: "macro-options", ttl: .seconds(1000), unless: \.isEmpty)
func options(_ text: String) async throws -> String {
    Calls.count("options")
    return text
}

@Cached(NumberCache.self, key: "{{{team.id}}}.page-{number}", prefix: "macro-template")
func page(of team: Team, number: Int, log: [Double]) async throws -> Int {
    Calls.count("page")
    return number
}

// MARK: Members

struct Service: Sendable {
    var region = "eu"

    @Cached(TextCache.self, key: "{self.region}.{id}", prefix: "macro-method")
    func name(id: Int) async throws -> String {
        Calls.count("name")
        return "\(region) \(id)"
    }

    @Cached(NumberCache.self, prefix: "macro-static")
    static func twice(_ number: Int) async throws -> Int { 2 * number }

    /// A computed property has no macro, and doesn't need one.
    var settings: String {
        get async throws {
            try await TextCache(region, prefix: "macro-property").fetch {
                Calls.count("settings")
                return "settings of \(region)"
            }
        }
    }
}

actor Counter {
    private(set) var count = 0

    @Cached(NumberCache.self, prefix: "macro-actor")
    func next(id: Int) async throws -> Int {
        assertIsolated()
        count += 1
        return count
    }
}

@MainActor
final class Model {
    private(set) var count = 0

    @Cached(NumberCache.self, prefix: "macro-main")
    func next(id: Int) async throws -> Int {
        MainActor.assertIsolated()
        count += 1
        return count
    }
}

@Cached(NumberCache.self, prefix: "macro-isolated")
func next(_ id: Int, on actor: isolated Counter) async throws -> Int {
    actor.assertIsolated()
    return id + 1
}
