extension Checker {
    /// Nodes that a client put out without a cause, and nodes that it kept out though no fault was on the way
    /// to them.
    func progress(_ view: ClientView, _ starvation: Starvation) -> [Violation] {
        view.outages.flatMap { node, outages in
            outages.flatMap { outage in
                [undeserved(outage, of: node, view, starvation), tooLong(outage, of: node, view, starvation)]
                    .compactMap(\.self).map {
                        Violation(client: view.client, server: node, call: nil, kind: $0)
                    }
            }
        }
    }

    private func undeserved(
        _ outage: Range<Int64>, of node: Int, _ view: ClientView, _ starvation: Starvation
    ) -> Violation.Kind? {
        let begin = outage.lowerBound
        let isCaused = faults.contains {
            $0.kind.mayEject && $0.isOnWay(from: view.client, to: node) && $0.begin <= begin
                && begin <= $0.end + Self.aftermath
        }
        return isCaused || starvation.explains(node, from: begin - deadline - Self.aftermath, to: begin)
            ? nil : .ejected(at: begin)
    }

    private func tooLong(
        _ outage: Range<Int64>, of node: Int, _ view: ClientView, _ starvation: Starvation
    ) -> Violation.Kind? {
        let end = min(outage.upperBound, view.lastTime)
        let faults = faults.filter {
            $0.kind != .flush && $0.isOnWay(from: view.client, to: node) && $0.begin < end
        }
        let free = max(outage.lowerBound, faults.map(\.end).max() ?? .min)
        guard free < end else { return nil }
        let kept = end - free - view.history.stalled(from: free, to: end)
        let wasStarved = starvation.explains(node, from: free - deadline - Self.aftermath, to: end)
        // A late sign of life costs another wait.
        let most = Self.longestReturn + (wasStarved ? Self.retryCap : 0)
        return kept > most ? .keptOut(for: kept) : nil
    }
}
