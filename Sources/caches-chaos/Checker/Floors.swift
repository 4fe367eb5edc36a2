/// The oldest version of each key that may be read, by time.
struct Floors {
    /// A step of one key's floor.
    private struct Step {
        let time: Int64
        let version: Int
        /// The last moment at which the step counts.
        var until = Int64.max
    }

    /// The steps that count from a time on, in order of time and of version.
    private var lasting: [Int: [Step]] = [:]

    /// The steps that count for a while.
    private var passing: [Int: [Step]] = [:]

    init() {}

    /// The writes that were acknowledged to any client, from that moment on.
    init(acknowledgedTo views: [ClientView]) {
        for call in views.lazy.flatMap(\.history.calls) where call.operation == .write {
            guard let version = call.result else { continue }
            lasting[call.key, default: []].append(Step(time: call.end, version: version))
        }
        arrange()
    }

    /// The writes that were acknowledged during outages that the reader saw as well, from the moment when the
    /// node was back for the reader, unless something excuses that the reader could not know.
    init(for reader: ClientView, among writers: [ClientView], _ excuses: Excuses) {
        for writer in writers {
            for write in writer.standInWrites {
                let call = write.call
                guard let version = call.result,
                    let outage = reader.outages[call.node]?.first(where: { $0.contains(call.end) })
                else { continue }
                for range in excuses.floors(of: write, by: writer, for: reader, after: outage) {
                    let step = Step(time: range.lowerBound, version: version, until: range.upperBound)
                    if step.until == .max {
                        lasting[call.key, default: []].append(step)
                    } else {
                        passing[call.key, default: []].append(step)
                    }
                }
            }
        }
        arrange()
    }

    private mutating func arrange() {
        for (key, unordered) in lasting {
            var highest = Int.min
            lasting[key] = unordered.sorted { ($0.time, $0.version) < ($1.time, $1.version) }.compactMap {
                step in
                guard step.version > highest else { return nil }
                highest = step.version
                return step
            }
        }
    }

    /// The oldest version of a key that may be read by a read that begins at a time.
    func floor(of key: Int, at time: Int64) -> Int? {
        let passing = passing[key]?.filter { $0.time < time && time <= $0.until }.map(\.version).max()
        guard let steps = lasting[key] else { return passing }
        // Finds how many steps are before the time.
        var (low, high) = (0, steps.count)
        while low < high {
            let middle = (low + high) / 2
            if steps[middle].time < time { low = middle + 1 } else { high = middle }
        }
        let lasting = low == 0 ? nil : steps[low - 1].version
        return [lasting, passing].compactMap(\.self).max()
    }
}
