extension Checker {
    /// Calls that ended late, with the reply of another call or with an error that nothing explains, and
    /// calls that had not ended.
    func wrongEnds(_ view: ClientView, _ starvation: Starvation) -> [Violation] {
        let oversized = view.history.calls.filter { $0.operation == .oversized }
        var violations = view.history.calls.compactMap { call in
            wrong(with: call, view, starvation, oversized).map {
                Violation(client: view.client, call: call, kind: $0)
            }
        }
        violations += leaks(view.history).map { Violation(client: view.client, call: nil, kind: $0) }
        let pending = view.history.pending
        if pending != 0, !(pending == nil && view.history.wasKilled) {
            violations.append(Violation(client: view.client, call: nil, kind: .hang(pending: pending)))
        }
        return violations
    }

    private func wrong(
        with call: Call, _ view: ClientView, _ starvation: Starvation, _ oversized: [Call]
    ) -> Violation.Kind? {
        let most = call.operation == .bulk ? Self.bulkDeadlines * deadline : deadline
        let late = call.end - call.begin - most
        if late > Self.patience, late - view.history.stalled(from: call.begin, to: call.end) > Self.patience {
            return .late(by: late)
        }
        switch call.outcome {
        case .misdelivered: return .misdelivered
        case .done: return nil
        // The error is the call's own fault.
        case .failed where call.operation == .oversized: return nil
        case .failed(let code, let node):
            return isExplained(code, node, call, view, starvation, oversized)
                ? nil : .wrongError(code: code, node: node)
        }
    }

    /// Whether a fault, or a machine that was too busy, explains an error.
    private func isExplained(
        _ code: String, _ node: Int?, _ call: Call, _ view: ClientView, _ starvation: Starvation,
        _ oversized: [Call]
    ) -> Bool {
        // If another node stands in, its errors come as well.
        guard let node, node == call.node || call.node < 0 || rule == .sawOutage else { return false }
        let isCaused = faults.contains { fault in
            fault.isOnWay(from: view.client, to: node) && fault.begin <= call.end
                && call.begin <= fault.end + Self.aftermath && fault.kind.codes.contains(code)
        }
        if isCaused { return true }
        // A server closes a connection that sent something too large. The other calls on it fail with it.
        if code == "connection lost",
            oversized.contains(where: { $0.begin <= call.end && call.begin <= $0.end + Self.patience })
        {
            return true
        }
        if isInDoubt(call, code, node, view) { return true }
        // Other rules judge whether the node should have been out, and for so long.
        if ["timeout", "unreachable", "connection lost"].contains(code),
            view.isOut(node, during: call.begin..<call.end + 1)
        {
            return true
        }
        guard code == "timeout" || code == "unreachable" else { return false }
        return starvation.explains(node, from: call.begin - deadline - Self.aftermath, to: call.end)
    }

    /// Whether the call has no true answer while its key is in doubt, and the key may have been in doubt: for
    /// ``Excuses/doubt`` after its node is used again, if other nodes stand in.
    private func isInDoubt(_ call: Call, _ code: String, _ node: Int, _ view: ClientView) -> Bool {
        guard rule != .acknowledged, call.operation == .count || call.operation == .claim,
            code == "unreachable", node == call.node, let outages = view.outages[node]
        else { return false }
        return outages.contains {
            $0.upperBound <= call.end && call.begin - $0.upperBound <= Excuses.doubt
        }
    }

    private func leaks(_ history: History) -> [Violation.Kind] {
        let start = max(begin, history.resources.first?.time ?? begin)
        let first = history.resources.filter { $0.time < start + Schedule.quietStart }
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
