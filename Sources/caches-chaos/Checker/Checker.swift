/// Looks for what must not be in the histories of a run's clients.
///
/// A value and no more: histories go in, violations come out. It is tried on histories that are made up, with and
/// without each violation.
struct Checker {
    /// What no call may take longer than.
    var deadline: Int64

    var rule: ConsistencyRule

    /// What was done to the servers, in times of the machine's clock.
    var faults: [Fault]

    /// When the run began, and when its last fault had ended.
    var begin: Int64
    var quiet: Int64

    /// How much later than its deadline a call may end, beside the time in which its process did not get to run.
    static let patience: Int64 = 50_000

    /// How long after a fault its errors may still come: the back-off's cap, the last connection's time to open, and
    /// the signs of life that bring a node back.
    static let aftermath: Int64 = 9_000_000

    /// A process that was kept from running for longer than this, about that time, excuses a call that was late:
    /// the servers are on the same machine.
    static let starvation: Int64 = 100_000

    /// How long a stand-in keeps a value at most.
    static let standInTTL: Int64 = 10_000_000

    /// What a process may hold more at its end than after its first seconds.
    static let spareDescriptors = 2
    static let spareKibibytes = 24 << 10

    /// Everything that is wrong.
    func violations(in histories: [History]) -> [Violation] {
        var violations: [Violation] = []
        // What was acknowledged is the same for every reader.
        let acknowledged = Floors(.acknowledged, for: History([]), among: histories)
        for (client, history) in histories.enumerated() {
            let floors = rule == .acknowledged ? acknowledged : Floors(rule, for: history, among: histories)
            let view = ClientView(history, floors: floors, acknowledged: acknowledged)
            for call in history.calls {
                if let what = wrong(with: call, of: client, view, histories) {
                    violations.append(Violation(client: client, call: call, kind: what))
                }
            }
            violations += leaks(history).map { Violation(client: client, call: nil, kind: $0) }
            switch history.pending {
            case nil: violations.append(Violation(client: client, call: nil, kind: .hang(pending: nil)))
            case 0: break
            case let pending?:
                violations.append(Violation(client: client, call: nil, kind: .hang(pending: pending)))
            }
        }
        return violations
    }

    /// The oldest version that a read may find.
    private func floor(of call: Call, _ view: ClientView) -> Int? {
        guard rule == .sawOutage, view.isOut(during: call) else {
            return view.floors.floor(of: call.key, at: call.begin)
        }
        return view.acknowledged.floor(of: call.key, at: call.begin - Self.standInTTL - deadline)
    }

    private func wrong(
        with call: Call, of client: Int, _ view: ClientView, _ histories: [History]
    ) -> Violation.Kind? {
        let late = call.end - call.begin - deadline
        if late > Self.patience, late - view.history.stalled(from: call.begin, to: call.end) > Self.patience {
            return .late(by: late)
        }
        switch call.outcome {
        case .misdelivered: return .misdelivered
        case .done(let version):
            guard call.operation == .read, let version,
                let floor = floor(of: call, view), version < floor
            else { return nil }
            return .stale(version: version, floor: floor)
        case .failed(let code, let node):
            return isExplained(code, node, call, client, histories)
                ? nil : .wrongError(code: code, node: node)
        }
    }

    /// Whether a fault, or a machine that did not get on, explains an error.
    private func isExplained(
        _ code: String, _ node: Int?, _ call: Call, _ client: Int, _ histories: [History]
    ) -> Bool {
        // Where another node stands in, that one's errors come, too.
        guard let node, node == call.node || rule == .sawOutage else { return false }
        let isCaused = faults.contains { fault in
            fault.server == node && (fault.client ?? client) == client && fault.begin <= call.end
                && call.begin <= fault.end + Self.aftermath && fault.kind.codes.contains(code)
        }
        guard !isCaused, code == "timeout" || code == "unreachable" else { return isCaused }
        return histories.contains {
            $0.stalled(from: call.begin - deadline - Self.aftermath, to: call.end) > Self.starvation
        }
    }

    private func leaks(_ history: History) -> [Violation.Kind] {
        let first = history.resources.filter { $0.time < begin + Schedule.quietStart }
        guard let before = first.last, let after = history.resources.last, after.time > quiet else {
            return []
        }
        var leaks: [Violation.Kind] = []
        if after.descriptors > before.descriptors + Self.spareDescriptors {
            leaks.append(.leak(of: "descriptors", before: before.descriptors, after: after.descriptors))
        }
        if after.kibibytes > before.kibibytes + Self.spareKibibytes {
            leaks.append(.leak(of: "KiB of memory", before: before.kibibytes, after: after.kibibytes))
        }
        return leaks
    }
}
