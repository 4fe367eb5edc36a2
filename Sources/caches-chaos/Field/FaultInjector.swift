import CachesTesting

/// A fleet, with a proxy for each client in front of each server, so that a fault can concern one client
/// alone.
final class FaultInjector: Sendable {
    /// The options of the servers.
    static let server = LocalServer.Options(
        keepsData: true, lines: ["proto-max-bulk-len \(LoadSizes.serverLimit)"])

    let fleet: LocalFleet
    let garden: Garden
    let crew: Crew
    /// The proxies by client, then by server.
    private let proxies: [[FaultProxy]]

    init(_ fleet: LocalFleet, garden: Garden, settings: ClientSettings) throws {
        self.fleet = fleet
        self.garden = garden
        proxies = try (0..<settings.load.clients).map { _ in try fleet.servers.map { try FaultProxy(to: $0) }
        }
        crew = Crew(dsns: proxies.map { $0.map(\.dsn) }, settings: settings)
    }

    func stop() { for proxy in proxies.joined() { proxy.stop() } }

    /// Carries out a schedule from a time on. Returns the faults with the times at which they really
    /// happened. A fault of a server or of a client's process begins only when the one before it is over,
    /// however long a restart took.
    func carryOut(_ schedule: Schedule, from start: Int64) async throws -> [Fault] {
        // Their start is one of the faults.
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
            // Setting it closes the open connections. Later ones are not affected.
            set(.cut(afterBytes: 0), fault)
            set(.none, fault)
        case .partition(let way): set(.blackHole(FaultProxy.Direction(way)), fault)
        case .refuse: set(.refuse, fault)
        case .delay(let milliseconds): set(.delay(.milliseconds(milliseconds)), fault)
        case .stopClient: if let client = fault.client { await crew.setStopped(client, true) }
        case .killClient:
            guard let client = fault.client else { return }
            await crew.endAtOnce(client)
            // Data that it has sent and that no server has received is lost with it.
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

    /// Writes the bystanders' keys again on a server that has lost all keys.
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

/// The target of a fault: a server with the ways to it, or a client's process.
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
