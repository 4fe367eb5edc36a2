import CYardsticks
import Foundation

/// The most that each case may cost: a file of lines `instructions<tab>allocations<tab>case`.
struct Thresholds {
    struct Cost {
        var instructions: Double
        var allocations: Double
    }

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// How much more than its threshold a case may cost.
    ///
    /// The cost of an operation that waits for nothing is the same in every run, to a per mille, but not on
    /// every processor: the C library has its own routines for each. Operations that wait vary in cost, since
    /// different numbers of commands travel together.
    ///
    /// A single task varies most. If the server takes the command from its unix socket before the client
    /// waits, that is a separate event, a turn of the loop with a thousand instructions. Under valgrind an
    /// operation takes so long that the loop's ticks count. On the default executor it also matters whether
    /// its threads are still awake: otherwise an operation costs half as much again, and an allocation or
    /// two.
    private static func tolerance(of name: String) -> (instructions: Double, allocations: Double) {
        let waits = ["connection", "Cache.get", "pipeline", "getMany"].contains { name.hasPrefix($0) }
        guard waits else { return (1.08, 0.05) }
        let (isAlone, isOnLoop) = (name.contains("1 task"), name.hasSuffix("on the loop"))
        return switch (isAlone, isOnLoop) {
        case (true, true): (1.4, 0.5)
        case (true, false): (1.5, 2.5)
        case (false, true): (1.12, 0.2)
        case (false, false): (1.25, 0.5)
        }
    }

    /// The cases in the order of the file.
    private(set) var costs: [(name: String, cost: Cost)] = []

    /// Reads a file of thresholds.
    init(contentsOf file: String) throws {
        for line in try Self.text(file).split(separator: "\n") where !line.hasPrefix("#") {
            let fields = line.split(separator: "\t")
            guard fields.count == 3, let instructions = Double(fields[0]), let allocations = Double(fields[1])
            else { throw Failure(description: "\(file): no threshold: \(line)") }
            costs.append((String(fields[2]), Cost(instructions: instructions, allocations: allocations)))
        }
    }

    /// Reads a count: the names and allocations that the process wrote, and the instructions that callgrind
    /// wrote for each name.
    init(counted allocations: [(name: String, allocations: Double)], callgrindIn folder: String) throws {
        var instructions: [String: Double] = [:]
        for file in try FileManager.default.contentsOfDirectory(atPath: folder) {
            guard file.hasPrefix("callgrind.") else { continue }
            let text = try Self.text("\(folder)/\(file)")
            // desc: Trigger: Client Request: CASE / OPERATIONS … and near the end totals: INSTRUCTIONS
            guard let name = Self.rest(of: "desc: Trigger: Client Request: ", in: text),
                let total = Self.rest(of: "totals: ", in: text).flatMap({ Double($0) }),
                let slash = name.lastIndex(of: "/"),
                let operations = Double(name[name.index(slash, offsetBy: 2)...])
            else { continue }
            instructions[String(name[..<name.index(before: slash)])] = total / operations
        }
        costs = try allocations.map { name, allocations in
            guard let instructions = instructions[name] else {
                throw Failure(description: "callgrind has counted nothing for: \(name)")
            }
            return (name, Cost(instructions: instructions, allocations: allocations))
        }
    }

    private static func text(_ file: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: file)), as: UTF8.self)
    }

    private static func rest(of start: String, in text: String) -> Substring? {
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(start) }) else { return nil }
        return line.dropFirst(start.count)
    }

    /// The file's text.
    var text: String {
        costs.map { name, cost in
            "\(Int(cost.instructions.rounded()))\t\(Self.rounded(cost.allocations))\t\(name)\n"
        }.joined()
    }

    static func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }

    /// Prints each cost with its ratio to the limit, and returns the faults.
    static func compare(_ counted: Thresholds, with limits: Thresholds) -> [String] {
        let known = Dictionary(limits.costs.map { ($0.name, $0.cost) }, uniquingKeysWith: { $1 })
        var faults = limits.costs.filter { limit in !counted.costs.contains { $0.name == limit.name } }
            .map { "no longer counted: \($0.name)" }
        for (name, cost) in counted.costs {
            guard let limit = known[name] else {
                faults.append("no threshold yet: \(name)")
                continue
            }
            let tolerance = tolerance(of: name)
            let ratio = rounded(cost.instructions / limit.instructions)
            print(
                "\(Int(cost.instructions.rounded()))\t\(rounded(cost.allocations))\t\(ratio)\t\(name)")
            if cost.instructions > limit.instructions * tolerance.instructions {
                faults.append(
                    "\(name): \(Int(cost.instructions)) instructions, the threshold is \(Int(limit.instructions))"
                )
            }
            if cost.allocations > limit.allocations * 1.01 + tolerance.allocations {
                faults.append(
                    "\(name): \(rounded(cost.allocations)) allocations, the threshold is \(limit.allocations)"
                )
            }
        }
        return faults + slowerThanC(counted) + dearerOnACluster(counted)
    }

    /// A call to a cluster takes at most 1.05 times the instructions of the same call on a ring, with many
    /// tasks: with a single task, other causes weigh more.
    private static func dearerOnACluster(_ counted: Thresholds) -> [String] {
        let costs = Dictionary(
            counted.costs.map { ($0.name, $0.cost.instructions) }, uniquingKeysWith: { $1 })
        return costs.compactMap { name, instructions in
            guard name.contains("cluster of 3, 64 tasks, on the loop"),
                let yardstick = costs[name.replacing("cluster", with: "ring")],
                instructions > 1.05 * yardstick
            else { return nil }
            return "\(name): \(rounded(instructions / yardstick)) × the same on a ring, more than 1.05"
        }
    }

    /// A look-up takes at most one and a half times the instructions of the look-up in C.
    private static func slowerThanC(_ counted: Thresholds) -> [String] {
        let costs = Dictionary(
            counted.costs.map { ($0.name, $0.cost.instructions) }, uniquingKeysWith: { $1 })
        return costs.compactMap { name, instructions in
            guard let yardstick = costs[name + ", in C"], instructions > 1.5 * yardstick else { return nil }
            return "\(name): \(rounded(instructions / yardstick)) × C, more than 1.5"
        }
    }
}
