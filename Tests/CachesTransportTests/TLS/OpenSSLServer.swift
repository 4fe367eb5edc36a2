import Foundation
import Testing

@testable import CachesTransport

/// `openssl s_server` on a free port of loopback, told what to do over its standard input.
///
/// It ends with this value, and within a second of this process, in whatever way that ends.
final class OpenSSLServer: Sendable {
    /// Starts the server, prints its number, and waits until it or its parent process is gone.
    private static let script = """
        parent=$PPID
        # A program in the background has no input but one that is named otherwise.
        exec 3<&0
        openssl s_server -accept 127.0.0.1:0 "$@" <&3 &
        echo "PROCESS $!"
        while kill -0 "$parent" && kill -0 $!; do sleep 1; done 2>/dev/null
        kill -9 $! 2>/dev/null
        """

    private let input = Pipe()
    private let output: URL

    init(_ options: [String]) throws {
        output = FileManager.default.temporaryDirectory.appending(path: "s_server-\(UUID().uuidString)")
        _ = FileManager.default.createFile(atPath: output.path, contents: nil)
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", Self.script, "s_server"] + options
        process.standardInput = input
        let file = try FileHandle(forWritingTo: output)
        process.standardOutput = file
        process.standardError = file
        try process.run()
    }

    convenience init(_ options: String...) throws { try self.init(options) }

    deinit {
        // Not SIGTERM: the threads of tasks block it, and so do processes that they start. One that lives on
        // keeps its inherited descriptors open, which another test may wait for.
        if let process = text.firstMatch(of: /PROCESS ([0-9]+)/).flatMap({ pid_t($0.output.1) }) {
            kill(process, SIGKILL)
        }
        try? FileManager.default.removeItem(at: output)
    }

    /// The server's address.
    var port: Int {
        get async throws {
            let line = try #require(try await prints(Regex("ACCEPT 127.0.0.1:[0-9]+\n")), "\(text)")
            return try #require(line.dropLast().split(separator: ":").last.flatMap { Int($0) })
        }
    }

    /// The output so far.
    private var text: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }

    func say(_ line: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
    }

    /// Waits until the output matches a pattern.
    func prints(_ pattern: Regex<AnyRegexOutput>) async throws -> String? {
        let limit = Deadline.after(.seconds(60))
        while !limit.hasPassed {
            if let match = text.firstMatch(of: pattern) { return String(text[match.range]) }
            await withCheckedContinuation { continuation in
                EventLoops.forTasks.schedule(after: .milliseconds(1)) { continuation.resume() }
            }
        }
        return nil
    }
}
