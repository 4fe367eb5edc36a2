import ArgumentParser
import Foundation

/// Proves that the checker works: its rules catch clients with a known fault, and pass sound ones in the same
/// order of events.
struct MutationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mutations",
        abstract: "Breaks the clients on purpose, and shows which rule of the checker finds each fault.",
        discussion: "Exit code 0: each mutation was caught by its rule, and sound clients were not.")

    @Option(
        help:
            "The mutation to try: \(Mutation.allCases.map(\.rawValue).joined(separator: ", ")). Default: all."
    )
    var mutation: Mutation?

    @Option(help: "How many to try at a time.")
    var atOnce = 4

    @Option(help: ArgumentHelp("The folder to write to.", valueName: "folder"))
    var output = "chaos"

    func run() async throws {
        let folder = URL(fileURLWithPath: output).appending(path: "mutations")
        var waiting = (mutation.map { [$0] } ?? Mutation.allCases).flatMap { mutation in
            [Trial(mutation: mutation, isMutated: true), Trial(mutation: mutation, isMutated: false)]
        }
        let areRight = try await withThrowingTaskGroup(of: Bool.self) { group in
            func begin() {
                guard !waiting.isEmpty else { return }
                let trial = waiting.removeFirst()
                group.addTask { try await Self.carryOut(trial, in: folder) }
            }
            for _ in 0..<max(1, atOnce) { begin() }
            var areRight = true
            while let isRight = try await group.next() {
                areRight = areRight && isRight
                begin()
            }
            return areRight
        }
        guard areRight else { throw ExitCode.failure }
    }

    private static func carryOut(_ trial: Trial, in folder: URL) async throws -> Bool {
        let outcome = try await trial.outcome(in: folder)
        var lines: [String] = []
        switch outcome {
        case .stuck(let step): lines.append("\(trial): could not be brought about: \(step)")
        case .violations(let violations):
            let names = Report.listed(violations.map(\.name))
            let verdict =
                switch (trial.isMutated, trial.isRight(outcome)) {
                case (true, true): "caught by \(names)"
                case (true, false): "NOT CAUGHT by \(trial.mutation.violation): \(names)"
                case (false, true): "no violation"
                case (false, false): "WRONG: \(names)"
                }
            lines.append("\(trial): \(verdict)")
            if !trial.isRight(outcome) { lines += violations.prefix(5).map { "VIOLATION \($0)" } }
        }
        // Not by `print`, which buffers the output to a pipe.
        try FileHandle.standardOutput.write(contentsOf: Data((lines.joined(separator: "\n") + "\n").utf8))
        return trial.isRight(outcome)
    }
}
