import Foundation

/// The settings that a run starts its client processes with.
struct ClientSettings: Sendable {
    var calls: CallOptions
    var load: LoadOptions
    /// The folder for the histories.
    var folder: URL
    /// Whether they carry out orders rather than a load.
    var isOrdered = false
}

/// A client process of a run, from its start to its history.
final class ClientProcess {
    let index: Int
    private(set) var wasKilled = false

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private let file: URL

    init(index: Int, generation: Int, dsns: [String], settings: ClientSettings) throws {
        self.index = index
        file = settings.folder.appending(path: "client-\(index)-\(generation).history")
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
        let (calls, load) = (settings.calls, settings.load)
        process.arguments =
            [
                "client", "--index", "\(index)", "--generation", "\(generation)", "--history", file.path,
                "--deadline", "\(calls.deadline)", "--policy", calls.policy.rawValue, "--clients",
                "\(load.clients)", "--tasks", "\(load.tasks)",
                "--keys", "\(load.keys)", "--seed", "\(load.seed)",
                load.oversized ? "--oversized" : "--no-oversized",
            ] + (calls.mutation.map { ["--mutation", $0.rawValue] } ?? [])
            + (settings.isOrdered ? ["--ordered"] : [])
        process.environment = Dictionary(
            uniqueKeysWithValues: dsns.enumerated().map { ("CACHES_DSN_\($0 + 1)", $1) })
        // The pipe ends the client when this process ends, in whatever way.
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    /// Sends an order and returns the answer; nil if the process has ended.
    func carryOut(_ order: ClientOrder) async throws -> OrderedClient.Answer? {
        try input.fileHandleForWriting.write(contentsOf: Data((order.line + "\n").utf8))
        let answers = output.fileHandleForReading
        return await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var line = Data()
                while let byte = try? answers.read(upToCount: 1), !byte.isEmpty, byte != Data("\n".utf8) {
                    line += byte
                }
                continuation.resume(
                    returning: OrderedClient.Answer(rawValue: String(decoding: line, as: UTF8.self)))
            }
        }
    }

    /// Freezes the process, or lets it go on.
    func setStopped(_ isStopped: Bool) {
        guard !wasKilled else { return }
        kill(process.processIdentifier, isStopped ? SIGSTOP : SIGCONT)
    }

    /// Kills the process.
    func endAtOnce() {
        wasKilled = true
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    /// Tells the process to end.
    func end() { try? input.fileHandleForWriting.close() }

    /// Returns when the process has ended. If it doesn't end within half a minute, it is killed: its history
    /// then lacks the last line.
    func hasEnded() async {
        for _ in 0..<3000 where process.isRunning { try? await Task.sleep(for: .milliseconds(10)) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    /// The history that the process wrote.
    func history() throws -> History {
        var history = History(text: try String(contentsOf: file, encoding: .utf8))
        history.client = index
        history.wasKilled = wasKilled
        return history
    }
}
