import CachesTesting

/// A fleet, with a proxy for each client before each server, so that a way to a server may be one client's alone.
final class Battlefield: Sendable {
    private let fleet: LocalFleet
    /// By client, then by server.
    private let proxies: [[FaultProxy]]

    init(fleet: LocalFleet, clients: Int) throws {
        self.fleet = fleet
        proxies = try (0..<clients).map { _ in try fleet.servers.map { try FaultProxy(to: $0) } }
    }

    /// What a client is to be configured with.
    func dsns(of client: Int) -> [String] { proxies[client].map(\.dsn) }

    func stop() { for proxy in proxies.joined() { proxy.stop() } }

    /// Does what a schedule says, from a time on: what was done when. What is done to a server begins no sooner than
    /// what was done before is over, however long its restart took.
    func carryOut(_ schedule: Schedule, from start: Int64) async throws -> [Fault] {
        try await withThrowingTaskGroup(of: [Fault].self) { group in
            for faults in Dictionary(grouping: schedule.faults, by: \.server).values {
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
        begin(fault)
        try await MachineClock.sleep(until: start + fault.end)
        try await end(fault)
        done.end = MachineClock.now
        return done
    }

    private func begin(_ fault: Fault) {
        switch fault.kind {
        case .kill: fleet.servers[fault.server].kill()
        case .pause: fleet.servers[fault.server].pause()
        case .partition(let way): set(.blackHole(FaultProxy.Direction(way)), fault)
        case .refuse: set(.refuse, fault)
        case .delay(let milliseconds): set(.delay(.milliseconds(milliseconds)), fault)
        }
    }

    private func end(_ fault: Fault) async throws {
        switch fault.kind {
        case .kill(let keepsData):
            try await fleet.servers[fault.server].restart(keepsData ? .itsData : .nothing)
        case .pause: fleet.servers[fault.server].resume()
        case .partition, .refuse, .delay: set(.none, fault)
        }
    }

    private func set(_ what: FaultProxy.Fault, _ fault: Fault) {
        for client in proxies.indices where fault.client == nil || fault.client == client {
            proxies[client][fault.server].fault = what
        }
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
