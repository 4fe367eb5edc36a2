import CachesTransport
import Testing

@testable import CachesCluster

@Suite struct NodeDirectoryTests {
    private static func directory(_ dsns: String...) throws -> NodeDirectory {
        try NodeDirectory(dsns.map { try NodeConfiguration(dsn: $0) })
    }

    @Test(
        "A name stands for a node, a group or all",
        arguments: [
            (.sharded, [0, 1, 2, 3, 4]), ("", [0, 1, 2, 3, 4]), ("main", [0]), ("sessions", [1, 3]),
            ("sessions/a", [1]), ("sessions/b", [3]), ("other/a", [2]), ("other", [2]), ("h:7000/1", [4]),
        ] as [(ConnectionName, [Int])])
    func resolves(connection: ConnectionName, positions: [Int]) throws {
        let directory = try Self.directory(
            "redis://h#main", "redis://h#sessions/a", "redis://h#other/a", "redis://h#sessions/b",
            "redis://h:7000/1")
        #expect(try directory.nodes(connection: connection) == positions)
    }

    @Test("An unknown name's error lists the known ones")
    func unknown() throws {
        let directory = try Self.directory("redis://h#main", "redis://h#sessions/a")
        for name in ["mian", "sessions/b", "Main", "main/", "/", "*"] {
            let error = #expect(throws: CachesError.self) {
                try directory.nodes(connection: ConnectionName(name))
            }
            #expect(error?.code == .configuration)
            #expect(error?.message == "no server or group is called \(name).")
            #expect(error?.advice?.contains("main, sessions/a; the groups are sessions.") == true)
        }
        let error = #expect(throws: CachesError.self) { try directory.nodes(connection: "mian") }
        #expect(error?.advice?.hasPrefix("Did you mean main?") == true)
    }

    @Test("Nodes made in code are checked as those of DSNs are")
    func checked() throws {
        let node = try NodeConfiguration(dsn: "redis://h#a", source: "first")
        var other = try NodeConfiguration(dsn: "redis://h#b", source: "second")
        for weight in [0, -1, .nan, .infinity, 0.0009] {
            other.weight = weight
            let error = #expect(throws: CachesError.self) { try NodeDirectory([node, other]) }
            #expect(error?.message == "second: the weight is not from 0.001 to 1000000.")
        }
        other.weight = 1
        other.identity = "a"
        let error = #expect(throws: CachesError.self) { try NodeDirectory([node, other]) }
        #expect(error?.message == "second: the identity a is that of the server in first already.")
        #expect(throws: CachesError.self) { try NodeDirectory([]) }
    }

    @Test("A connection's name prints as it is written")
    func description() {
        #expect("\(ConnectionName.sharded)" == "sharded")
        #expect("\("sessions/a" as ConnectionName)" == "sessions/a")
    }
}
