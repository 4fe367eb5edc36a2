import Foundation
import Testing

/// One run of the built tool, as a shell would start it, with nothing of this process's environment but PATH.
final class ToolRun: Sendable {
    struct Result: Sendable {
        var status: Int32
        var output: String
        var errors: String

        /// The lines of standard output.
        var lines: [String] {
            output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
        }
    }

    private let process: Int32
    private let end: Task<Result, any Error>

    /// Starts the tool.
    init(_ arguments: [String], environment: [String: String] = [:]) throws {
        // Files, as a pipe that nobody empties in time would stop the tool.
        let folder = FileManager.default.temporaryDirectory.appending(path: "cachesctl-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        let files = ["output", "errors"].map { folder.appending(path: $0) }
        for file in files { _ = FileManager.default.createFile(atPath: file.path, contents: nil) }

        let process = Process()
        process.executableURL = try Self.tool
        process.arguments = arguments
        process.environment = environment.merging(
            ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? ""]) { own, _ in own }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: files[0])
        process.standardError = try FileHandle(forWritingTo: files[1])
        let (statuses, continuation) = AsyncStream<Int32>.makeStream()
        process.terminationHandler = { continuation.yield($0.terminationStatus) }
        try process.run()
        self.process = process.processIdentifier
        end = Task {
            defer { try? FileManager.default.removeItem(at: folder) }
            let status = try #require(await statuses.first { _ in true })
            let texts = try files.map { try String(contentsOf: $0, encoding: .utf8) }
            return Result(status: status, output: texts[0], errors: texts[1])
        }
    }

    /// Sends it a signal.
    func signal(_ number: Int32) { _ = kill(process, number) }

    /// What it printed, when it has ended.
    var result: Result { get async throws { try await end.value } }

    /// Runs the tool to its end.
    static func result(_ arguments: String..., environment: [String: String] = [:]) async throws -> Result {
        try await ToolRun(arguments, environment: environment).result
    }

    /// The tool lies beside the tests.
    private static var tool: URL {
        get throws {
            let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }
            let tests = bundle?.bundleURL ?? Bundle.main.executableURL
            return try #require(tests).deletingLastPathComponent().appending(path: "cachesctl")
        }
    }
}
