/// What one client has seen, and what it has to know.
struct ClientView {
    let history: History

    /// What the rule says.
    let floors: Floors

    /// What was acknowledged to anybody.
    let acknowledged: Floors

    private let outages: [Int: [Range<Int64>]]

    init(_ history: History, floors: Floors, acknowledged: Floors) {
        self.history = history
        self.floors = floors
        self.acknowledged = acknowledged
        let nodes = Set(history.health.map(\.node))
        outages = Dictionary(uniqueKeysWithValues: nodes.map { ($0, history.outages(of: $0)) })
    }

    /// Whether the node of a call was out for the client at some time of the call.
    func isOut(during call: Call) -> Bool {
        outages[call.node]?.contains { $0.overlaps(call.begin..<call.end + 1) } ?? false
    }
}
