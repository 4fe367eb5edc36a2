import Caches
import CachesTesting

/// Carries out a scenario on a fleet, one step after the other.
struct Stage {
    private let battlefield: FaultInjector
    private let scenario: Scenario

    /// The number of each key that the scenario names, in the clients' load.
    private let keys: [ScenarioKey: Int]

    /// A key that each server owns, by server.
    private let owned: [Int]

    /// The faults that have not ended.
    private var open: [Fault] = []

    /// The faults that have ended, in times of the machine's clock.
    private(set) var faults: [Fault] = []

    /// How long, beyond a call's deadline, clients have to know servers: servers tell their age in seconds.
    private static let age = Duration.milliseconds(2500)

    /// How long a step waits for a condition, in microseconds.
    private static let patience: Int64 = 20_000_000

    init(_ scenario: Scenario, on battlefield: FaultInjector) throws {
        self.battlefield = battlefield
        self.scenario = scenario
        let pool = try CachePool(battlefield.fleet.dsns)
        let names = battlefield.fleet.servers.map(\.name)
        // Each of a few servers' orders comes up in the first few hundred keys.
        let orders = try (0..<1000).map { number in
            try pool.failoverOrder(of: ChaosCache(number, on: pool).key.description)
                .compactMap { names.firstIndex(of: $0.name) }
        }
        let named = scenario.steps.compactMap(\.key)
        keys = Dictionary(
            named.map { key in (key, orders.firstIndex(of: key.order) ?? 0) },
            uniquingKeysWith: { first, _ in first })
        owned = names.indices.map { server in orders.firstIndex { $0.first == server } ?? 0 }
    }

    /// Does all steps.
    ///
    /// - Returns: The step that failed, nil if all succeeded. After a failed step the clients stay as they
    ///   were.
    mutating func run() async throws -> Step? {
        for client in 0..<scenario.clients { try await battlefield.crew.start(client) }
        try await warmUp()
        for step in scenario.steps {
            guard try await carryOut(step) else { return step }
        }
        return nil
    }

    /// Lets every client know every server, and that the server has run for longer than a call may take. A
    /// client that doesn't know this can't tell whether the server has lost something.
    private func warmUp() async throws {
        for client in 0..<scenario.clients {
            for key in owned { _ = try await order(.read(key: key), client) }
        }
        try await Task.sleep(for: .milliseconds(scenario.deadline) + Self.age)
    }

    /// Ends all open faults.
    mutating func end() async throws {
        for fault in open { try await end(fault) }
        open = []
    }

    /// - Returns: Whether the step succeeded.
    private mutating func carryOut(_ step: Step) async throws -> Bool {
        switch step {
        case .begin(let kind, let server, let client):
            try await begin(Fault(kind: kind, server: server, client: client, begin: 0, end: 0))
            return true
        case .end(let server, let client):
            for fault in take(server, client) { try await end(fault) }
            return true
        case .flush(let server):
            let fault = Fault(
                kind: .flush, server: server, client: nil, begin: MachineClock.now, end: 0)
            try await battlefield.begin(fault)
            close(fault)
            await battlefield.replant(after: fault)
            return true
        case .write(let client, let key, let version):
            return try await order(.write(key: keys[key] ?? 0, version: version), client) == .done
        case .read(let client, let key):
            return try await order(.read(key: keys[key] ?? 0), client) == .done
        case .untilOut(let client, let server):
            return try await order(.readUntilOut(key: owned[server], node: server), client) == .done
        case .untilUsed(let client, let server):
            return try await order(.waitUntilUsed(node: server), client) != nil
        case .untilRemoved(let key):
            let (server, name) = (battlefield.fleet.servers[key.order[0]], "chaos.\(keys[key] ?? 0)")
            return try await holds { try await server.command("EXISTS", name).integer == 0 }
        case .expect(let server, let command, let times, let after):
            let server = battlefield.fleet.servers[server]
            let before = try await Self.calls(of: command, on: server)
            try await begin(
                Fault(kind: after.kind, server: after.server, client: after.client, begin: 0, end: 0))
            return try await holds { try await Self.calls(of: command, on: server) >= before + times }
        case .pause(let milliseconds):
            try await Task.sleep(for: .milliseconds(milliseconds))
            return true
        }
    }

    private func order(_ order: ClientOrder, _ client: Int) async throws -> OrderedClient.Answer? {
        let crew = battlefield.crew
        // The client gives up by itself before that.
        let watchdog = Task {
            try await Task.sleep(for: .seconds(2 * ClientOrder.patience / 1_000_000))
            await crew.endAtOnce(client)
        }
        defer { watchdog.cancel() }
        return try await crew.carryOut(order, by: client)
    }

    private func holds(_ condition: () async throws -> Bool) async throws -> Bool {
        let end = MachineClock.now + Self.patience
        while try await !condition() {
            guard MachineClock.now < end else { return false }
            try await Task.sleep(for: .milliseconds(1))
        }
        return true
    }

    /// How often a server has carried out a command: see https://redis.io/docs/latest/commands/info/
    private static func calls(of command: String, on server: LocalServer) async throws -> Int {
        let text = try await server.command("INFO", "commandstats").text ?? ""
        guard let start = text.firstRange(of: "cmdstat_\(command):calls=")?.upperBound else { return 0 }
        return Int(text[start...].prefix(while: \.isNumber)) ?? 0
    }

    // MARK: Faults

    private mutating func begin(_ fault: Fault) async throws {
        // A fault that replaces another begins without a gap.
        for other in take(fault.server, fault.client) { close(other) }
        var fault = fault
        fault.begin = MachineClock.now
        open.append(fault)
        try await battlefield.begin(fault)
    }

    private mutating func take(_ server: Int?, _ client: Int?) -> [Fault] {
        let taken = open.filter { $0.server == server && $0.client == client }
        open.removeAll { $0.server == server && $0.client == client }
        return taken
    }

    private mutating func end(_ fault: Fault) async throws {
        try await battlefield.end(fault)
        close(fault)
        await battlefield.replant(after: fault)
    }

    private mutating func close(_ fault: Fault) {
        var fault = fault
        fault.end = MachineClock.now
        faults.append(fault)
    }
}
