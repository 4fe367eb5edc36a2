/// For each key, from when on which version is the oldest that may be read.
struct Floors {
    /// A step of one key's floor: in order of time, and of version.
    private struct Step {
        let time: Int64
        let version: Int
    }

    private var steps: [Int: [Step]] = [:]

    /// The floors that one rule sets for a reader.
    init(_ rule: ConsistencyRule, for reader: History, among histories: [History]) {
        switch rule {
        case .none: break
        case .acknowledged:
            for history in histories {
                for call in history.calls { addAcknowledged(call) }
            }
        case .sawOutage:
            var seen: [Int: [Range<Int64>]] = [:]
            for writer in histories {
                var written: [Int: [Range<Int64>]] = [:]
                for call in writer.calls where call.operation == .write {
                    let outages = Self.outages(of: call.node, in: writer, &written)
                    guard outages.contains(where: { $0.contains(call.begin) && $0.contains(call.end) })
                    else { continue }
                    let both = Self.outages(of: call.node, in: reader, &seen)
                    guard let outage = both.first(where: { $0.contains(call.end) }) else { continue }
                    addAcknowledged(call, from: outage.upperBound)
                }
            }
        }
        for (key, unordered) in steps {
            var highest = Int.min
            steps[key] = unordered.sorted { ($0.time, $0.version) < ($1.time, $1.version) }.compactMap {
                step in
                guard step.version > highest else { return nil }
                highest = step.version
                return step
            }
        }
    }

    /// The oldest version of a key that may be read by a read that begins at a time.
    func floor(of key: Int, at time: Int64) -> Int? {
        guard let steps = steps[key] else { return nil }
        // How many steps are before the time.
        var (low, high) = (0, steps.count)
        while low < high {
            let middle = (low + high) / 2
            if steps[middle].time < time { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : steps[low - 1].version
    }

    private mutating func addAcknowledged(_ call: Call, from time: Int64? = nil) {
        guard call.operation == .write, case .done = call.outcome, let version = call.version else { return }
        steps[call.key, default: []].append(Step(time: time ?? call.end, version: version))
    }

    private static func outages(
        of node: Int, in history: History, _ known: inout [Int: [Range<Int64>]]
    ) -> [Range<Int64>] {
        if let outages = known[node] { return outages }
        let outages = history.outages(of: node)
        known[node] = outages
        return outages
    }
}
