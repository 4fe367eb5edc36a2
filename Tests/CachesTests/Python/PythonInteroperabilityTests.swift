import Caches
import CachesTesting
import Foundation
import TestSupport
import Testing

/// Keys that are shared with the Python package `caches`, whose classes say `serialize = False`.
@Suite(
    "Python's package and this one", .enabled(if: PythonPeer.isInstalled, "run ./dev/peers first"),
    .timeLimit(.minutes(10)))
struct PythonInteroperabilityTests {
    // The classes have the same names as there, and so the same prefixes.
    final class Scores: SortedSetCache<String>, @unchecked Sendable {}

    @Test("Values that Python has written are read here")
    func pythonWrites() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            _ = try await PythonPeer.run("write", on: fleet.servers[0])
            let pool = try CachePool(patiently: fleet.dsns)
            try await CachePool.$current.withValue(pool) {
                #expect(try await Cache<String>("peer", "text").get() == "grüße")
                #expect(try await Cache<String>("peer", "empty").get() == "")
                #expect(try await Cache<Int>("peer", 1).get() == 42)
                #expect(try await Cache<Double>("peer", "float").get() == 1.5)
                #expect(try await Cache<Int>("peer", "hits").increment() == 6)
                #expect(try await Cache<Int>("peer", "hits").isLeft(1...100))
                let dictionary = DictCache<String, String>("peer")
                #expect(try await dictionary.copy() == ["name": "al", "age": "7", "": "empty"])
                #expect(try await DictCache<String, Int>("peer").increment("age") == 8)
                #expect(try await SetCache<String>("peer").copy() == ["a", "b"])
                let scores = try await Scores("peer").copy()
                #expect(scores.map(\.element) == ["a", "b", "c"])
                #expect(scores.map(\.score) == [-1, 2.5, .infinity])
                #expect(try await SentinelCache("peer").isSet)
                #expect(try await SentinelCache("peer").claim() == false)
            }
            await pool.close()
        }
    }

    @Test("Values that are written here are read by Python")
    func swiftWrites() async throws {
        try await withLocalFleet(nodes: 1) { fleet in
            let pool = try CachePool(patiently: fleet.dsns)
            try await CachePool.$current.withValue(pool) {
                try await Cache<String>("peer", "text").set("grüße")
                try await Cache<String>("peer", "empty").set("")
                try await Cache<Int>("peer", 1).set(42, ttl: .seconds(100))
                try await Cache<Double>("peer", "float").set(1.5)
                try await Cache<Int>("peer", "hits").increment(by: 5)
                let dictionary = DictCache<String, String>("peer")
                try await dictionary.update(
                    with: ["name": "al", "age": "7", "": "empty"], ttl: .seconds(100))
                try await SetCache<String>("peer").insert(contentsOf: ["a", "b"])
                let scores = Scores("peer")
                try await scores.add("b", score: 2.5)
                try await scores.add("a", score: -1)
                try await scores.add("c", score: .infinity)
                #expect(try await SentinelCache("peer").claim())
            }
            await pool.close()
            let read = try JSONDecoder().decode(
                PythonPeer.Reading.self, from: try await PythonPeer.run("read", on: fleet.servers[0]))
            #expect(read == .expected)
        }
    }
}

/// The script beside this file, run by the interpreter that ./dev/peers installs.
private enum PythonPeer {
    static let isInstalled = FileManager.default.isExecutableFile(atPath: interpreter.path)

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()

    private static let interpreter =
        folder  // Tests/CachesTests/Python
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: ".build/peers/python/bin/python")

    /// The output of the script.
    static func run(_ mode: String, on server: LocalServer) async throws -> Data {
        let process = Process()
        process.executableURL = interpreter
        process.arguments = [folder.appending(path: "peer.py").path, mode]
        // The name would make it another connection than the one of its classes.
        let dsn = String(server.dsn.prefix { $0 != "#" })
        process.environment = ["CACHES_DSN": dsn]
        let output = Pipe()
        process.standardOutput = output
        let end = AsyncStream<Int32> { ended in
            process.terminationHandler = { ended.yield($0.terminationStatus) }
        }
        try process.run()
        var status: Int32?
        for await ended in end {
            status = ended
            break
        }
        #expect(status == 0)
        return try output.fileHandleForReading.readToEnd() ?? Data()
    }

    struct Reading: Codable, Equatable {
        let text: String
        let empty: String
        let number: Int
        let float: Double
        let hits: Int
        let missing: String?
        let dictionary: [String: String]
        let set: [String]
        let scores: [[String]]
        let sentinel: Bool

        static let expected = Reading(
            text: "grüße", empty: "", number: 42, float: 1.5, hits: 5, missing: nil,
            dictionary: ["name": "al", "age": "7", "": "empty"], set: ["a", "b"],
            scores: [["-1.0", "a"], ["2.5", "b"], ["inf", "c"]], sentinel: true)
    }
}
