import CachesTesting
import CachesTransport
import Testing

@testable import CachesCluster

/// The placement `twemproxy` beside a real one: each finds the keys that the other writes.
///
/// `./dev/peers` installs it.
@Suite(.enabled(if: Nutcracker.program != nil, "there is no nutcracker"))
struct TwemproxyTests {
    /// The names of servers in twemproxy and in the pool.
    enum Naming: CaseIterable, Sendable {
        case names, weights, addresses, sockets
    }

    private static let servers = (1...3).map { LocalServer.Options(name: "server\($0)") }

    /// Keys as programs make them, with tags, with empty ones, and not in ASCII. twemproxy hashes the last as
    /// a machine does whose `char` has a sign; the placement does the same.
    private static let keys = (0..<2500).flatMap { number in
        #if arch(x86_64)
            let foreign = "schlüssel.\(number)"
        #else
            let foreign = "schluessel.\(number)"
        #endif
        return ["user:\(number * 7919)", "{session.\(number)}.name", "{}\(number).page", foreign]
    }

    @Test(
        "10 000 keys written through twemproxy are all found, and the other way round",
        arguments: Naming.allCases)
    func interoperability(naming: Naming) async throws {
        var options = Self.servers
        if naming == .sockets { for index in options.indices { options[index].transport = .unix } }
        try await withLocalFleet(options) { fleet in
            let (lines, dsns) = Self.configuration(naming, fleet)
            var configuration = try PoolConfiguration(dsns: dsns)
            configuration.placement = .twemproxy
            let proxy = try await Nutcracker.start(before: fleet, servers: lines)
            try await withPool(configuration) { pool in
                for part in Self.keys.chunks(of: 500) {
                    let words = part.flatMap { [$0, "proxy " + $0] }
                    #expect(try await proxy.command(["MSET"] + words).text == "OK")
                }
                let found = try await pool.values(of: Self.keys)
                #expect(found == Self.keys.map { "proxy " + $0 })
                // Each server has its part, and each key is on one server only.
                var sizes: [Int64] = []
                for server in fleet.servers { sizes.append(try await server.command("DBSIZE").integer ?? 0) }
                #expect(
                    sizes.reduce(0, +) == Int64(Self.keys.count) && sizes.allSatisfy { $0 > 500 }, "\(sizes)")

                try await pool.set(Self.keys.map { ($0, "pool " + $0) })
                for part in Self.keys.chunks(of: 500) {
                    let values = try await proxy.command(["MGET"] + part).elements.map(\.text)
                    #expect(values == part.map { "pool " + $0 })
                }
            }
        }
    }

    /// The servers in twemproxy's configuration, and in ours.
    private static func configuration(_ naming: Naming, _ fleet: LocalFleet) -> (
        lines: [String], dsns: [String]
    ) {
        let weights = naming == .weights ? [1, 2, 5] : [1, 1, 1]
        let servers = zip(fleet.servers, weights).map { server, weight in
            let dsn = server.dsn
            let plain = String(dsn.prefix { $0 != "#" })
            return switch naming {
            case .names: ("127.0.0.1:\(server.port!):1 \(server.name)", dsn)
            case .weights:
                (
                    "127.0.0.1:\(server.port!):\(weight) \(server.name)",
                    "\(plain)?weight=\(weight)#\(server.name)"
                )
            case .addresses: ("127.0.0.1:\(server.port!):1", plain)
            case .sockets: ("\(server.socketPath):1", plain)
            }
        }
        return (servers.map(\.0), servers.map(\.1))
    }
}

extension Array {
    /// The elements in order, so many at a time.
    fileprivate func chunks(of count: Int) -> [[Element]] {
        stride(from: 0, to: self.count, by: count).map { Array(self[$0..<Swift.min($0 + count, self.count)]) }
    }
}

extension CachePool {
    /// Reads keys, each from its owner.
    fileprivate func values(of keys: [String]) async throws -> [String?] {
        var values = [String?](repeating: nil, count: keys.count)
        for (node, indices) in try owned(keys) {
            let reply = try await node.send(idempotent: true, deadline: node.deadline()) { command in
                command.begin(indices.count + 1)
                command.argument("MGET")
                for index in indices { command.argument(keys[index]) }
            }
            guard case .array(let elements) = reply else { continue }
            for (index, element) in zip(indices, elements) { values[index] = element.text }
        }
        return values
    }

    /// Writes keys, each to its owner.
    fileprivate func set(_ pairs: [(key: String, value: String)]) async throws {
        for (node, indices) in try owned(pairs.map(\.key)) {
            _ = try await node.send(idempotent: true, deadline: node.deadline()) { command in
                command.begin(2 * indices.count + 1)
                command.argument("MSET")
                for index in indices {
                    command.argument(pairs[index].key)
                    command.argument(pairs[index].value)
                }
            }
        }
    }

    private func owned(_ keys: [String]) throws -> [(node: Node, indices: [Int])] {
        let owners = try keys.map { try node(for: $0) }
        return try nodes.map { node in (node, keys.indices.filter { owners[$0] === node }) }
    }
}
