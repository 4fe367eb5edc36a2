import Foundation
import Testing

/// One run of the built tool, as a shell would start it. Of this process's environment it has only PATH and
/// the options of AddressSanitizer.
final class ToolRun: Sendable {
    struct Result: Sendable {
        var status: Int32
        var outputBytes: [UInt8]
        var errors: String

        /// Standard output as text.
        var output: String { String(decoding: outputBytes, as: UTF8.self) }

        /// The lines of standard output.
        var lines: [String] {
            output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
        }
    }

    private let process: Int32
    private let end: Task<Result, any Error>

    /// Starts the tool. Standard input holds `input`, or nothing.
    init(
        _ arguments: [String], environment: [String: String] = [:], input: [UInt8]? = nil
    ) throws {
        // Files, as a pipe that is not emptied in time would block the tool.
        let folder = FileManager.default.temporaryDirectory.appending(path: "cachesctl-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        let files = ["output", "errors"].map { folder.appending(path: $0) }
        for file in files { _ = FileManager.default.createFile(atPath: file.path, contents: nil) }
        let inputFile = folder.appending(path: "input")
        try Data(input ?? []).write(to: inputFile)

        let process = Process()
        process.executableURL = try Self.tool
        process.arguments = arguments
        process.environment = environment.merging(
            ProcessInfo.processInfo.environment.filter { ["PATH", "ASAN_OPTIONS"].contains($0.key) }
        ) { own, _ in own }
        process.standardInput = try FileHandle(forReadingFrom: inputFile)
        process.standardOutput = try FileHandle(forWritingTo: files[0])
        process.standardError = try FileHandle(forWritingTo: files[1])
        let (statuses, continuation) = AsyncStream<Int32>.makeStream()
        process.terminationHandler = { continuation.yield($0.terminationStatus) }
        try process.run()
        self.process = process.processIdentifier
        end = Task {
            defer { try? FileManager.default.removeItem(at: folder) }
            let status = try #require(await statuses.first { _ in true })
            let contents = try files.map { try Data(contentsOf: $0) }
            return Result(
                status: status, outputBytes: Array(contents[0]),
                errors: String(decoding: contents[1], as: UTF8.self))
        }
    }

    /// Sends the tool a signal.
    func signal(_ number: Int32) { _ = kill(process, number) }

    /// The output, when the tool has ended.
    var result: Result { get async throws { try await end.value } }

    /// Runs the tool to its end.
    static func result(_ arguments: String..., environment: [String: String] = [:]) async throws -> Result {
        try await ToolRun(arguments, environment: environment).result
    }

    /// The tool lies beside the tests.
    static var tool: URL {
        get throws {
            let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }
            let tests = bundle?.bundleURL ?? Bundle.main.executableURL
            return try #require(tests).deletingLastPathComponent().appending(path: "cachesctl")
        }
    }
}
