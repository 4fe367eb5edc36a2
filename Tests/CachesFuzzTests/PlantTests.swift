import CachesTesting
import Foundation
import Testing

@Suite("A fuzzer")
struct PlantTests {
    /// One run of the built program.
    private static func run(_ arguments: String...) async throws -> (status: Int32, output: String) {
        try await run(arguments)
    }

    private static func run(_ arguments: [String]) async throws -> (status: Int32, output: String) {
        let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }
        let tests = try #require(bundle?.bundleURL ?? Bundle.main.executableURL)
        let (process, pipe) = (Process(), Pipe())
        process.executableURL = tests.deletingLastPathComponent().appending(path: "caches-fuzz")
        process.arguments = ["replies"] + arguments
        process.standardOutput = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        return await withCheckedContinuation { continuation in
            DispatchQueue(label: "fuzz").async {
                let output = (try? pipe.fileHandleForReading.readToEnd()) ?? Data()
                process.waitUntilExit()
                continuation.resume(
                    returning: (process.terminationStatus, String(decoding: output, as: UTF8.self)))
            }
        }
    }

    /// All lies but those of numbers are left out, so that a few calls find the fault that only those
    /// trigger.
    private static let numbersAlone = HostileServer.Lie.allCases.filter { $0 != .numbers }.flatMap {
        ["--without", $0.rawValue]
    }

    @Test("A fuzzer finds a crash, names its round, and reproduces it")
    func crash() async throws {
        let options = ["--plant", "trap", "--without", "control"] + Self.numbersAlone
        let (status, output) = try await Self.run(
            ["--calls", "1000", "--at-once", "2", "--workers", "1"] + options)
        #expect(status == 1)
        #expect(output.contains("fuzz: crash in round "))
        let round = try #require(output.firstMatch(of: /--only (\d+)/)?.1)
        let replay = try await Self.run(["--only", String(round)] + options)
        #expect(replay.status == 1)
        #expect(replay.output.contains("fuzz: crash in round \(round)"))
        // The last exchanges before it.
        #expect(replay.output.contains("INCRBY fuzz.n1 1 → numbers"))
    }

    @Test("A fuzzer finds a forbidden text", arguments: ["secret", "control"])
    func texts(plant: String) async throws {
        let (status, output) = try await Self.run(
            "--calls", "100", "--at-once", "2", "--workers", "1", "--plant", plant)
        #expect(status == 1)
        #expect(output.contains("fuzz: \(plant) in round "))
        #expect(output.contains("the planted fault"))
        // Its own output does not contain the text.
        #expect(!output.contains("\u{1B}"))
    }

    @Test("A fuzzer finds a call that never ends, and goes on without it")
    func hang() async throws {
        let (status, output) = try await Self.run(
            "8", "--at-once", "2", "--workers", "1", "--plant", "hang", "--without", "control")
        #expect(status == 1)
        #expect(output.contains("fuzz: hang in round "))
        #expect(output.contains(/\d+ calls, \d+ failures, seed 1\n$/))
    }

    @Test("A fuzzer refuses unknown kinds")
    func arguments() async throws {
        #expect(try await Self.run("--without", "nonsense").status == 64)
    }
}
