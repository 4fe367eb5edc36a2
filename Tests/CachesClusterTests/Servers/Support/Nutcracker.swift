import TestSupport
import Testing

@testable import CachesTesting

/// A real twemproxy (`nutcracker`) in front of a fleet's servers. It ends with the fleet, however this
/// process ends.
final class Nutcracker: Sendable {
    private static let name = "proxy"

    let socketPath: String
    private let log: String
    // It reserves the port for statistics, which twemproxy can't turn off.
    private let statistics: PortReservation

    /// The path of the program: Debian has it in a folder that an ordinary user's PATH may lack.
    static let program = (ServerBinary.standardFolders + ["/usr/sbin"])
        .map { $0 + "/nutcracker" }.first { readFile($0, tail: 1) != nil }

    /// Starts it with the lines of its configuration that name the servers, and returns when it answers.
    static func start(before fleet: LocalFleet, servers: [String]) async throws -> Nutcracker {
        let proxy = try Nutcracker(fleet, servers)
        // It can't tell when it is ready, so it has to be asked.
        var answers = false
        try await eventually {
            answers = (try? await proxy.command(["PING"])) != nil
            return answers
        }
        guard answers else {
            throw FleetError(
                .startFailed,
                "twemproxy doesn't answer. Its log ends with:\n\(readFile(proxy.log, tail: 4096) ?? "")")
        }
        return proxy
    }

    private init(_ fleet: LocalFleet, _ servers: [String]) throws {
        let folder = fleet.supervisor.folder + "/" + Self.name
        socketPath = folder + "/proxy.sock"
        log = folder + "/log"
        statistics = try PortReservation.make()
        try makePrivateFolder(folder)
        try writePrivateFile(
            folder + "/proxy.yml",
            """
            fleet:
              listen: \(socketPath)
              redis: true
              distribution: ketama
              hash: fnv1a_64
              hash_tag: "{}"
              timeout: 60000
              servers:
            \(servers.map { "   - \($0)" }.joined(separator: "\n"))

            """)
        try writePrivateFile(
            folder + "/script",
            "exec '\(Self.program ?? "")' -c proxy.yml -o /dev/stderr -p pid -a 127.0.0.1 -s \(statistics.port)"
        )
        _ = try fleet.supervisor.start(in: Self.name)
    }

    /// Sends one command and waits for its reply.
    func command(_ words: [String]) async throws -> ServerReply {
        try await blocking { () throws(FleetError) in
            try AdminConnection.open(path: self.socketPath, as: nil, timeout: .seconds(60)).command(words)
        }
    }
}
