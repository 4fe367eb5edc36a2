/// For each key, from when on which version is the oldest that may be read.
struct Floors {
    /// A step of one key's floor.
    private struct Step {
        let time: Int64
        let version: Int
        /// The last moment at which it counts.
        var until = Int64.max
    }

    /// Those that count from a time on, in order of time and of version.
    private var lasting: [Int: [Step]] = [:]

    /// Those that count for a while.
    private var passing: [Int: [Step]] = [:]

    /// No floors.
    init() {}

    /// What was acknowledged to anybody, from that moment on.
    init(acknowledgedTo views: [ClientView]) {
        for call in views.lazy.flatMap(\.history.calls) where call.operation == .write {
            guard let version = call.result else { continue }
            lasting[call.key, default: []].append(Step(time: call.end, version: version))
        }
        arrange()
    }

    /// What was acknowledged during outages that a reader saw, too, from when the node was back for the
    /// reader on, where nothing excuses that the reader could not know.
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
        // How many steps are before the time.
        var (low, high) = (0, steps.count)
        while low < high {
            let middle = (low + high) / 2
            if steps[middle].time < time { low = middle + 1 } else { high = middle }
        }
        let lasting = low == 0 ? nil : steps[low - 1].version
        return [lasting, passing].compactMap(\.self).max()
    }
}
