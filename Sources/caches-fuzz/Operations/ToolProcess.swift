import Foundation

/// A run of the tool, as a shell would start it.
enum ToolProcess {
    /// The longest that a run may take. It asks servers page by page, and each page has its deadline.
    private static let longest = Duration.seconds(20)

    /// The exit codes of the tool.
    private static let codes: Set<Int32> = [0, 1, 64]

    /// Runs the tool to its end.
    ///
    /// - Throws: ``ToolFault`` if a signal ended the tool, if it did not end, or if it gave an exit code
    ///   other than ``codes``.
    static func run(_ words: [String], dsns: [String], judge: Judge, printsValues: Bool) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "caches-fuzz-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        // Files, as a pipe that is not emptied in time would block the tool.
        let files = ["output", "errors"].map { folder.appending(path: $0) }
        for file in files { _ = FileManager.default.createFile(atPath: file.path, contents: nil) }

        let process = Process()
        process.executableURL = FuzzProgram.folder.appending(path: "cachesctl")
        process.arguments = words
        var environment = ["CACHES_POOL": "deadline=400ms", "SWIFT_BACKTRACE": "enable=no"]
        for (index, dsn) in dsns.enumerated() { environment["CACHES_DSN_\(index + 1)"] = dsn }
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        // A handle closes its file when it is released, but a process that has ended may keep it.
        let handles = try files.map { try FileHandle(forWritingTo: $0) }
        defer { for handle in handles { try? handle.close() } }
        (process.standardOutput, process.standardError) = (handles[0], handles[1])
        let (ends, continuation) = AsyncStream<Void>.makeStream()
        process.terminationHandler = { _ in continuation.yield() }
        try process.run()
        let number = process.processIdentifier
        let guardian = Task {
            try await Task.sleep(for: longest)
            kill(number, SIGKILL)
        }
        _ = await ends.first { _ in true }
        guardian.cancel()

        let errors = String(decoding: try Data(contentsOf: files[1]), as: UTF8.self)
        let output = String(decoding: try Data(contentsOf: files[0]), as: UTF8.self)
        judge.read(lines: errors)
        if !printsValues { judge.read(lines: output) }
        let name = "cachesctl " + words.joined(separator: " ")
        if process.terminationReason == .uncaughtSignal {
            let signal = process.terminationStatus
            throw ToolFault(
                kind: signal == SIGKILL ? .hang : .crash,
                text: "\(name) was ended by signal \(signal). \(errors.suffix(600))")
        }
        guard codes.contains(process.terminationStatus) else {
            throw ToolFault(
                kind: .stranger,
                text: "\(name) ended with code \(process.terminationStatus). \(errors.suffix(600))")
        }
    }
}

/// The path of this program, and the folder that it shares with the tool.
enum FuzzProgram {
    static let url = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    static var folder: URL { url.deletingLastPathComponent() }
}
