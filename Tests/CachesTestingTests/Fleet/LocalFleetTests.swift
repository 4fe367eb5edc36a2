import Foundation
import TestSupport
import Testing

@testable import CachesTesting

@Suite("A local fleet")
struct LocalFleetTests {
    @Test("A local fleet starts as many servers as asked for, which all answer")
    func startsAll() async throws {
        try await withLocalFleet(nodes: 3) { fleet in
            #expect(fleet.servers.map(\.name) == ["redis1", "redis2", "redis3"])
            #expect(Set(fleet.servers.map(\.port)).count == 3)
            for server in fleet.servers {
                let reply = try await server.command("PING")
                #expect(reply == .status("PONG"))
                #expect(server.isRunning)
            }
        }
    }

    @Test("A local fleet gives the environment that a client process reads")
    func environment() async throws {
        try await withLocalFleet([.init(name: "a"), .init(name: "sessions/b")]) { fleet in
            let a = try #require(fleet["a"])
            let b = try #require(fleet["sessions/b"])
            #expect(fleet.environment == ["CACHES_DSN_1": a.dsn, "CACHES_DSN_2": b.dsn])
            #expect(b.dsn.hasSuffix("/0#sessions/b"))
            #expect(fleet["c"] == nil)
        }
    }

    @Test("A local fleet can have no server at all")
    func empty() async throws {
        try await withLocalFleet(nodes: 0) { fleet async throws in
            #expect(fleet.dsns.isEmpty)
        }
    }

    @Test("A local fleet shares no port with another fleet that runs at the same time")
    func parallelFleets() async throws {
        let first = Task { try await LocalFleet.start(nodes: 8) }
        let second = Task { try await LocalFleet.start(nodes: 8) }
        let fleets = [try await first.value, try await second.value]
        let servers = fleets.flatMap(\.servers)
        #expect(Set(servers.map(\.port)).count == 16)
        for (number, server) in servers.enumerated() {
            try await server.command("SET", "number", "\(number)")
        }
        for (number, server) in servers.enumerated() {
            let reply = try await server.command("GET", "number")
            #expect(reply.integer == Int64(number))
        }
        for fleet in fleets { await fleet.stop() }
        for server in servers { #expect(!server.isRunning) }
    }

    @Test("A local fleet keeps everything in a folder that only the user can enter")
    func privateFolder() async throws {
        try await withLocalFleet([.init(transport: .tls(), access: .password("secret"))]) { fleet in
            let files = FileManager.default
            func mode(_ path: String) throws -> Int? {
                try files.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            }
            let folder = fleet.supervisor.folder
            #expect(try mode(folder) == 0o700)
            for case let path as String in try #require(files.enumerator(atPath: folder)) {
                #expect(try #require(try mode(folder + "/" + path)) & 0o077 == 0, "\(path)")
            }
        }
    }

    @Test("A local fleet leaves no process and no file when stopped, also twice and at the same time")
    func stops() async throws {
        let fleet = try await LocalFleet.start([.init(), .init(transport: .unix), .init(transport: .tls())])
        let processes = fleet.servers.compactMap(\.processIdentifier) + [fleet.supervisor.process]
        #expect(processes.count == 4)
        fleet.servers[1].pause()
        await withTaskGroup { group in
            for _ in 0..<3 {
                group.addTask {
                    await fleet.stop()
                    for process in processes { #expect(!exists(process)) }
                    #expect(!fileExists(fleet.supervisor.folder))
                }
            }
        }
        await fleet.stop()
        #expect(fleet.servers.allSatisfy { !$0.isRunning })
    }

    @Test("A local fleet leaves servers that can be asked for anything when it has stopped")
    func afterStop() async throws {
        let fleet = try await LocalFleet.start(nodes: 1)
        await fleet.stop()
        let server = fleet.servers[0]
        server.kill()
        server.pause()
        server.resume()
        #expect(server.processIdentifier == nil)
        await #expect { try await server.restart() } throws: { ($0 as? FleetError)?.code == .stopped }
        await #expect(throws: FleetError.self) { try await server.command("PING") }
    }

    @Test("A local fleet stops when nobody refers to it any more")
    func released() async throws {
        func startAndForget() async throws -> (folder: String, processes: [Int32]) {
            let fleet = try await LocalFleet.start(nodes: 2)
            return (
                fleet.supervisor.folder,
                fleet.servers.compactMap(\.processIdentifier) + [fleet.supervisor.process]
            )
        }
        let (folder, processes) = try await startAndForget()
        #expect(processes.count == 3)
        try await eventually(within: .seconds(300)) {
            !processes.contains(where: exists) && !fileExists(folder)
        }
    }

    @Test("A local fleet stops when the body of withLocalFleet throws")
    func bodyThrows() async throws {
        struct Fault: Error {}
        let folder = Locked("")
        await #expect(throws: Fault.self) {
            try await withLocalFleet(nodes: 1) { fleet in
                folder.value = fleet.supervisor.folder
                throw Fault()
            }
        }
        #expect(folder.value.hasPrefix("/") && !fileExists(folder.value))
    }
}
