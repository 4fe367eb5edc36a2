import Foundation
import Synchronization

/// A worker, from its start to its end.
final class WorkerProcess: Sendable {
    enum End: Sendable {
        case finished
        /// A signal that it raised itself ended it.
        case signal(Int32)
        /// It gave up since a call did not end, and has reported that.
        case stuck
        /// It did not end in time.
        case late
        /// It ended with an error.
        case failed(String)
    }

    struct Outcome: Sendable {
        var end: End
        /// The rounds that began.
        var rounds: [Int] = []
        /// The rounds that did not end.
        var unfinished: [Int] = []
        /// The first 20 000 bytes that it wrote to standard error.
        var errors = ""

        /// The place of the crash, as far as the runtime could tell: the backtrace's lines of Swift sources.
        var backtrace: [String] {
            errors.split(separator: "\n").map { $0.drop { $0 == " " } }
                .filter {
                    $0.hasPrefix("Fatal error") || $0.contains(" in ") && $0.contains(".swift")
                        || $0.hasPrefix("***")
                }
                .prefix(16).map { String($0.prefix(300)) }
        }
    }

    private let arguments: [String]

    init(_ arguments: [String]) { self.arguments = arguments }

    /// Runs the worker to its end.
    ///
    /// - Parameters:
    ///   - longest: How long it may take.
    ///   - body: Called for each message. If it returns false, the worker is ended and counts as finished.
    func run(longest: Duration, _ body: @escaping @Sendable (Message) -> Bool) async -> Outcome {
        let errorFile = FileManager.default.temporaryDirectory.appending(
            path: "caches-fuzz-\(UUID().uuidString)")
        _ = FileManager.default.createFile(atPath: errorFile.path, contents: nil)
        defer { try? FileManager.default.removeItem(at: errorFile) }
        let (process, output) = (Process(), Pipe())
        process.executableURL = FuzzProgram.url
        process.arguments = ["worker"] + arguments
        var environment = ProcessInfo.processInfo.environment
        // AddressSanitizer and the runtime's backtracer wait for each other.
        environment["SWIFT_BACKTRACE"] =
            environment["ASAN_OPTIONS"] == nil
            ? "enable=yes,color=no,interactive=no,threads=crashed,limit=24,images=none,registers=none"
            : "enable=no"
        // One arena for all threads: glibc gives each new thread its own arena, and its free memory looks
        // like a leak.
        environment["MALLOC_ARENA_MAX"] = "1"
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        guard let errors = try? FileHandle(forWritingTo: errorFile) else {
            return Outcome(end: .failed("The file \(errorFile.path) can't be created."))
        }
        process.standardError = errors
        defer { try? errors.close() }
        do { try process.run() } catch { return Outcome(end: .failed("\(error)")) }
        let number = process.processIdentifier
        let late = Flag()
        let guardian = Task {
            try await Task.sleep(for: longest)
            late.set()
            kill(number, SIGKILL)
        }
        var outcome = Outcome(end: .finished)
        var (running, wasEnded): (Set<Int>, Bool) = ([], false)
        for await line in Self.lines(of: output.fileHandleForReading, from: process) {
            guard let message = Message(line: line) else { continue }
            switch message {
            case .began(let round):
                outcome.rounds.append(round)
                running.insert(round)
            case .ended(let round, _): running.remove(round)
            case .failed, .finished: break
            }
            if !body(message), !wasEnded {
                wasEnded = true
                kill(number, SIGKILL)
            }
        }
        process.waitUntilExit()
        guardian.cancel()
        outcome.unfinished = running.sorted()
        outcome.errors = String(
            decoding: ((try? Data(contentsOf: errorFile)) ?? Data()).prefix(20_000), as: UTF8.self)
        if wasEnded { return outcome }
        if late.isSet {
            outcome.end = .late
        } else if process.terminationReason == .uncaughtSignal {
            outcome.end = .signal(process.terminationStatus)
        } else if process.terminationStatus == Watch.stuck {
            outcome.end = .stuck
        } else if process.terminationStatus != 0 {
            outcome.end = .failed("code \(process.terminationStatus): \(outcome.errors.suffix(600))")
        }
        return outcome
    }

    /// The output of a process, line by line, until no process can write any more.
    ///
    /// The runtime's backtracer has the pipe as well. If the process ends while the backtracer looks at it,
    /// the backtracer waits for ever, and has to be killed: nothing else is in the process group.
    private static func lines(of handle: FileHandle, from process: Process) -> AsyncStream<String> {
        let number = process.processIdentifier
        return AsyncStream { continuation in
            Thread.detachNewThread {
                var rest = Data()
                var secondsSinceEnd = 0
                while true {
                    var poll = pollfd(fd: handle.fileDescriptor, events: Int16(POLLIN), revents: 0)
                    guard unsafe Foundation.poll(&poll, 1, 1000) != 0 else {
                        if hasEnded(number) { secondsSinceEnd += 1 }
                        if secondsSinceEnd == 5 { kill(-number, SIGKILL) }
                        continue
                    }
                    // The available bytes, as soon as there are some; empty at the end.
                    let data = handle.availableData
                    guard !data.isEmpty else { break }
                    rest += data
                    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                        continuation.yield(String(decoding: rest[..<end], as: UTF8.self))
                        rest = rest[(end + 1)...]
                    }
                }
                continuation.finish()
            }
        }
    }

    /// Whether a child has ended, whether or not it has been waited for.
    private static func hasEnded(_ number: Int32) -> Bool {
        var info = siginfo_t()
        let result = unsafe waitid(P_PID, id_t(number), &info, WEXITED | WNOHANG | WNOWAIT)
        return result != 0 || info.si_signo == SIGCHLD
    }
}

/// A flag that can only be set.
private final class Flag: Sendable {
    private let value = Atomic(false)
    var isSet: Bool { value.load(ordering: .acquiring) }
    func set() { value.store(true, ordering: .releasing) }
}
