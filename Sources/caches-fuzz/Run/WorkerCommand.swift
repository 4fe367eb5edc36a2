import ArgumentParser
import CachesTesting
import Foundation
import Synchronization

/// One process that plays rounds. A crash ends only this process.
struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker", abstract: "Is one process of a run; the run starts it.", shouldDisplay: false)

    @OptionGroup var options: FuzzOptions

    @Option(help: "The first round.")
    var first = 0

    @Option(help: "The distance from one round to the next.")
    var stride = 1

    @Option(help: "How many rounds.")
    var rounds = Int.max

    @Option(help: "For how many seconds to begin rounds.")
    var seconds = 60.0

    @Option(help: "A file for all commands and answers.")
    var trace: String?

    func run() async throws {
        Plant.present = options.plant
        // A closed peer is to be an error of the call that writes to it.
        signal(SIGPIPE, SIG_IGN)
        let trace = try trace.map { path in
            _ = FileManager.default.createFile(atPath: path, contents: nil)
            return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        }
        let watch = Watch { failure in
            if !options.ignored.contains(failure.kind) { Message.failed(failure).send() }
        }
        watch.start()
        let resources = Resources()
        let watching = Task { await resources.watch() }
        let server = LocalServer.Options(databases: options.atOnce * Stage.databases)
        try await withLocalFleet([server]) { fleet in
            let rounds = Rounds(first: first, stride: stride, count: rounds, until: .now + .seconds(seconds))
            await withTaskGroup(of: Void.self) { group in
                for slot in 0..<options.atOnce {
                    group.addTask {
                        while let number = rounds.next() {
                            await play(number, slot, fleet.servers[0], watch, trace)
                        }
                    }
                }
            }
        }
        watching.cancel()
        if !options.ignored.contains(.growth) {
            for failure in resources.failures { Message.failed(failure).send() }
        }
        Message.finished(resources: resources.summary).send()
    }

    private func play(
        _ number: Int, _ slot: Int, _ server: LocalServer, _ watch: Watch, _ trace: FileHandle?
    ) async {
        Message.began(round: number).send()
        let plan = RoundPlan(seed: options.seed, number: number, without: options.lies)
        let round = Round(plan: plan, ignored: options.ignored, watch: watch, trace: trace) {
            Message.failed($0).send()
        }
        var calls = 0
        do {
            calls = try await round.run(before: server, database: slot * Stage.databases)
        } catch {
            Message.failed(
                Failure(kind: .stranger, round: number, operation: "the round", text: "\(error)")
            ).send()
        }
        Message.ended(round: number, calls: calls).send()
    }
}

/// The numbers of the rounds that are still to be played.
private final class Rounds: Sendable {
    private let rest: Mutex<(number: Int, left: Int)>
    private let stride: Int
    private let end: ContinuousClock.Instant

    init(first: Int, stride: Int, count: Int, until end: ContinuousClock.Instant) {
        rest = Mutex((first, count))
        self.stride = stride
        self.end = end
    }

    /// The next number; nil if there are no more, or the time is over.
    func next() -> Int? {
        guard .now < end else { return nil }
        return rest.withLock { next in
            guard next.left > 0 else { return nil }
            defer { next = (next.number + stride, next.left - 1) }
            return next.number
        }
    }
}
