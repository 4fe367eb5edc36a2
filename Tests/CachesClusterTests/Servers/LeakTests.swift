import CachesTesting
import CachesTransport
import Foundation
import TestSupport
import Testing

@testable import CachesCluster

/// The remains of pools. Each test has its own process, since it counts the process' resources.
@Suite struct LeakTests {
    @Test("200 pools that were opened and closed leave no descriptor, thread, node or client")
    func closed() async throws {
        let end = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            try await leavesNothing { fleet in
                let pool = try CachePool(fleet.dsns, logger: silent)
                let nodes = try pool.nodes.map(WeakNode.init)
                for node in try pool.nodes { _ = try await node.send("PING") }
                await pool.close()
                return nodes
            }
        }
        expectNoLostContinuation(end)
    }

    @Test("200 pools that were dropped leave no descriptor, thread, node or client")
    func dropped() async throws {
        let end = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            try await leavesNothing { fleet in
                let pool = try CachePool(fleet.dsns, logger: silent)
                for node in try pool.nodes { _ = try await node.send("PING") }
                return try pool.nodes.map(WeakNode.init)
            }
        }
        expectNoLostContinuation(end)
    }

    @Test("200 pools that were closed while calls waited, were cancelled or were late leave nothing either")
    func interrupted() async throws {
        let end = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            try await leavesNothing { fleet in
                let pool = try CachePool(fleet.dsns, logger: silent)
                await withDiscardingTaskGroup { group in
                    for node in (try? pool.nodes) ?? [] {
                        for deadline in [Duration.milliseconds(1), .milliseconds(20), .seconds(60)] {
                            group.addTask {
                                _ = try? await node.sendBlocking(
                                    "BLPOP", "none", "0", deadline: .after(deadline))
                            }
                        }
                        group.addTask {
                            let call = Task {
                                try await node.sendBlocking(
                                    "BLPOP", "none", "0", deadline: .after(.seconds(60)))
                            }
                            _ = try? await node.send("PING")
                            call.cancel()
                            _ = try? await call.value
                        }
                    }
                    group.addTask { await pool.close(deadline: .after(.milliseconds(10))) }
                }
                return try pool.nodes.map(WeakNode.init)
            }
        }
        expectNoLostContinuation(end)
    }

    /// In debug builds, makes Swift report a continuation that was dropped without being resumed.
    private func expectNoLostContinuation(_ end: ExitTest.Result?) {
        let text = String(decoding: end?.standardErrorContent ?? [], as: UTF8.self)
        #expect(!text.contains("CONTINUATION MISUSE"), "\(text)")
    }
}

/// A node that may have gone.
private struct WeakNode: Sendable {
    weak let node: Node?

    init(_ node: Node) { self.node = node }
}

/// Calls `use` 200 times, 20 at a time, on servers of all transports, and expects everything to be as before.
private func leavesNothing(_ use: @escaping @Sendable (LocalFleet) async throws -> [WeakNode]) async throws {
    try await withLocalFleet(everyTransport.map { LocalServer.Options(transport: $0) }) { fleet in
        // Allocates the things that are made once: the loop, the threads that run tasks, OpenSSL's tables.
        for _ in 0..<3 { _ = try await use(fleet) }
        try await fleet.areAlone()
        let before = OpenResources.current

        var nodes: [WeakNode] = []
        for _ in 0..<10 {
            try await withThrowingTaskGroup(of: [WeakNode].self) { group in
                for _ in 0..<20 { group.addTask { try await use(fleet) } }
                for try await used in group { nodes += used }
            }
        }
        try await fleet.areAlone()
        var after = OpenResources.current
        // Dispatch keeps a thread for some seconds after its last work: none is given to it meanwhile.
        try await eventually {
            after = OpenResources.current
            return after.threads <= before.threads && after.descriptors <= before.descriptors
        }
        #expect(after.descriptors == before.descriptors)
        #expect(after.threads <= before.threads)
        #expect(nodes.count == 600)
        #expect(nodes.allSatisfy { $0.node == nil })
    }
}

extension LocalFleet {
    /// Returns when no server has a client.
    fileprivate func areAlone() async throws {
        for server in servers { try await eventually { try await server.clients().isEmpty } }
    }
}

/// The open resources of this process.
private struct OpenResources {
    let descriptors: Int
    let threads: Int

    static var current: OpenResources {
        OpenResources(descriptors: entries(of: "/proc/self/fd"), threads: entries(of: "/proc/self/task"))
    }

    private static func entries(of folder: String) -> Int {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).count
    }
}
