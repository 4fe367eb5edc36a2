import CachesTesting
import Foundation
import Testing

@testable import cachesctl

extension LocalFleet {
    /// Runs the tool on the fleet.
    func tool(_ arguments: String..., input: [UInt8]? = nil) async throws -> ToolRun.Result {
        try await ToolRun(arguments, environment: environment, input: input).result
    }

    /// How many keys all servers have together.
    var size: Int64 {
        get async throws {
            var size: Int64 = 0
            for server in servers { size += try await server.command("DBSIZE").integer ?? 0 }
            return size
        }
    }
}

extension LocalServer {
    /// Stores an `x` at `prefix` and each number up to `count`.
    func fill(_ prefix: String, _ count: Int) async throws {
        try await command(
            "EVAL", "for i = 1, ARGV[2] do redis.call('SET', ARGV[1] .. i, 'x') end", "0", prefix, "\(count)")
    }
}

extension ToolRun.Result {
    /// The output as JSON.
    var json: [String: Any] { get throws { try #require(try Self.object(output)) } }

    /// The output's lines as JSON.
    var jsonLines: [[String: Any]] {
        get throws { try lines.map { try #require(try Self.object($0)) } }
    }

    private static func object(_ text: String) throws -> [String: Any]? {
        try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    }
}
