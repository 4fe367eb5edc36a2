/// The history of one client process, prepared for the rules.
struct ClientView {
    /// A write that was acknowledged while the key's owner was out for the writer.
    struct StandInWrite {
        var call: Call
        /// The outage, as the writer saw it.
        var outage: Range<Int64>
    }

    /// The client's position.
    let client: Int

    let history: History

    /// The times without CPU that no fault caused.
    let starvation: [ClosedRange<Int64>]

    /// The outages that the client saw, by node.
    let outages: [Int: [Range<Int64>]]

    let standInWrites: [StandInWrite]

    /// The time of the process' last record.
    let lastTime: Int64

    private let lastLooks: [Int: [Range<Int64>: Int64]]

    init(_ history: History, position: Int, faults: [Fault]) {
        let client = history.client ?? position
        self.client = client
        self.history = history
        let stops = faults.filter { $0.kind == .stopClient && $0.client == client }
        starvation = history.stalls.filter { stall in
            !stops.contains { $0.begin <= stall.upperBound && stall.lowerBound <= $0.end }
        }
        let nodes = Set(history.health.map(\.node))
        let outages = Dictionary(uniqueKeysWithValues: nodes.map { ($0, history.outages(of: $0)) })
        self.outages = outages
        standInWrites = history.calls.compactMap { call in
            guard call.operation == .write, case .done = call.outcome else { return nil }
            let outage = outages[call.node]?.first { $0.contains(call.begin) && $0.contains(call.end) }
            return outage.map { StandInWrite(call: call, outage: $0) }
        }
        lastTime = history.lastTime ?? 0
        lastLooks = Self.lastLooks(of: history, outages)
    }

    /// Whether a node was out at some time of a range.
    func isOut(_ node: Int, during range: Range<Int64>) -> Bool {
        outages[node]?.contains { $0.overlaps(range) } ?? false
    }

    /// Whether a node was out at a time.
    func isOut(_ node: Int, at time: Int64) -> Bool { isOut(node, during: time..<time + 1) }

    /// Whether the node of a call was out at some time of the call.
    func isOut(during call: Call) -> Bool { isOut(call.node, during: call.begin..<call.end + 1) }

    /// The first moment at which the look that ended a node's outage can have begun: not before the node
    /// answered again, and not longer before the end than a look takes. Without a record of looks it is the
    /// end.
    func lastLook(at node: Int, ending outage: Range<Int64>) -> Int64 {
        lastLooks[node]?[outage] ?? outage.upperBound
    }

    private static func lastLooks(of history: History, _ outages: [Int: [Range<Int64>]])
        -> [Int: [Range<Int64>: Int64]]
    {
        var found: [Int: [Range<Int64>: Int64]] = [:]
        for (node, time) in history.looks {
            guard let outage = outages[node]?.first(where: { $0.contains(time) }), outage.upperBound < .max
            else { continue }
            let end = outage.upperBound
            // Looks are in order of time, so the last one counts.
            found[node, default: [:]][outage] =
                max(time, end - Checker.look - history.stalled(from: time, to: end))
        }
        return found
    }
}
