import CachesTesting
import Synchronization

/// Asks each server many times a second, past all proxies, whether it answers. If a server answered nobody, a
/// late call is not the client's fault.
final class Pulse: Sendable {
    private let servers: [LocalServer]
    private let silences = Mutex<[Bystanders.Silence]>([])

    /// How often a server is asked, in microseconds.
    private static let interval: Int64 = 50_000

    init(of fleet: LocalFleet) { servers = fleet.servers }

    /// The times in which servers did not answer, in order of their end.
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
                // The time in which this process did not get to run counts as well: all traffic of the
                // clients passes its proxies.
                if now - due > Self.interval {
                    silences.withLock { $0.append(.init(server: server, begin: due, end: now)) }
                }
                due = now + Self.interval
            } catch {
                // Mostly a fault on purpose. The silence goes on, and the server is asked at the same
                // interval.
            }
            try? await Task.sleep(for: .microseconds(Self.interval))
        }
    }
}
