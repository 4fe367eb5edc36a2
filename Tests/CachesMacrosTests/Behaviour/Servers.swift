import CachesMacros
import CachesTesting
import Synchronization

/// Three real servers, which the tests share: each uses its own prefixes.
enum Servers {
    private static let running = Task {
        let fleet = try await LocalFleet.start(nodes: 3)
        var configuration = try PoolConfiguration(dsns: fleet.dsns)
        // Nothing here tests the default, and a busy machine may need longer than that.
        configuration.deadline = .seconds(20)
        return (fleet, try CachePool(configuration))
    }

    /// Runs a test with the servers as the task's pool.
    static func run(_ test: () async throws -> Void) async throws {
        let (_, pool) = try await running.value
        try await CachePool.$current.withValue(pool) { try await test() }
    }
}

/// How often functions were called, each by its own name.
enum Calls {
    private static let counts = Mutex<[String: Int]>([:])

    static func count(_ name: String) { counts.withLock { $0[name, default: 0] += 1 } }
    static func of(_ name: String) -> Int { counts.withLock { $0[name, default: 0] } }
}
