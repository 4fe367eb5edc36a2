import Foundation

/// A command of the system, run to its end.
struct Program {
    let status: Int32
    let output: String

    /// Runs a program found on the path; `output` is all that it writes.
    static func run(_ words: String...) async throws -> Program { try await run(words) }

    static func run(_ words: [String]) async throws -> Program {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = words
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        return try await withCheckedThrowingContinuation { continuation in
            DispatchQueue(label: "program").async {
                let output = (try? pipe.fileHandleForReading.readToEnd()) ?? Data()
                process.waitUntilExit()
                continuation.resume(
                    returning: Program(
                        status: process.terminationStatus, output: String(decoding: output, as: UTF8.self)))
            }
        }
    }
}

/// Whether a condition holds, now or within a minute.
func eventually(_ condition: () -> Bool) async throws -> Bool {
    let end = ContinuousClock.now + .seconds(300)
    while !condition() {
        guard .now < end else { return false }
        try await Task.sleep(for: .milliseconds(5))
    }
    return true
}

/// Whether there is such a process, if only as a zombie.
func exists(_ process: Int32) -> Bool { kill(process, 0) == 0 }

func fileExists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
