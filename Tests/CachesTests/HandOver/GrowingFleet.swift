import Caches
import CachesTesting
import Synchronization
import TestSupport
import Testing

/// A fleet that grows from one server to two, and programs that use it: each has its own pool.
final class GrowingFleet: Sendable {
    let fleet: LocalFleet
    private let pools = Mutex<[CachePool]>([])

    init(_ fleet: LocalFleet) { self.fleet = fleet }

    var old: LocalServer { fleet.servers[0] }
    var new: LocalServer { fleet.servers[1] }

    /// The servers after the growth.
    func grown() throws -> PoolConfiguration { try patient(fleet.dsns) }

    /// One of them alone.
    func only(_ server: LocalServer) throws -> PoolConfiguration { try patient([server.dsn]) }

    /// A program that is at a stage of the hand-over; nil if it has not been told.
    func program(at stage: HandOver.Stage?) throws -> CachePool {
        let pool = try CachePool(patient([old.dsn]))
        pools.withLock { $0.append(pool) }
        if let stage { try pool.enter(stage, grown()) }
        return pool
    }

    /// A program that was started with the servers after the growth.
    func grownProgram() throws -> CachePool {
        let pool = try CachePool(grown())
        pools.withLock { $0.append(pool) }
        return pool
    }

    fileprivate func endPrograms() async {
        for pool in pools.withLock({ $0 }) { await pool.close() }
    }

    private func patient(_ dsns: [String]) throws -> PoolConfiguration {
        try PoolConfiguration(dsns: dsns).patient
    }

    /// The parts whose keys move from the old server to the new one.
    func moving(_ parts: some Sequence<Int>, prefix: String) throws -> [Int] {
        let pool = try CachePool(grown())
        return try parts.filter { try pool.node(for: "\(prefix).\($0)").name == new.name }
    }

    /// Some parts of keys that move.
    func movingParts(_ count: Int, prefix: String) throws -> [Int] {
        Array(try moving(0..<10 * count + 100, prefix: prefix).prefix(count))
    }

    /// The servers that have a key.
    func holders(of key: CacheKey) async throws -> [String] {
        var holders: [String] = []
        for server in fleet.servers where try await server.command("EXISTS", key.text) == .integer(1) {
            holders.append(server.name)
        }
        return holders
    }
}

extension LocalServer {
    /// How many clients have a name that begins with some text.
    func clientCount(of name: String) async throws -> Int {
        let list = try await command("CLIENT", "LIST").text ?? ""
        return list.split(separator: "\n").count { $0.contains(" name=\(name)") }
    }
}

extension CachePool {
    /// Waits until a node is known to be down.
    func seesDown(_ name: String) async throws {
        let node = try nodes(connection: ConnectionName(name))[0]
        try await eventually { node.state.description == "down" }
    }

    /// Begins a hand-over and goes on to a stage of it, which then lasts.
    func enter(_ stage: HandOver.Stage, _ configuration: PoolConfiguration) throws {
        if handOver == nil {
            try reconfigure(
                to: configuration, handOver: HandOver(notice: .seconds(3600), window: .seconds(3600)))
        }
        while let present = handOver?.stage, present != stage { endStage() }
    }
}

/// Runs a test on a fleet that grows, as a user with the rights of the production user.
func withGrowth(_ test: (GrowingFleet) async throws -> Void) async throws {
    let servers = ["a", "b"].map { LocalServer.Options(name: $0, access: LeastPrivilege.access) }
    try await withLocalFleet(servers) { fleet in
        let growth = GrowingFleet(fleet)
        do {
            try await test(growth)
            await growth.endPrograms()
        } catch {
            await growth.endPrograms()
            throw error
        }
    }
}
