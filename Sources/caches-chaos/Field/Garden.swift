import Caches
import CachesTesting
import Synchronization

/// The bystanders' keys on a fleet's servers: plants them, checks them, and plants them again on a server
/// that has been emptied.
final class Garden: Sendable {
    private let servers: [LocalServer]
    /// The planted keys and values of each server.
    private let plants: [[(key: String, value: [UInt8])]]
    private let state: Mutex<Bystanders>

    /// A counter of another program, on every server.
    private static let counter = "other-program:visits"

    /// How many keys of each of the clients' own classes there are.
    private static let ownKeys = 20

    /// How long a server may take to answer.
    private static let patience = Duration.milliseconds(500)

    /// Plants the keys. All servers have to answer. The keys of the clients' classes are written by a pool
    /// that is closed before this returns.
    init(_ fleet: LocalFleet) async throws {
        servers = fleet.servers
        for server in servers {
            for words in Self.foreign { _ = try await server.command(words) }
        }
        let own = try await Self.plantOwn(fleet)
        var bystanders = Bystanders()
        var plants: [[(key: String, value: [UInt8])]] = []
        for (position, server) in servers.enumerated() {
            let keys = Self.foreign.map { $0[1] } + own.filter { $0.server == position }.map(\.key)
            let begin = MachineClock.now
            let values = try await Self.dumps(of: keys, on: server)
            let found = zip(keys, values).map { (key: $0, value: $1 ?? []) }
            plants.append(found)
            bystanders.plantings += found.map {
                Bystanders.Planting(
                    server: position, key: $0.key, value: $0.value, begin: begin, end: MachineClock.now)
            }
        }
        let claims = own.filter(\.isClaim)
        bystanders.claims = claims.map { ($0.key, $0.server) }
        self.plants = plants
        state = Mutex(bystanders)
    }

    /// The plantings and sightings so far.
    var bystanders: Bystanders { state.withLock { $0 } }

    /// Looks at the servers, one after the other, until the task is cancelled.
    func watch() async {
        while !Task.isCancelled {
            for server in servers.indices {
                await look(at: server)
                try? await Task.sleep(for: .milliseconds(300))
            }
        }
    }

    /// Records the keys that a server has. Records nothing if it does not answer.
    func look(at position: Int) async {
        let (begin, keys) = (MachineClock.now, plants[position].map(\.key))
        let commands = [["INCR", Self.counter]] + keys.map { ["DUMP", $0] }
        guard
            let replies = try? await servers[position].commands(
                commands.map { $0.map { Array($0.utf8) } }, timeout: Self.patience)
        else { return }
        let end = MachineClock.now
        state.withLock { bystanders in
            if let value = replies[0].integer {
                bystanders.counts.append(
                    Bystanders.Count(server: position, value: Int(value), begin: begin, end: end))
            }
            bystanders.sightings += zip(keys, replies.dropFirst()).map { key, reply in
                Bystanders.Sighting(server: position, key: key, value: reply.bytes, begin: begin, end: end)
            }
        }
    }

    /// Plants a server's keys again.
    func replant(_ position: Int) async {
        let begin = MachineClock.now
        let commands = plants[position].map { plant in
            ["RESTORE", plant.key, "0"].map { Array($0.utf8) } + [plant.value, Array("REPLACE".utf8)]
        }
        guard (try? await servers[position].commands(commands, timeout: Self.patience)) != nil else { return }
        let end = MachineClock.now
        state.withLock { bystanders in
            bystanders.plantings += plants[position].map {
                Bystanders.Planting(server: position, key: $0.key, value: $0.value, begin: begin, end: end)
            }
        }
    }

    // MARK: The planted keys

    /// Another program's keys: each as the command that writes it, whose second word is the key. Servers dump
    /// all of these types in a fixed order.
    private static let foreign: [[String]] =
        (0..<4).map { ["SET", "other-program:session:\($0)", "signed in"] } + [
            ["SET", "other-program.dotted", "a value whose key looks like a class's"],
            ["SET", "other-program:total", "41"],
            ["HSET", "other-program:user", "name", "Ada", "mail", "ada@example.org"],
            ["SADD", "other-program:numbers", "1", "2", "3"],
            ["RPUSH", "other-program:queue", "first", "second"],
            ["ZADD", "other-program:scores", "1", "one", "2", "two"],
        ]

    private struct Own {
        var key: String
        var server: Int
        var isClaim = false
    }

    /// Writes keys of the clients' own classes, through a pool, before the first fault.
    private static func plantOwn(_ fleet: LocalFleet) async throws -> [Own] {
        let pool = try CachePool(fleet.dsns)
        let names = fleet.servers.map(\.name)
        var own: [Own] = []
        func add(_ entry: CacheEntry, isClaim: Bool = false) throws {
            let key = entry.key.description
            guard let server = names.firstIndex(of: try pool.node(for: key).name) else { return }
            own.append(Own(key: key, server: server, isClaim: isClaim))
        }
        for number in 0..<ownKeys {
            let (value, counter) = (InnocentCache(number, on: pool), InnocentCounter(number, on: pool))
            try await value.set("innocent \(number)")
            _ = try await counter.increment(by: 1000 + number)
            let lock = InnocentLock(number, on: pool)
            _ = try await lock.acquire(waitingAtMost: .zero)
            let limit = InnocentLimit(number, on: pool)
            _ = try await limit.consume()
            for entry in [value, counter, lock, limit] as [CacheEntry] { try add(entry) }
        }
        for number in 0..<Workload.claims {
            let gate = ChaosClaim(number, on: pool)
            _ = try await gate.claim()
            try add(gate, isClaim: true)
        }
        await pool.close()
        return own
    }

    private static func dumps(of keys: [String], on server: LocalServer) async throws -> [[UInt8]?] {
        try await server.commands(keys.map { [Array("DUMP".utf8), Array($0.utf8)] }).map(\.bytes)
    }
}

extension ServerReply {
    fileprivate var bytes: [UInt8]? { if case .string(let bytes) = self { bytes } else { nil } }
}
