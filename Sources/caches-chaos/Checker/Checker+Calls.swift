extension Checker {
    /// Calls that ended late, with another's reply or with an error that nothing explains, and what had not
    /// ended.
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
        // Its own fault, whatever becomes of it.
        case .failed where call.operation == .oversized: return nil
        case .failed(let code, let node):
            return isExplained(code, node, call, view, starvation, oversized)
                ? nil : .wrongError(code: code, node: node)
        }
    }

    /// Whether a fault, or a machine that did not get on, explains an error.
    private func isExplained(
        _ code: String, _ node: Int?, _ call: Call, _ view: ClientView, _ starvation: Starvation,
        _ oversized: [Call]
    ) -> Bool {
        // Where another node stands in, that one's errors come, too.
        guard let node, node == call.node || call.node < 0 || rule == .sawOutage else { return false }
        let isCaused = faults.contains { fault in
            fault.isOnWay(from: view.client, to: node) && fault.begin <= call.end
                && call.begin <= fault.end + Self.aftermath && fault.kind.codes.contains(code)
        }
        if isCaused { return true }
        // A server closes the connection on which something too large came, and with it go the calls that
        // wait there.
        if code == "connection lost",
            oversized.contains(where: { $0.begin <= call.end && call.begin <= $0.end + Self.patience })
        {
            return true
        }
        if isInDoubt(call, code, node, view) { return true }
        // Whether it deserved to be out, and for so long, is for other rules.
        if ["timeout", "unreachable", "connection lost"].contains(code),
            view.isOut(node, during: call.begin..<call.end + 1)
        {
            return true
        }
        guard code == "timeout" || code == "unreachable" else { return false }
        return starvation.explains(node, from: call.begin - deadline - Self.aftermath, to: call.end)
    }

    /// Whether a call has no true answer while its key is in doubt, and may have been: for ``Excuses/doubt``
    /// after its node is used again, where others stand in for nodes.
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
