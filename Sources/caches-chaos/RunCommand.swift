import ArgumentParser
import CachesTesting
import Foundation

/// A whole run: fleet, clients, faults, check, report.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Breaks a fleet for a while and checks what its clients saw (the default).",
        discussion: """
            Exit code 0: the checker found no violation. The same seed makes the same load and the same faults.
            """)

    @OptionGroup var calls: CallOptions
    @OptionGroup var load: LoadOptions

    @Option(help: "How many minutes the run takes.")
    var minutes = 2.0

    @Option(help: "How many servers.")
    var nodes = 5

    @Option(help: ArgumentHelp("The folder to write to.", valueName: "folder"))
    var output = "chaos"

    /// A shorter run has no time for faults between the quiet ends.
    private static let leastMinutes = 0.5

    func validate() throws {
        guard minutes >= Self.leastMinutes, nodes >= 2, load.clients >= 1, load.tasks >= 1, load.keys >= 1
        else {
            throw ValidationError(
                "A run takes at least \(Self.leastMinutes) minutes, 2 nodes, and one client, task and key.")
        }
    }

    func run() async throws {
        let folder = URL(fileURLWithPath: output)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let duration = Int64(minutes * 60_000_000)
        let schedule = Schedule(
            seed: load.seed, microseconds: duration, servers: nodes, clients: load.clients)
        let settings = ClientSettings(calls: calls, load: load, folder: folder)
        let report = try await withLocalFleet(nodes: nodes, options: FaultInjector.server) { fleet in
            let garden = try await Garden(fleet)
            let battlefield = try FaultInjector(fleet, garden: garden, settings: settings)
            defer { battlefield.stop() }
            do {
                return try await self.report(of: schedule, on: battlefield)
            } catch {
                await battlefield.crew.endAll()
                throw error
            }
        }
        let text = report.text
        try Data(text.utf8).write(to: folder.appending(path: "report.txt"))
        let violations = report.violations.map { "\($0)\n" }.joined()
        try Data(violations.utf8).write(to: folder.appending(path: "violations.txt"))
        try Data(Timeline(report).svg.utf8).write(to: folder.appending(path: "timeline.svg"))
        print(text, terminator: "")
        guard report.violations.isEmpty else { throw ExitCode.failure }
    }

    /// Carries out a schedule, and checks the histories.
    private func report(of schedule: Schedule, on battlefield: FaultInjector) async throws -> Report {
        let duration = Int64(minutes * 60_000_000)
        let begin = MachineClock.now
        print("chaos: seed \(load.seed), \(schedule.faults.count) faults in \(minutes) min")
        let pulse = Pulse(of: battlefield.fleet)
        let watches = [Task { await battlefield.garden.watch() }, Task { await pulse.watch() }]
        let faults = try await battlefield.carryOut(schedule, from: begin)
        let quiet = MachineClock.now
        try await MachineClock.sleep(until: begin + duration)
        let histories = try await battlefield.crew.histories()
        for watch in watches {
            watch.cancel()
            await watch.value
        }
        for server in 0..<nodes { await battlefield.garden.look(at: server) }
        let checker = Checker(
            deadline: Int64(calls.deadline) * 1000, rule: calls.policy.rule, faults: faults, begin: begin,
            quiet: quiet)
        var bystanders = battlefield.garden.bystanders
        bystanders.silences = pulse.found
        return Report(
            checker: checker, histories: histories, bystanders: bystanders, nodes: nodes,
            duration: duration, options: calls, load: load)
    }
}

extension Policy {
    /// The rule for reads with this policy.
    var rule: ConsistencyRule {
        switch self {
        case .gutter: .sawOutage
        case .fail: .acknowledged
        case .miss: .none
        }
    }
}
