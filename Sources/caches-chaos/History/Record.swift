/// One line of what a client process saw. Times are microseconds on the machine's monotonic clock, which all
/// processes share.
enum Record: Hashable, Sendable {
    /// A call that has ended.
    case call(Call)
    /// The health of a node, by position, changed.
    case health(node: Int, isOut: Bool, time: Int64)
    /// The process did not get to run for so long, though it wanted to.
    case stall(begin: Int64, end: Int64)
    /// What the process holds.
    case resources(time: Int64, descriptors: Int, kibibytes: Int)
    /// The process ended in order, and so many calls had not.
    case end(pending: Int)
}

/// A call and how it ended.
struct Call: Hashable, Sendable {
    enum Operation: String, Hashable, Sendable { case read, write, echo }

    enum Outcome: Hashable, Sendable {
        /// A read found this version, nil for nothing; a write stored it; for an echo, nil.
        case done(version: Int?)
        /// What came was not what this call asked for.
        case misdelivered
        /// The error's code, and the position of the node that it names, nil for none.
        case failed(code: String, node: Int?)
    }

    var operation: Operation
    /// The key's number.
    var key: Int
    /// The position of the node that owns it.
    var node: Int
    /// What a write wrote: versions of a key count up, and only one task writes it.
    var version: Int?
    var begin: Int64
    var end: Int64
    var outcome: Outcome
}

extension Record {
    /// The line, without its end.
    var line: String {
        switch self {
        case .call(let call):
            let outcome =
                switch call.outcome {
                case .done(let version): "done \(version.map(String.init) ?? "-")"
                case .misdelivered: "misdelivered"
                case .failed(let code, let node):
                    "failed \(node.map(String.init) ?? "-") \(code)"
                }
            return "call \(call.operation.rawValue) \(call.key) \(call.node) "
                + "\(call.version.map(String.init) ?? "-") \(call.begin) \(call.end) \(outcome)"
        case .health(let node, let isOut, let time): return "health \(node) \(isOut ? "out" : "in") \(time)"
        case .stall(let begin, let end): return "stall \(begin) \(end)"
        case .resources(let time, let descriptors, let kibibytes):
            return "resources \(time) \(descriptors) \(kibibytes)"
        case .end(let pending): return "end \(pending)"
        }
    }

    /// Reads a line; nil if it is none, such as the torn last line of a process that was killed.
    init?(_ line: some StringProtocol) {
        var words = line.split(separator: " ", maxSplits: 8)[...]
        func number() -> Int? { words.popFirst().flatMap { Int($0) } }
        /// Absent (`-`), or a number, or no word that may stand here.
        func optional() -> Int?? {
            guard let word = words.popFirst() else { return .none }
            return word == "-" ? .some(nil) : Int(word).map { .some($0) } ?? .none
        }
        switch words.popFirst() {
        case "call":
            guard let operation = words.popFirst().flatMap({ Call.Operation(rawValue: String($0)) }),
                let key = number(), let node = number(), let version = optional(), let begin = number(),
                let end = number(), let outcome = words.popFirst()
            else { return nil }
            var call = Call(
                operation: operation, key: key, node: node, version: version, begin: Int64(begin),
                end: Int64(end), outcome: .misdelivered)
            switch outcome {
            case "done":
                guard let found = optional() else { return nil }
                call.outcome = .done(version: found)
            case "failed":
                guard let rest = words.popFirst() else { return nil }
                let parts = rest.split(separator: " ", maxSplits: 1)
                guard parts.count == 2 else { return nil }
                call.outcome = .failed(code: String(parts[1]), node: Int(parts[0]))
            case "misdelivered": break
            default: return nil
            }
            self = .call(call)
        case "health":
            guard let node = number(), let state = words.popFirst(), let time = number() else { return nil }
            self = .health(node: node, isOut: state == "out", time: Int64(time))
        case "stall":
            guard let begin = number(), let end = number() else { return nil }
            self = .stall(begin: Int64(begin), end: Int64(end))
        case "resources":
            guard let time = number(), let descriptors = number(), let kibibytes = number() else {
                return nil
            }
            self = .resources(time: Int64(time), descriptors: descriptors, kibibytes: kibibytes)
        case "end":
            guard let pending = number() else { return nil }
            self = .end(pending: pending)
        default: return nil
        }
    }
}
