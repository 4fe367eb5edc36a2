import CYardsticks
import CachesCluster

/// Look-ups, each compared with a loop in C that does the same.
enum PlacementCases {
    static let key = "user.10000000042"

    static func measure(by meter: inout Meter) throws {
        for count in [8, 64] {
            let identities = (1...count).map { "node\($0)" }
            let placement = try Placement(.rendezvous, identities.map { .init($0) })
            let order = identities.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            let seeds = order.map { yardstick_xxhash64($0, $0.utf8.count) }
            let owner = order[yardstick_owner(key, key.utf8.count, seeds, count)]
            precondition(owner == identities[placement.owner(of: key)], "the two place a key differently")

            meter.measure("placement, \(count) nodes", 10_000) { operations in
                for _ in 0..<operations { _ = placement.owner(of: key) }
            }
            meter.measure("placement, \(count) nodes, in C", 10_000) { operations in
                key.utf8.withContiguousStorageIfAvailable { key in
                    key.withMemoryRebound(to: CChar.self) { key in
                        for _ in 0..<operations {
                            _ = yardstick_owner(key.baseAddress, key.count, seeds, count)
                        }
                    }
                }
            }
        }
    }
}

/// How evenly keys are spread, and which keys move when nodes come and go. The machine has no influence on
/// this.
struct Spread {
    private(set) var peakToAverage = 0.0
    private(set) var movedToNinth = 0.0
    private(set) var movedWithoutCause = 0

    init(keys: Int = 2_000_000) throws {
        func placement(_ nodes: some Sequence<Int>) throws -> Placement {
            try Placement(.rendezvous, nodes.map { .init("node\($0)") })
        }
        let (eight, nine, seven) = (try placement(0..<8), try placement(0..<9), try placement(0..<7))
        var counts = [Int](repeating: 0, count: 8)
        var moved = 0
        for number in 0..<keys {
            let key = "user.\(number)"
            let owner = eight.owner(of: key)
            counts[owner] += 1
            if nine.owner(of: key) != owner { moved += 1 }
            // The eighth node died: keys of other nodes must not move.
            if owner < 7, seven.owner(of: key) != owner { movedWithoutCause += 1 }
        }
        peakToAverage = Double(counts.max()! * 8) / Double(keys)
        movedToNinth = Double(moved) / Double(keys)
    }

    /// The promises of the placement that are not kept.
    var faults: [String] {
        var faults: [String] = []
        if peakToAverage > 1.02 {
            faults.append("peak to average \(peakToAverage) at 8 nodes, more than 1.02")
        }
        if abs(movedToNinth - 1.0 / 9) > 0.005 {
            faults.append("\(movedToNinth) of the keys move to a ninth node")
        }
        if movedWithoutCause > 0 { faults.append("\(movedWithoutCause) keys of nodes that live move") }
        return faults
    }
}
