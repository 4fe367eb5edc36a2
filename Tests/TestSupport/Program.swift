import Foundation

/// A command of the system, run to its end.
package struct Program {
    package let status: Int32
    package let output: String

    /// Runs a program found on the path; `output` is all of its output.
    package static func run(_ words: String...) async throws -> Program { try await run(words) }

    package static func run(_ words: [String], in folder: URL? = nil) async throws -> Program {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = words
        process.currentDirectoryURL = folder
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
