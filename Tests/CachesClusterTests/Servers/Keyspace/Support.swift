import CachesTesting
import CachesTransport
import TestSupport
import Testing

@testable import CachesCluster

/// Three servers, and a pool over them.
func withThreeServers(
    _ options: LocalServer.Options = LocalServer.Options(name: "n"),
    _ body: (LocalFleet, CachePool) async throws -> Void
) async throws {
    try await withLocalFleet(nodes: 3, options: options) { fleet in
        try await withPool(fleet.dsns) { try await body(fleet, $0) }
    }
}

extension CachePool {
    /// Stores an `x` at some keys, each on the node that owns it.
    func fill(_ keys: [String], on connection: ConnectionName = .sharded) async throws {
        let shards = Dictionary(grouping: keys) { (try? node(for: $0, connection: connection).name) ?? "" }
        for keys in shards.values {
            let node = try node(for: keys[0], connection: connection)
            try await node.fill(keys)
        }
    }
}

extension Node {
    /// Stores an `x` at some keys.
    func fill(_ keys: [String]) async throws {
        for start in stride(from: 0, to: keys.count, by: 1000) {
            let some = keys[start..<min(start + 1000, keys.count)]
            _ = try await pipeline(some.count, deadline: .after(.seconds(30))) { command in
                for key in some {
                    command.begin(3)
                    for word in ["SET", key, "x"] { command.argument(word) }
                }
            }
        }
    }

    /// Makes the server close the connection, and waits for another one.
    func reconnects(_ server: LocalServer) async throws {
        let number = try await connectionNumber()
        try await server.command("CLIENT", "KILL", "TYPE", "normal")
        try await eventually {
            guard let other = try? await connectionNumber() else { return false }
            return other != number
        }
    }
}

extension LocalServer {
    /// How many keys there are.
    var size: Int64? {
        get async throws {
            // Without the keys that are kept there while another is out.
            guard let all = try await command("DBSIZE").integer,
                let own = try await command("EXISTS", StandInKeys.memory).integer
            else { return nil }
            return all - own
        }
    }

    /// How often a command was called.
    func calls(of command: String) async throws -> Int {
        let lines = try await self.command("INFO", "commandstats").text ?? ""
        let line = lines.split(whereSeparator: \.isNewline).first { $0.hasPrefix("cmdstat_\(command):") }
        let calls = line?.split(separator: ":")[1].split(separator: ",")[0].dropFirst("calls=".count)
        return calls.flatMap { Int($0) } ?? 0
    }
}
