import ArgumentParser
import CachesTesting
import Foundation

/// A run of a mutation's scenario, with sound clients or with mutated ones.
struct Trial: Sendable {
    let mutation: Mutation

    /// Whether the clients are mutated.
    let isMutated: Bool

    /// How often a scenario is tried if a step failed or the mutation did not show: a busy machine may be too
    /// slow for the orders of events that have to keep two messages apart.
    static let attempts = 3

    enum Outcome: Hashable, Sendable {
        case violations([Violation])
        /// A step failed.
        case stuck(Step)
    }

    /// Whether an outcome is the expected one.
    func isRight(_ outcome: Outcome) -> Bool {
        guard case .violations(let violations) = outcome else { return false }
        return isMutated
            ? violations.contains { $0.name == mutation.violation } : violations.isEmpty
    }

    /// Carries out the trial. Mutated clients that were not caught are tried again; sound ones have one
    /// chance.
    func outcome(in folder: URL) async throws -> Outcome {
        var outcome = try await attempt(in: folder)
        for _ in 1..<Self.attempts where !isRight(outcome) {
            if !isMutated, case .violations = outcome { break }
            outcome = try await attempt(in: folder)
        }
        return outcome
    }

    private func attempt(in folder: URL) async throws -> Outcome {
        let folder = folder.appending(path: "\(mutation.rawValue)-\(isMutated ? "mutated" : "sound")")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let scenario = mutation.scenario
        var settings = ClientSettings(
            calls: try CallOptions.parse(["--deadline", "\(scenario.deadline)"]),
            load: try LoadOptions.parse(["--clients", "\(scenario.clients)"]), folder: folder, isOrdered: true
        )
        if isMutated { settings.calls.mutation = mutation }
        return try await withLocalFleet(nodes: scenario.servers, options: FaultInjector.server) { fleet in
            let battlefield = try FaultInjector(
                fleet, garden: try await Garden(fleet), settings: settings)
            defer { battlefield.stop() }
            do {
                return try await outcome(of: scenario, on: battlefield)
            } catch {
                await battlefield.crew.endAll()
                throw error
            }
        }
    }

    private func outcome(of scenario: Scenario, on battlefield: FaultInjector) async throws -> Outcome {
        let begin = MachineClock.now
        var stage = try Stage(scenario, on: battlefield)
        let stuck = try await stage.run()
        for server in 0..<scenario.servers { await battlefield.garden.look(at: server) }
        try await stage.end()
        let histories = try await battlefield.crew.histories()
        if let stuck { return .stuck(stuck) }
        let checker = Checker(
            deadline: Int64(scenario.deadline) * 1000, rule: .sawOutage, faults: stage.faults, begin: begin,
            quiet: MachineClock.now)
        return .violations(
            checker.violations(in: histories, bystanders: battlefield.garden.bystanders))
    }
}

extension Trial: CustomStringConvertible {
    var description: String { "\(mutation.rawValue), \(isMutated ? "mutated" : "sound")" }
}
