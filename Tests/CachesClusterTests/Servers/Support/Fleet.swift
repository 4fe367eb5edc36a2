import CachesTesting
import CachesTransport
import Logging
import TestSupport
import Testing

@testable import CachesCluster

/// Makes a pool, calls `body`, and closes the pool however `body` ends.
func withPool<Result>(
    _ configuration: PoolConfiguration, logger: Logger = silent,
    _ body: (CachePool) async throws -> Result
) async throws -> Result {
    try await withPool(exactly: configuration.unhurried, logger: logger, body)
}

/// The same with the configured times.
func withPool<Result>(
    exactly configuration: PoolConfiguration, logger: Logger = silent,
    _ body: (CachePool) async throws -> Result
) async throws -> Result {
    SecretWatch.begin()
    let pool = try CachePool(configuration, logger: logger)
    do {
        let result = try await body(pool)
        await pool.close()
        #expect(SecretWatch.found == [])
        return result
    } catch {
        await pool.close(deadline: .after(.milliseconds(1)))
        throw error
    }
}

/// Makes a pool of some servers, calls `body`, and closes the pool however `body` ends.
func withPool<Result>(
    _ dsns: [String], logger: Logger = silent, _ body: (CachePool) async throws -> Result
) async throws -> Result {
    try await withPool(PoolConfiguration(dsns: dsns), logger: logger, body)
}

extension CachePool {
    /// A pool of servers whose tests may be slow.
    convenience init(_ dsns: [String], logger: Logger) throws {
        try self.init(PoolConfiguration(dsns: dsns).unhurried, logger: logger)
    }
}

extension PoolConfiguration {
    /// The same, for servers that a test pauses and resumes late, because others keep the machine busy.
    /// Settings of the test are kept.
    fileprivate var unhurried: PoolConfiguration {
        var unhurried = self
        for index in nodes.indices {
            unhurried.nodes[index].connection.stallTimeout = .seconds(60)
            if nodes[index].connection.connectTimeout == .seconds(2) {
                unhurried.nodes[index].connection.connectTimeout = .seconds(60)
            }
        }
        if unhurried.deadline == .seconds(1) { unhurried.deadline = .seconds(10) }
        if health == HealthConfiguration() { unhurried.health.pingTimeout = .seconds(60) }
        return unhurried
    }
}

/// A logger that keeps the tests' own output readable. Its messages are searched for secrets.
let silent = LogRecorder(keepsLines: false).logger

extension LocalServer {
    /// The server as a node, changed by `change`.
    func node(_ change: (inout NodeConfiguration) throws -> Void = { _ in }) throws -> NodeConfiguration {
        var node = try NodeConfiguration(dsn: dsn)
        try change(&node)
        return node
    }

    /// The fields that the server's `CLIENT LIST` shows for clients with a name, which a colon and the pool's
    /// fingerprint follow: a table for each client.
    func clients(named name: String = "caches") async throws -> [[String: String]] {
        let list = try await command("CLIENT", "LIST").text ?? ""
        return list.split(separator: "\n").map { line in
            let fields = line.split(separator: " ").map { $0.split(separator: "=", maxSplits: 1) }
            return Dictionary(
                fields.map { (String($0[0]), $0.count == 2 ? String($0[1]) : "") },
                uniquingKeysWith: { first, _ in first })
        }.filter { $0["name"]?.hasPrefix(name + ":") == true }
    }

    /// Waits until a client has sent a command that is not answered yet.
    func isAsked(_ command: String) async throws {
        try await eventually { try await clients().contains { $0["cmd"] == command } }
    }
}
