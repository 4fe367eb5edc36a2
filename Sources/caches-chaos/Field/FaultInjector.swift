import CachesTesting

/// A fleet, with a proxy for each client before each server, so that a way to a server may be one client's
/// alone.
final class FaultInjector: Sendable {
    /// What the servers are like.
    static let server = LocalServer.Options(
        keepsData: true, lines: ["proto-max-bulk-len \(LoadSizes.serverLimit)"])

    let fleet: LocalFleet
    let garden: Garden
    let crew: Crew
    /// By client, then by server.
    private let proxies: [[FaultProxy]]

    init(_ fleet: LocalFleet, garden: Garden, settings: ClientSettings) throws {
        self.fleet = fleet
        self.garden = garden
        proxies = try (0..<settings.load.clients).map { _ in try fleet.servers.map { try FaultProxy(to: $0) }
        }
        crew = Crew(dsns: proxies.map { $0.map(\.dsn) }, settings: settings)
    }

    func stop() { for proxy in proxies.joined() { proxy.stop() } }

    /// Does what a schedule says, from a time on: what was done when. What is done to a server or to a
    /// client's process begins no sooner than what was done to it before is over, however long its restart
    /// took.
    func carryOut(_ schedule: Schedule, from start: Int64) async throws -> [Fault] {
        // A client that starts late is among what is done to it.
        let late = Set(schedule.faults.filter { $0.kind == .lateStart }.compactMap(\.client))
        for client in proxies.indices where !late.contains(client) { try await crew.start(client) }
        return try await withThrowingTaskGroup(of: [Fault].self) { group in
            for faults in Dictionary(grouping: schedule.faults, by: Target.init).values {
                group.addTask {
                    var done: [Fault] = []
                    for fault in faults { done.append(try await self.carryOut(fault, from: start)) }
                    return done
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }.sorted { $0.begin < $1.begin }
        }
    }

    private func carryOut(_ fault: Fault, from start: Int64) async throws -> Fault {
        try await MachineClock.sleep(until: start + fault.begin)
        var done = fault
        done.begin = MachineClock.now
        try await begin(fault)
        try await MachineClock.sleep(until: start + fault.end)
        try await end(fault)
        done.end = MachineClock.now
        await replant(after: fault)
        return done
    }

    func begin(_ fault: Fault) async throws {
        switch fault.kind {
        case .kill: servers(fault).forEach { $0.kill() }
        case .pause: servers(fault).forEach { $0.pause() }
        case .flush: for server in servers(fault) { try await server.command("FLUSHALL") }
        case .hangUp where fault.client == nil:
            for server in servers(fault) { try await server.command("CLIENT", "KILL", "TYPE", "normal") }
        case .hangUp:
            // Connections that are open are closed when it is set, and nothing happens to those that come
            // later.
            set(.cut(afterBytes: 0), fault)
            set(.none, fault)
        case .partition(let way): set(.blackHole(FaultProxy.Direction(way)), fault)
        case .refuse: set(.refuse, fault)
        case .delay(let milliseconds): set(.delay(.milliseconds(milliseconds)), fault)
        case .stopClient: if let client = fault.client { await crew.setStopped(client, true) }
        case .killClient:
            guard let client = fault.client else { return }
            await crew.endAtOnce(client)
            // What it had sent and nobody has received goes with it.
            for proxy in proxies[client] { proxy.resetConnections() }
        case .lateStart: break
        }
    }

    func end(_ fault: Fault) async throws {
        switch fault.kind {
        case .kill(let keepsData):
            for server in servers(fault) { try await server.restart(keepsData ? .itsData : .nothing) }
        case .pause: servers(fault).forEach { $0.resume() }
        case .flush, .hangUp: break
        case .partition, .refuse, .delay: set(.none, fault)
        case .stopClient: if let client = fault.client { await crew.setStopped(client, false) }
        case .killClient, .lateStart: if let client = fault.client { try await crew.start(client) }
        }
    }

    /// Gives a server that has lost all keys those of the bystanders once more.
    func replant(after fault: Fault) async {
        if fault.kind.empties, let server = fault.server { await garden.replant(server) }
    }

    private func servers(_ fault: Fault) -> [LocalServer] { fault.server.map { [fleet.servers[$0]] } ?? [] }

    private func set(_ what: FaultProxy.Fault, _ fault: Fault) {
        guard let server = fault.server else { return }
        for client in proxies.indices where fault.client == nil || fault.client == client {
            proxies[client][server].fault = what
        }
    }
}

/// What a fault is done to: a server with the ways to it, or a client's process.
private struct Target: Hashable {
    let server: Int?
    let client: Int?

    init(_ fault: Fault) {
        server = fault.server
        client = fault.server == nil ? fault.client : nil
    }
}

extension FaultProxy.Direction {
    fileprivate init(_ way: Fault.Way) {
        switch way {
        case .toServer: self = .toServer
        case .toClient: self = .toClient
        case .both: self = .both
        }
    }
}
