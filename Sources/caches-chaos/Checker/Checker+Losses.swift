extension Checker {
    /// Bystanders' keys that are gone or have changed, on servers that nobody has emptied.
    func losses(of bystanders: Bystanders) -> [Violation] {
        let plantings = Dictionary(grouping: bystanders.plantings) { Place(server: $0.server, key: $0.key) }
        var violations: [Violation] = []
        // A key that is gone stays gone: that is one loss.
        var told: Set<Bystanders.Planting> = []
        for sighting in bystanders.sightings {
            let place = Place(server: sighting.server, key: sighting.key)
            guard let planting = plantings[place]?.last(where: { $0.end <= sighting.begin }),
                sighting.value != planting.value,
                !isEmptied(sighting.server, from: planting.begin, to: sighting.end),
                told.insert(planting).inserted
            else { continue }
            violations.append(
                Violation(
                    client: nil, server: sighting.server, call: nil,
                    kind: sighting.value == nil
                        ? .lost(key: sighting.key, by: sighting.end)
                        : .changed(key: sighting.key, by: sighting.end)))
        }
        let counts = Dictionary(grouping: bystanders.counts, by: \.server)
        for (server, counts) in counts {
            for (count, floor) in shrunk(counts.map { ($0.value, $0.begin, $0.end) }, on: server) {
                violations.append(
                    Violation(
                        client: nil, server: server, call: nil,
                        kind: .shrunk(to: counts[count].value, from: floor)))
            }
        }
        return violations
    }

    /// Counters that began again for the clients, and claims that succeeded though they had been made before.
    func losses(_ views: [ClientView], _ bystanders: Bystanders) -> [Violation] {
        let counts = views.lazy.flatMap { view in
            view.history.calls.lazy.filter { $0.operation == .count && $0.result != nil }.map {
                (view.client, $0)
            }
        }
        var violations: [Violation] = []
        for counts in Dictionary(grouping: counts, by: \.1.key).values {
            let node = counts[0].1.node
            for (index, floor) in shrunk(counts.map { ($1.result ?? 0, $1.begin, $1.end) }, on: node) {
                let (client, call) = counts[index]
                violations.append(
                    Violation(client: client, call: call, kind: .shrunk(to: call.result ?? 0, from: floor)))
            }
        }
        let plantings = Dictionary(grouping: bystanders.plantings, by: \.key)
        for view in views {
            for call in view.history.calls where call.operation == .claim && call.result == 1 {
                guard bystanders.claims.indices.contains(call.key) else { continue }
                let claim = bystanders.claims[call.key]
                guard let planting = plantings[claim.key]?.last(where: { $0.end <= call.begin }),
                    !isEmptied(claim.server, from: planting.begin, to: call.end)
                else { continue }
                violations.append(Violation(client: view.client, call: call, kind: .claimedTwice))
            }
        }
        return violations
    }

    private struct Place: Hashable {
        var server: Int
        var key: String
    }

    private func isEmptied(_ server: Int, from begin: Int64, to end: Int64) -> Bool {
        faults.contains { $0.kind.empties && $0.server == server && $0.begin <= end && begin <= $0.end }
    }

    /// A counter's values that are not higher than one that was acknowledged before they were asked for,
    /// though the server was not emptied: each by position, with the highest acknowledged value.
    private func shrunk(
        _ counts: [(value: Int, begin: Int64, end: Int64)], on server: Int
    ) -> [(Int, floor: Int)] {
        let emptyings = faults.filter { $0.kind.empties && $0.server == server }
        let byBegin = counts.indices.sorted { counts[$0].begin < counts[$1].begin }
        let byEnd = counts.indices.sorted { counts[$0].end < counts[$1].end }
        var found: [(Int, floor: Int)] = []
        // The highest value that was acknowledged since the server was emptied, among the first `known`
        // counts by end.
        var (known, emptied, highest) = (0, Int64.min, Int.min)
        for index in byBegin {
            let count = counts[index]
            let last = emptyings.lazy.filter { $0.begin <= count.end }.map(\.end).max() ?? .min
            if last > emptied {
                (emptied, highest) = (last, .min)
                for earlier in byEnd[..<known] where counts[earlier].begin > emptied {
                    highest = max(highest, counts[earlier].value)
                }
            }
            while known < byEnd.count, counts[byEnd[known]].end < count.begin {
                if counts[byEnd[known]].begin > emptied { highest = max(highest, counts[byEnd[known]].value) }
                known += 1
            }
            if count.value <= highest { found.append((index, highest)) }
        }
        return found
    }
}
