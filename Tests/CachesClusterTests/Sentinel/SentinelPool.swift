import CachesTesting
import CachesTransport
import Logging
import Testing

@testable import CachesCluster

/// Makes a pool of DSNs for tests of failovers, with the times that programs have, and closes it however
/// `body` ends.
func withSentinelPool<Result>(
    _ dsns: [String], logger: Logger = silent, _ change: (inout PoolConfiguration) -> Void = { _ in },
    _ body: (CachePool) async throws -> Result
) async throws -> Result {
    var configuration = try PoolConfiguration(dsns: dsns)
    configuration.deadline = .seconds(10)
    for index in configuration.nodes.indices {
        configuration.nodes[index].connection.connectTimeout = .seconds(10)
    }
    // A machine with much other work answers late, and that is not the subject.
    configuration.health.pingTimeout = .seconds(10)
    change(&configuration)
    return try await withPool(exactly: configuration, logger: logger, body)
}

extension LocalServer {
    /// The server's address, as Sentinels name it.
    var announced: Endpoint { .tcp(host: "127.0.0.1", port: port ?? 0) }
}

extension String {
    /// The DSN with another option.
    func adding(_ option: String) -> String {
        guard let hash = lastIndex(of: "#") else { return self }
        return self[..<hash] + (self[..<hash].contains("?") ? "&" : "?") + option + self[hash...]
    }
}

extension CachePool {
    /// Asks the first node for a sign of life.
    func ping() async throws -> Reply { try await nodes[0].send("PING") }
}
