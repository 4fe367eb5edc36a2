/// Everything that one client process saw.
struct History: Sendable {
    /// The client's position; several processes, one after the other, have the same. nil for the history's
    /// own position.
    var client: Int?

    /// Whether the process was killed on purpose. Then its last moments are missing, and it can't have ended
    /// normally.
    var wasKilled = false

    var calls: [Call] = []
    /// Changes of health, in order of time.
    var health: [(node: Int, isOut: Bool, time: Int64)] = []
    /// The times at which the process began to look for the writes of an outage, in order.
    var looks: [(node: Int, time: Int64)] = []
    /// The nodes of each key in its failover order, the owner first.
    var orders: [Int: [Int]] = [:]
    /// Times without CPU, in order and without overlap.
    var stalls: [ClosedRange<Int64>] = []
    var resources: [(time: Int64, descriptors: Int, kibibytes: Int)] = []
    /// How many calls had not ended when the process did; nil if it did not end normally.
    var pending: Int?

    /// Makes a history of records.
    init(_ records: some Sequence<Record>) {
        for record in records { add(record) }
    }

    /// Parses the history in a file's text.
    init(text: some StringProtocol) {
        self.init(text.split(separator: "\n").lazy.compactMap { Record($0) })
    }

    mutating func add(_ record: Record) {
        switch record {
        case .call(let call): calls.append(call)
        case .health(let node, let isOut, let time): health.append((node, isOut, time))
        case .looking(let node, let time): looks.append((node, time))
        case .order(let key, let nodes): orders[key] = nodes
        case .stall(let begin, let end): addStall(begin...max(begin, end))
        case .resources(let time, let descriptors, let kibibytes):
            resources.append((time, descriptors, kibibytes))
        case .end(let pending): self.pending = pending
        }
    }

    /// Several watches report the same time, which counts once.
    private mutating func addStall(_ stall: ClosedRange<Int64>) {
        var stall = stall
        while let last = stalls.last, last.upperBound >= stall.lowerBound {
            stall = min(last.lowerBound, stall.lowerBound)...max(last.upperBound, stall.upperBound)
            stalls.removeLast()
        }
        stalls.append(stall)
    }

    /// How long the process was kept from running between two times.
    func stalled(from begin: Int64, to end: Int64) -> Int64 { stalls.total(from: begin, to: end) }

    /// The times in which a node was out for this process; an outage that had not ended goes up to
    /// `Int64.max`.
    func outages(of node: Int) -> [Range<Int64>] {
        var outages: [Range<Int64>] = []
        var begin: Int64?
        for change in health where change.node == node {
            if change.isOut {
                begin = begin ?? change.time
            } else if let start = begin {
                outages.append(start..<max(start, change.time))
                begin = nil
            }
        }
        if let begin { outages.append(begin..<Int64.max) }
        return outages
    }

    /// The time of the last record; nil without records.
    var lastTime: Int64? {
        [calls.map(\.end).max(), health.last?.time, resources.last?.time, stalls.last?.upperBound]
            .compactMap(\.self).max()
    }
}

extension [ClosedRange<Int64>] {
    /// How much of the time between two moments these ranges cover. They have to be in order.
    func total(from begin: Int64, to end: Int64) -> Int64 {
        guard begin < end else { return 0 }
        // Finds the first range that ends after `begin`.
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle].upperBound <= begin { low = middle + 1 } else { high = middle }
        }
        var sum: Int64 = 0
        for range in self[low...] {
            guard range.lowerBound < end else { break }
            sum += Swift.min(range.upperBound, end) - Swift.max(range.lowerBound, begin)
        }
        return sum
    }
}
