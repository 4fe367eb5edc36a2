import CachesTransport
import Synchronization
import TestSupport
import Testing

@testable import CachesCluster

/// Tasks that write and read their own keys on a node, without a pause, and what they see.
///
/// A task's value is its key and a number that grows. The value that it reads has to have its key, and a
/// number that it has written. After the failover the number must not be older than the last that was
/// acknowledged since.
final class FailoverLoad: Sendable {
    struct Failure: Sendable {
        let began: ContinuousClock.Instant
        let error: String
    }

    struct Report: Sendable {
        var reads = 0
        var writes = 0
        var wrong = 0
        var failures: [Failure] = []
    }

    private let node: Node
    private let state = Mutex(Report())
    private let isOver = Mutex(false)

    init(_ node: Node) { self.node = node }

    var report: Report { state.withLock { $0 } }

    /// Runs the tasks as long as `body` does.
    func run(tasks: Int, _ body: () async throws -> Void) async throws {
        let running = (0..<tasks).map { number in Task { await work(number) } }
        do { try await body() } catch {
            isOver.withLock { $0 = true }
            throw error
        }
        isOver.withLock { $0 = true }
        for task in running { await task.value }
    }

    /// Waits until there have been some more calls.
    func settle() async throws {
        let before = report.reads
        try await eventually { report.reads >= before + 500 }
    }

    private func work(_ task: Int) async {
        // The number that was read last, and the number of connections: 0 if there was another connection
        // meanwhile.
        var (last, floor, floorConnections) = (0, 0, 0)
        while !isOver.withLock({ $0 }) {
            last += 1
            let (key, value) = ("load:\(task)", "\(task):\(last)")
            if await attempt({ try await self.send(["SET", key, value], idempotent: true) }) != nil {
                state.withLock { $0.writes += 1 }
            }
            let connections = node.counters.connections
            guard let read = await attempt({ try await self.send(["GET", key], idempotent: true) }) else {
                continue
            }
            let parts = (read.text ?? "").split(separator: ":").compactMap { Int($0) }
            state.withLock { state in
                state.reads += 1
                // A key is lost with a primary before a replica has it, as always with asynchronous
                // replication. Another task's value, or one that was never written, is wrong; and so is an
                // older one over one connection.
                if read.isNull { floor = 0; return }
                if parts.count != 2 || parts[0] != task || parts[1] > last { state.wrong += 1; return }
                let isSame = connections == self.node.counters.connections
                if isSame, connections == floorConnections, parts[1] < floor { state.wrong += 1 }
                (floor, floorConnections) = (parts[1], isSame ? connections : 0)
            }
        }
    }

    private func send(_ words: [String], idempotent: Bool) async throws -> Reply {
        try await node.send(idempotent: idempotent, deadline: node.deadline()) { command in
            command.begin(words.count)
            for word in words { command.argument(word) }
        }
    }

    private func attempt(_ call: () async throws -> Reply) async -> Reply? {
        let began = ContinuousClock.now
        do { return try await call() } catch {
            state.withLock { $0.failures.append(Failure(began: began, error: "\(error)")) }
            // A node that is out says so at once: no task needs to hear that a million times.
            try? await Task.sleep(for: .milliseconds(5))
            return nil
        }
    }
}
