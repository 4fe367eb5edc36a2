import CachesTesting
import CachesTransport
import TestSupport
import Testing

@testable import CachesCluster

/// The password of servers in tests, which no error may hold.
let secret = "Xyzzy-1905"

/// Expects that an error, however it is printed, doesn't hold the secret.
func expectNoSecret(in error: CachesError?) {
    guard let error else { return }
    var dumped = ""
    dump(error, to: &dumped)
    for text in ["\(error)", String(reflecting: error), dumped] {
        #expect(!text.contains(secret), "\(text)")
    }
}

/// Calls a faulty node in a pool with a good one, and gives the error to `body` after expecting of it the
/// properties of every error: it comes within the deadline, names the node, gives advice, holds no secret,
/// and leaves the other node alone.
///
/// - Parameter words: The command for the node.
func withFault(
    of bad: NodeConfiguration, beside good: LocalServer, deadline: Duration = .seconds(10),
    _ words: [String] = ["PING"],
    _ body: (CachesError, Node) async throws -> Void = { _, _ in }
) async throws {
    let log = LogRecorder()
    try await withPool(PoolConfiguration(nodes: [bad, good.node()]), logger: log.logger) { pool in
        let (node, other) = (try pool.nodes[0], try pool.nodes[1])
        let (error, elapsed) = await onLoop {
            let start = ContinuousClock.now
            let error = await #expect(throws: CachesError.self) {
                try await node.send(words, .after(deadline))
            }
            return (error, ContinuousClock.now - start)
        }
        guard let error else { return }
        #expect(elapsed < deadline + .seconds(30))
        #expect(error.node == node.name)
        #expect(error.advice?.isEmpty == false, "\(error)")
        #expect(error.message.hasSuffix("."))
        expectNoSecret(in: error)

        #expect(try await other.send("PING") == .status("PONG"))
        try await body(error, node)
        if case .down(let error) = node.state { expectNoSecret(in: error) }
        #expect(!log.lines.contains { "\($0)".contains(secret) })
        #expect(!log.lines.contains { $0.node != node.name })
    }
}

extension Node {
    /// Sends one command of plain words.
    func send(_ words: [String], _ deadline: Deadline) async throws -> Reply {
        try await send(idempotent: false, deadline: deadline) { command in
            command.begin(words.count)
            for word in words { command.argument(word) }
        }
    }

    /// Expects that calls to the node work soon, since the fault has been repaired.
    func recovers() async throws {
        try await eventually { (try? await send("PING")) != nil }
    }
}
