import ArgumentParser
import Foundation

/// A whole run: workers, their messages, and the verdict.
struct RepliesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replies",
        abstract: "Answers every operation and every command of the tool with lies.",
        discussion: """
            It plays rounds of up to \(RoundPlan.calls) calls on servers that lie: on one, on two, on a cluster, by a \
            Sentinel. A round follows from the seed and its number alone. A failure is a crash, a call that takes \
            longer than 2.5 s at a deadline of 0.5 s, growing memory or descriptors, a password or a control \
            character in an error, a log or the tool's output, and an error that does not belong to the library.

            Exit code 0: there was no failure.

            EXAMPLES:
              caches-fuzz replies 60
              caches-fuzz replies --calls 1000000 --seed 7
              caches-fuzz replies --seed 7 --only 1234
            """)

    @OptionGroup var options: FuzzOptions

    @Argument(help: "For how many seconds to begin rounds.")
    var seconds: Double?

    @Option(help: "End when so many calls have been made, however long it takes.")
    var calls: Int?

    @Option(
        help: ArgumentHelp("Play this round alone, and show its commands and answers.", valueName: "round"))
    var only: Int?

    @Option(help: "How many processes play rounds.")
    var workers = 2

    func validate() throws {
        guard seconds ?? 1 > 0, calls ?? 1 > 0, only ?? 0 >= 0, (1...256).contains(workers) else {
            throw ValidationError("Seconds, calls and workers are 1 or more, and --only 0 or more.")
        }
    }

    func run() async throws {
        let findings = Findings()
        if let only {
            await replay(only, findings)
        } else {
            let end = ContinuousClock.now + .seconds(calls == nil ? seconds ?? 60 : 100_000)
            await withDiscardingTaskGroup { group in
                for index in 0..<workers {
                    group.addTask { await work(index, until: end, findings) }
                }
            }
            await explainCrashes(findings)
        }
        let unseen = await confirmSuspicions(findings)
        let failures = findings.failures
        for failure in failures {
            print("fuzz: \(failure)")
            if let round = failure.round {
                print("    again: ./dev/fuzz replies --seed \(options.seed) --only \(round)")
            }
        }
        for line in findings.resources where !line.isEmpty { print("fuzz: \(line)") }
        if unseen > 0 {
            print("fuzz: \(unseen) calls were late, but not when their rounds were played again alone")
        }
        if findings.left > 0 { print("fuzz: \(findings.left) more of the same kind and place") }
        print("fuzz: \(findings.calls) calls, \(failures.count) failures, seed \(options.seed)")
        guard failures.isEmpty else { throw ExitCode.failure }
    }

    /// Plays every n-th round of n workers, in one process after the other: a new process replaces one that
    /// has ended.
    private func work(_ index: Int, until end: ContinuousClock.Instant, _ findings: Findings) async {
        var first = index
        while ContinuousClock.now < end, findings.calls < calls ?? .max, !findings.hasCrashedEnough {
            let seconds = (end - .now) / .seconds(1)
            let worker = WorkerProcess(
                options.arguments + [
                    "--first", "\(first)", "--stride", "\(workers)", "--seconds", "\(seconds)",
                ])
            let outcome = await worker.run(longest: .seconds(seconds + 45)) { message in
                findings.take(message)
                return findings.calls < calls ?? .max
            }
            first = max(first, (outcome.rounds.max() ?? first - workers) + workers)
            switch outcome.end {
            case .finished: return
            case .signal(let number): findings.crashed(signal: number, outcome)
            case .stuck: break
            case .late: findings.note(Failure(kind: .hang, operation: "a worker", text: "It did not end."))
            case .failed(let text):
                findings.note(Failure(kind: .stranger, operation: "a worker", text: text))
                return
            }
        }
    }

    /// Plays the rounds that were under way when a process crashed, each alone, and reports the one that
    /// crashes again.
    private func explainCrashes(_ findings: Findings) async {
        for (signal, outcome) in findings.crashes {
            var culprits = 0
            for round in outcome.unfinished where culprits == 0 {
                if await replay(round, findings) { culprits += 1 }
            }
            if culprits == 0 {
                findings.note(
                    Failure(
                        kind: .crash, operation: "one of the rounds \(outcome.unfinished)",
                        text: "Signal \(signal). No round crashes when it is played alone.",
                        exchange: outcome.backtrace))
            }
        }
    }

    /// Plays the rounds that were under way during late calls again, each alone. The calls may have waited
    /// for a core, or for the event loop that was busy with a reply of another round.
    /// - Returns: How many suspicions were not confirmed.
    private func confirmSuspicions(_ findings: Findings) async -> Int {
        var (played, unseen): ([Int: Bool], Int) = ([:], 0)
        for suspicion in findings.suspicions {
            var isSeen = false
            let rounds = [suspicion.round].compactMap(\.self) + suspicion.suspects
            for round in only == nil ? rounds : [] {
                if played[round] == nil, played.count < Self.mostReplays {
                    let again = Findings()
                    await replay(round, again)
                    let late = again.suspicions + again.failures
                    played[round] = !late.isEmpty
                    for var failure in late {
                        failure.suspects = []
                        findings.note(failure)
                    }
                }
                if played[round] == true {
                    isSeen = true
                    break
                }
            }
            if only != nil {
                var certain = suspicion
                certain.suspects = []
                findings.note(certain)
            } else if !isSeen {
                unseen += 1
            }
        }
        return unseen
    }

    /// How many rounds are played again at most.
    private static let mostReplays = 24

    /// Plays one round alone.
    /// - Returns: Whether it crashed.
    @discardableResult
    private func replay(_ round: Int, _ findings: Findings) async -> Bool {
        let trace = FileManager.default.temporaryDirectory.appending(path: "caches-fuzz-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: trace) }
        let worker = WorkerProcess(
            options.arguments + [
                "--first", "\(round)", "--rounds", "1", "--seconds", "60", "--trace", trace.path,
            ])
        let outcome = await worker.run(longest: .seconds(90)) { message in
            findings.take(message)
            return true
        }
        let lines = ((try? String(contentsOf: trace, encoding: .utf8)) ?? "").split(separator: "\n").map(
            String.init)
        if only != nil { for line in lines { print(line) } }
        guard case .signal(let number) = outcome.end else { return false }
        let call = lines.last { $0.hasPrefix("call ") && $0.contains(": [") } ?? "its start"
        findings.note(
            Failure(
                kind: .crash, round: round, operation: call,
                text: "Signal \(number).", exchange: lines.suffix(8) + outcome.backtrace))
        return true
    }
}
