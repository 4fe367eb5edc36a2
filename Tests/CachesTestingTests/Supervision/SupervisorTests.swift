import Foundation
import TestSupport
import Testing

@testable import CachesTesting

@Suite("The supervisor of a fleet", .serialized)
struct SupervisorTests {
    /// The ways in which a process that has a fleet may end.
    enum End: Int32, CaseIterable, Codable, Sendable {
        case killed, interrupted, interruptedWithItsGroup, terminated, hungUp, crashed, exited

        var condition: ExitTest.Condition {
            switch self {
            case .killed: .signal(SIGKILL)
            case .interrupted, .interruptedWithItsGroup: .signal(SIGINT)
            case .terminated: .signal(SIGTERM)
            case .hungUp: .signal(SIGHUP)
            case .crashed: .signal(SIGABRT)
            case .exited: .exitCode(7)
            }
        }

        func perform() {
            switch self {
            case .killed: kill(getpid(), SIGKILL)
            case .interrupted: kill(getpid(), SIGINT)
            case .interruptedWithItsGroup:
                // The effect of Ctrl-C on a terminal.
                setpgid(0, 0)
                kill(0, SIGINT)
            case .terminated: kill(getpid(), SIGTERM)
            case .hungUp: kill(getpid(), SIGHUP)
            case .crashed: abort()
            case .exited: exit(7)
            }
        }
    }

    @Test(
        "The supervisor of a fleet leaves no server, not even a paused one, and no file, however its process ends",
        arguments: End.allCases)
    func noOrphans(end: End) async throws {
        let result = await #expect(
            processExitsWith: end.condition, observing: [\.standardOutputContent]
        ) { [end] in
            for signal in [SIGINT, SIGTERM, SIGHUP, SIGABRT] { resetAction(of: signal) }
            let nodes: [LocalServer.Options] = [.init(), .init(transport: .unix), .init(transport: .tls())]
            let fleet = try await LocalFleet.start(nodes, deadline: .seconds(60))
            fleet.servers[1].pause()
            let processes = fleet.servers.compactMap(\.processIdentifier) + [fleet.supervisor.process]
            let report = (processes.map(String.init) + [fleet.supervisor.folder]).joined(separator: " ")
            FileHandle.standardOutput.write(Data("fleet \(report)\n".utf8))
            end.perform()
            await Task.yield()
            withExtendedLifetime(fleet) { _ = pause() }
        }
        let output = String(decoding: try #require(result).standardOutputContent, as: UTF8.self)
        let line = try #require(output.split(separator: "\n").first { $0.hasPrefix("fleet ") })
        let words = line.split(separator: " ").dropFirst()
        let processes = words.compactMap { Int32($0) }
        let folder = String(try #require(words.last))
        #expect(processes.count == 4 && folder.hasPrefix("/"))
        // The machine's init may reap the shell at any time.
        try await eventually(within: .seconds(300)) {
            !processes.contains(where: isRunning) && !fileExists(folder)
        }
    }

    @Test("The supervisor of a fleet starts a script rather than a server, which ends with the rest")
    func script() async throws {
        let supervisor = try Supervisor()
        try makePrivateFolder(supervisor.folder + "/other")
        try writePrivateFile(supervisor.folder + "/other/script", "echo \"in $PWD\"; exec sleep 600")
        let process = try supervisor.start(in: "other")
        try await eventually(within: .seconds(300)) {
            readFile(supervisor.folder + "/other/log") == "in \(supervisor.folder)/other\n"
        }
        #expect(isRunning(process))
        supervisor.stop()
        #expect(!isRunning(process) && !fileExists(supervisor.folder))
    }

    @Test("The supervisor of a fleet leaves its own process as it was: no descriptor, no child")
    func noLeak() async {
        await #expect(processExitsWith: .success) {
            // The first time opens the descriptors that a process keeps for ever.
            try await useEverything()
            let before = descriptors()
            for _ in 0..<3 { try await useEverything() }
            let after = descriptors()
            guard after == before else { fatalError("descriptors: \(before) became \(after)") }
            let children = try childProcesses()
            guard children.isEmpty else { fatalError("children: \(children)") }
        }
    }

    @Test(
        "The supervisor of a fleet works in a temporary folder with a space, and avoids a path that is too long"
    )
    func temporaryFolder() async {
        await #expect(processExitsWith: .success) {
            try await withTemporaryFolder { folder in
                let spaced = folder + "/a b'c"
                try FileManager.default.createDirectory(atPath: spaced, withIntermediateDirectories: false)
                setenv("TMPDIR", spaced, 1)
                try await withLocalFleet([.init(transport: .unix), .init(transport: .tls())]) { fleet in
                    guard fleet.supervisor.folder.hasPrefix(spaced + "/caches-") else { fatalError() }
                    guard fleet.dsns[0].contains("/a%20b%27c/caches-") else { fatalError(fleet.dsns[0]) }
                }
                guard try FileManager.default.contentsOfDirectory(atPath: spaced).isEmpty else {
                    fatalError()
                }

                setenv("TMPDIR", spaced + String(repeating: "/.", count: 50), 1)
                try await withLocalFleet([.init(transport: .unix)]) { fleet async throws in
                    guard fleet.supervisor.folder.hasPrefix("/tmp/caches-") else { fatalError() }
                }
            }
        }
    }

    @Test("The supervisor of a fleet says so if it can't make its folder")
    func noFolder() async {
        await #expect(processExitsWith: .success) {
            setenv("TMPDIR", "/nowhere", 1)
            do {
                _ = try await LocalFleet.start(nodes: 1)
                fatalError("started")
            } catch let error as FleetError {
                guard error.code == .system, error.message.contains("/nowhere") else {
                    fatalError("\(error)")
                }
            }
        }
    }
}

/// Starts and ends one of everything.
private func useEverything() async throws {
    try await withLocalFleet([.init(), .init(transport: .unix), .init(transport: .tls())]) { fleet in
        try await fleet.servers[0].restart()
        fleet.servers[1].kill()
        fleet.servers[2].pause()
    }
    _ = try? await LocalFleet.start([.init(lines: ["wrong"])])
    let scripted = try ScriptedServer(.neverAnswers)
    let client = try LoopbackAddress.ipv4(port: UInt16(scripted.port)).connected()
    scripted.stop()
    _ = client.receive()
    _ = try BlackHole()
}

/// The processes that this one has started and not waited for.
private func childProcesses() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").flatMap { thread in
        let list = try? String(contentsOfFile: "/proc/self/task/\(thread)/children", encoding: .utf8)
        return (list ?? "").split(separator: " ").map(String.init)
    }
}

/// Undoes settings of the test's runner.
private func resetAction(of number: Int32) { signal(number, SIG_DFL) }
