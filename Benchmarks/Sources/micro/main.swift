// Small costs, one by one.
//
//     micro                          nanoseconds and allocations of each case, and how keys spread
//     micro count                    under callgrind: the allocations, while callgrind counts the
//     instructions
//     micro check  FILE DIRECTORY    compares the count with the thresholds of a file; fails if it is higher
//     micro record FILE DIRECTORY    makes the count the thresholds
//
// DIRECTORY holds callgrind's files and the output of `micro count`, as "allocations": see dev/bench.

import CachesTesting
import Foundation

func measured() async throws -> [Meter.Cost] {
    var meter = Meter()
    try LocalCases.measure(by: &meter)
    try PlacementCases.measure(by: &meter)
    try await withLocalFleet(nodes: 3, options: .init(transport: .unix)) { fleet in
        // A long timeout, so that no node fails over while valgrind slows everything down.
        try await withLocalCluster(replicasPerMaster: 0, nodeTimeout: .seconds(60)) { cluster in
            let cases = try await RoundTripCases(fleet, cluster)
            try await cases.measure(by: &meter)
            await cases.close()
        }
    }
    return meter.costs
}

func counted(in folder: String) throws -> Thresholds {
    let text = String(decoding: try Data(contentsOf: URL(filePath: folder + "/allocations")), as: UTF8.self)
    let allocations = text.split(separator: "\n").map { line in
        let fields = line.split(separator: "\t", maxSplits: 1)
        return (name: String(fields[1]), allocations: Double(fields[0])!)
    }
    return try Thresholds(counted: allocations, callgrindIn: folder)
}

let arguments = Array(CommandLine.arguments.dropFirst())

func run() async throws -> Int32 {
    switch (arguments.first, arguments.count) {
    case (nil, _):
        for cost in try await measured() {
            let nanoseconds = Int(cost.nanoseconds.rounded())
            print("\(nanoseconds) ns\t\(Thresholds.rounded(cost.allocations))\t\(cost.name)")
        }
        let spread = try Spread()
        print("\(spread.peakToAverage)\tpeak to average of 2 M keys on 8 nodes")
        print("\(spread.movedToNinth)\tshare of keys that a ninth node gets")
        print("\(spread.movedWithoutCause)\tkeys of the other seven that move when one of eight dies")
    case ("count", 1):
        for cost in try await measured() { print("\(cost.allocations)\t\(cost.name)") }
    case ("check", 3):
        let faults =
            Thresholds.compare(try counted(in: arguments[2]), with: try Thresholds(contentsOf: arguments[1]))
            + (try Spread().faults)
        for fault in faults { print("error: \(fault)") }
        return faults.isEmpty ? 0 : 1
    case ("record", 3):
        try Data(try counted(in: arguments[2]).text.utf8).write(to: URL(filePath: arguments[1]))
    default:
        print("usage: micro [count | check FILE DIRECTORY | record FILE DIRECTORY]")
        return 64
    }
    return 0
}

// Not an asynchronous main, which would end the first thread, and valgrind with it.
let hasEnded = DispatchSemaphore(value: 0)
Task.detached {
    do {
        exit(try await run())
    } catch {
        print("error: \(error)")
        exit(1)
    }
}
hasEnded.wait()
