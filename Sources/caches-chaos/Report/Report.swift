/// The outcome of a run.
struct Report {
    let checker: Checker
    let histories: [History]
    let bystanders: Bystanders
    let nodes: Int
    let duration: Int64
    let options: CallOptions
    let load: LoadOptions
    let violations: [Violation]

    /// How many violations of a name are printed in full.
    private static let shown = 8

    init(
        checker: Checker, histories: [History], bystanders: Bystanders, nodes: Int, duration: Int64,
        options: CallOptions, load: LoadOptions
    ) {
        self.checker = checker
        self.histories = histories
        self.bystanders = bystanders
        self.nodes = nodes
        self.duration = duration
        self.options = options
        self.load = load
        violations = checker.violations(in: histories, bystanders: bystanders)
    }

    /// The report, for people; its last line for programs as well.
    var text: String {
        var lines = [run, work, innocents, outages, resources]
        var counts: [String: Int] = [:]
        for violation in violations {
            counts[violation.name, default: 0] += 1
            if counts[violation.name, default: 0] <= Self.shown { lines.append("VIOLATION \(violation)") }
        }
        lines.append("violations: \(Self.listed(violations.map(\.name)))")
        lines.append(
            "chaos: \(calls.count) calls, \(checker.faults.count) faults, \(violations.count) violations")
        return lines.joined(separator: "\n") + "\n"
    }

    private var calls: [Call] { histories.flatMap(\.calls) }

    private var run: String {
        """
        seed \(load.seed), \(duration / 1_000_000) s, \(nodes) nodes, \(load.clients) processes of \(load.tasks) \
        tasks, deadline \(options.deadline) ms, policy \(options.policy.rawValue)\
        \(options.mutation.map { ", mutation \($0.rawValue)" } ?? "")
        faults: \(Self.listed(checker.faults.map(\.kind.name)))
        """
    }

    private var work: String {
        let calls = calls
        let slowest = calls.map { $0.end - $0.begin }.max() ?? 0
        let stalls = histories.flatMap(\.stalls).map { $0.upperBound - $0.lowerBound }
        return """
            calls: \(Self.listed(calls.map(\.operation.rawValue)))
            failed: \(Self.listed(calls.compactMap(\.failure)))
            the slowest call took \(slowest / 1000) ms; no process was kept from running for longer than \
            \((stalls.max() ?? 0) / 1000) ms
            """
    }

    private var innocents: String {
        let emptied = checker.faults.count { $0.kind.empties }
        let planted = Set(bystanders.plantings.map { "\($0.server) \($0.key)" }).count
        return """
            bystanders: \(planted) keys, looked at \(bystanders.sightings.count) times; \
            servers were emptied \(emptied) times
            no fault, and yet no answer to bystanders: \(silences)
            """
    }

    /// How long each server was silent without a fault.
    private var silences: String {
        let silences = Starvation(of: [], bystanders, faults: checker.faults).ofServers.filter {
            $0.value > 0
        }
        let listed = silences.sorted { $0.key < $1.key }.map { "node \($0.key) \($0.value / 1000) ms" }
        return listed.isEmpty ? "never" : listed.joined(separator: ", ")
    }

    private var outages: String {
        let seen = (0..<nodes).map { node in
            let counts = (0..<load.clients).map { client in
                "\(histories.filter { $0.client == client }.map { $0.outages(of: node).count }.reduce(0, +))"
            }
            return "node \(node): " + counts.joined(separator: "+")
        }
        return "outages seen by the clients: " + seen.joined(separator: ", ")
    }

    private var resources: String {
        let held = histories.map { history in
            history.resources.last.map { "\($0.descriptors) descriptors, \($0.kibibytes) KiB" } ?? "unknown"
        }
        return "held at the end: " + held.joined(separator: "; ")
    }

    /// How often each name occurs, the most frequent first.
    static func listed(_ names: [String]) -> String {
        let counts = Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +)
        let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return sorted.isEmpty ? "none" : sorted.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }
}
