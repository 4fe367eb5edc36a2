import CachesTesting
import Synchronization

/// Asks each server, many times a second and past all proxies, whether it answers. What a client was told late, while
/// a server told nobody anything, says nothing about the client.
final class Pulse: Sendable {
    private let servers: [LocalServer]
    private let silences = Mutex<[Bystanders.Silence]>([])

    /// How often a server is asked, in microseconds.
    private static let interval: Int64 = 50_000

    init(of fleet: LocalFleet) { servers = fleet.servers }

    /// When servers did not answer, in order of its end.
    var found: [Bystanders.Silence] { silences.withLock { $0 } }

    /// Asks until the task is cancelled.
    func watch() async {
        await withDiscardingTaskGroup { group in
            for server in servers.indices { group.addTask { await self.watch(server) } }
        }
    }

    private func watch(_ server: Int) async {
        var due = MachineClock.now
        while !Task.isCancelled {
            do {
                try await servers[server].command("PING")
                let now = MachineClock.now
                // What this process itself was kept from counts, too: all that clients send passes its proxies.
                if now - due > Self.interval {
                    silences.withLock { $0.append(.init(server: server, begin: due, end: now)) }
                }
                due = now + Self.interval
            } catch {
                // It is out on purpose, mostly. The silence goes on, and is asked about no more often.
            }
            try? await Task.sleep(for: .microseconds(Self.interval))
        }
    }
}
