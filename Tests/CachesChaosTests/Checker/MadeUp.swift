@testable import caches_chaos

/// Histories that are made up, of one node at position 0 unless said, and what the checker finds in them.
enum MadeUp {
    static let deadline: Int64 = 500_000

    static func violations(
        _ histories: [History], rule: ConsistencyRule = .acknowledged, faults: [Fault] = [],
        bystanders: Bystanders = Bystanders()
    ) -> [Violation.Kind] {
        Checker(deadline: deadline, rule: rule, faults: faults, begin: 0, quiet: 80_000_000)
            .violations(in: histories, bystanders: bystanders).map(\.kind)
    }

    /// - Parameter out: When nodes are out: node 0.
    static func history(
        _ calls: [Call], stalls: [ClosedRange<Int64>] = [], out: [any RangeExpression<Int64>] = []
    ) -> History {
        var history = History([Record.end(pending: 0)])
        history.calls = calls
        history.stalls = stalls
        for outage in out { history.add(outage) }
        return history
    }

    static func write(_ version: Int, at time: ClosedRange<Int64>, key: Int = 1) -> Call {
        call(.write, .done(version: version), at: time, key: key, version: version)
    }

    static func read(_ version: Int?, at time: ClosedRange<Int64>, key: Int = 1) -> Call {
        call(.read, .done(version: version), at: time, key: key)
    }

    static func misdelivered(at time: ClosedRange<Int64>) -> Call {
        call(.echo, .misdelivered, at: time, key: -1)
    }

    static func failed(
        _ operation: Call.Operation, _ code: String, at time: ClosedRange<Int64>, version: Int? = nil,
        on node: Int? = 0
    ) -> Call {
        call(operation, .failed(code: code, node: node), at: time, key: 1, version: version)
    }

    static func call(
        _ operation: Call.Operation, _ outcome: Call.Outcome, at time: ClosedRange<Int64>, key: Int,
        version: Int? = nil
    ) -> Call {
        Call(
            operation: operation, key: key, node: 0, version: version, begin: time.lowerBound,
            end: time.upperBound, outcome: outcome)
    }

    static func fault(
        _ kind: Fault.Kind, on server: Int? = 0, from begin: Int64, to end: Int64, client: Int? = nil
    ) -> Fault {
        Fault(kind: kind, server: server, client: client, begin: begin, end: end)
    }
}

extension History {
    /// A node is out for a time, which may have no end.
    mutating func add(_ outage: any RangeExpression<Int64>, of node: Int = 0) {
        let range = outage.relative(to: 0..<Int64.max)
        health.append((node, true, range.lowerBound))
        if range.upperBound < Int64.max { health.append((node, false, range.upperBound - 1)) }
    }
}
