import CachesTesting
import CachesTransport
import Logging
import Testing

@testable import CachesCluster

/// The ways to reach a server, for tests that hold on each of them.
let everyTransport: [LocalServer.Transport] = [.tcp, .unix, .tls()]

/// Makes a pool, calls `body`, and closes the pool however `body` ends.
func withPool<Result>(
    _ configuration: PoolConfiguration, logger: Logger = silent,
    _ body: (CachePool) async throws -> Result
) async throws -> Result {
    try await withPool(exactly: configuration.patient, logger: logger, body)
}

/// The same with the times that are configured.
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
        try self.init(PoolConfiguration(dsns: dsns).patient, logger: logger)
    }
}

extension PoolConfiguration {
    /// The same, for servers that a test pauses and resumes late, because others keep the machine busy.
    fileprivate var patient: PoolConfiguration {
        var patient = self
        for index in nodes.indices {
            patient.nodes[index].connection.stallTimeout = .seconds(60)
            if nodes[index].connection.connectTimeout == .seconds(2) {
                patient.nodes[index].connection.connectTimeout = .seconds(60)
            }
        }
        if patient.deadline == .seconds(1) { patient.deadline = .seconds(10) }
        if health == HealthConfiguration() { patient.health.pingTimeout = .seconds(60) }
        return patient
    }
}

/// A logger that keeps the tests' own output readable. What it is told is searched for secrets.
let silent = LogRecorder(keepsLines: false).logger

extension LocalServer {
    /// The server as a node, changed by `change`.
    func node(_ change: (inout NodeConfiguration) throws -> Void = { _ in }) throws -> NodeConfiguration {
        var node = try NodeConfiguration(dsn: dsn)
        try change(&node)
        return node
    }

    /// What the server's `CLIENT LIST` says of clients with a name, which a colon and the pool's fingerprint
    /// follow: a table of fields each.
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

/// Waits until a condition holds, and expects that it does within a minute.
///
/// It looks from the loop's timer: a task that yields in a circle would take the time of those it waits for. And
/// it expects by itself: of two closures in one function, one of them inside `#expect`, Swift 6.3 may call the
/// wrong one.
func eventually(
    within patience: Duration = .seconds(60), at location: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + patience
    while try await !condition() {
        guard .now < end else {
            Issue.record("this did not come about within \(patience)", sourceLocation: location)
            return
        }
        await withCheckedContinuation { continuation in
            EventLoops.forTasks.schedule(after: .milliseconds(1)) { continuation.resume() }
        }
    }
}

/// Runs what measures time on the loop's thread: on the pool it would wait behind whatever other tests compute.
func onLoop<Value: Sendable, Failure: Error>(
    _ body: () async throws(Failure) -> Value
) async throws(Failure) -> Value {
    try await withTaskExecutorPreference(EventLoops.forTasks, operation: body)
}
