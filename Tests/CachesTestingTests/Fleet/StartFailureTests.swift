import Foundation
import TestSupport
import Testing

@testable import CachesTesting

@Suite("A fleet that can't start")
struct StartFailureTests {
    @Test("A fleet that can't start says how to install a server if there is none")
    func notInstalled() throws {
        let error = #expect(throws: FleetError.self) {
            try ServerBinary.find(in: ["/nowhere", "relative", ""])
        }
        #expect(error?.code == .serverNotInstalled)
        #expect(error?.description.contains("./dev/setup") == true)
    }

    @Test(
        "A fleet that can't start runs valkey-server if only that is installed, and redis-server if both are")
    func valkey() async throws {
        try await withTemporaryFolder { folder in
            let redis = try ServerBinary.find()
            let links = FileManager.default
            try links.createSymbolicLink(atPath: folder + "/valkey-server", withDestinationPath: redis)
            let found = try ServerBinary.find(in: ["/nowhere", folder])
            #expect(found == folder + "/valkey-server")

            let fleet = try await LocalFleet.start(nodes: 1, program: found)
            let reply = try await fleet.servers[0].command("PING")
            #expect(reply.text == "PONG")
            await fleet.stop()

            try links.createSymbolicLink(atPath: folder + "/redis-server", withDestinationPath: redis)
            #expect(try ServerBinary.find(in: [folder]) == folder + "/redis-server")
        }
    }

    @Test("A fleet that can't start shows the end of the log of the server that ended")
    func badConfiguration() async throws {
        let error = await #expect(throws: FleetError.self) {
            try await LocalFleet.start([.init(), .init(name: "bad", lines: ["no-such-directive 1"])])
        }
        #expect(error?.code == .startFailed)
        #expect(error?.message.contains("bad ended while it started") == true)
        #expect(error?.message.contains("no-such-directive") == true)
    }

    @Test("A fleet that can't start shows the system's error about a file that is not a program")
    func noProgram() async throws {
        let error = await #expect(throws: FleetError.self) {
            try await LocalFleet.start(nodes: 1, program: "/nowhere/redis-server")
        }
        #expect(error?.code == .startFailed)
        #expect(error?.message.contains("/nowhere/redis-server") == true)
    }

    @Test("A fleet that can't start gives up at its deadline, and leaves nothing")
    func deadline() async throws {
        try await withSilentServer { program, processes async throws in
            let begin = ContinuousClock.now
            let error = await #expect(throws: FleetError.self) {
                try await LocalFleet.start(nodes: 2, deadline: .milliseconds(300), program: program)
            }
            #expect(error?.code == .timeout)
            #expect(ContinuousClock.now - begin >= .milliseconds(300))
            #expect(processes().allSatisfy { !exists($0) })
        }
    }

    @Test("A fleet that can't start stops at once when its task is cancelled, and leaves nothing")
    func cancelled() async throws {
        try await withSilentServer { program, processes in
            let task = Task { try await LocalFleet.start(nodes: 2, deadline: .seconds(60), program: program) }
            try await eventually(within: .seconds(300)) { processes().count == 2 }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(processes().allSatisfy { !exists($0) })
        }
    }
}

/// Makes a server program that never listens, and notes its process numbers.
private func withSilentServer(
    _ body: (_ program: String, _ processes: () -> [Int32]) async throws -> Void
) async throws {
    try await withTemporaryFolder { folder in
        let program = folder + "/silent"
        let notes = folder + "/processes"
        try Data("#!/bin/sh\necho $$ >>'\(notes)'\nexec sleep 600\n".utf8).write(to: URL(filePath: program))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
        try await body(program) {
            let text = (try? String(contentsOfFile: notes, encoding: .utf8)) ?? ""
            return text.split(separator: "\n").compactMap { Int32($0) }
        }
    }
}

/// Makes a folder, and removes it however `body` ends.
func withTemporaryFolder(_ body: (String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "caches-test-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder.path)
}
