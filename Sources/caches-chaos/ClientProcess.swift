import Foundation

/// A client process of a run, from its start to its history.
final class ClientProcess {
    private let process = Process()
    private let input = Pipe()
    private let file: URL

    init(index: Int, dsns: [String], calls: CallOptions, load: LoadOptions, folder: URL) throws {
        file = folder.appending(path: "client-\(index).history")
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
        process.arguments = [
            "client", "--index", "\(index)", "--history", file.path, "--deadline", "\(calls.deadline)",
            "--policy", calls.policy.rawValue, "--journal", calls.journal.rawValue, "--clients",
            "\(load.clients)", "--tasks", "\(load.tasks)",
            "--keys", "\(load.keys)", "--seed", "\(load.seed)",
        ]
        process.environment = Dictionary(
            uniqueKeysWithValues: dsns.enumerated().map { ("CACHES_DSN_\($0 + 1)", $1) })
        // It ends when this process does, however that ends.
        process.standardInput = input
        try process.run()
    }

    /// Tells it to end.
    func end() { try? input.fileHandleForWriting.close() }

    /// Returns when it has ended. One that does not in half a minute is killed: its history lacks its last line.
    func hasEnded() async {
        for _ in 0..<3000 where process.isRunning { try? await Task.sleep(for: .milliseconds(10)) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    /// What it wrote.
    func history() throws -> String { try String(contentsOf: file, encoding: .utf8) }
}
