/// One line of a client process' history. Times are microseconds on the machine's monotonic clock, which all
/// processes share.
enum Record: Hashable, Sendable {
    /// A call that has ended.
    case call(Call)
    /// The health of a node, by position, changed.
    case health(node: Int, isOut: Bool, time: Int64)
    /// A node that is out answers again, and the process begins to look for the writes made meanwhile.
    case looking(node: Int, time: Int64)
    /// The positions of the nodes in the failover order of a key, its owner first.
    case order(key: Int, nodes: [Int])
    /// A time in which the process wanted to run but could not.
    case stall(begin: Int64, end: Int64)
    /// The descriptors and the memory of the process.
    case resources(time: Int64, descriptors: Int, kibibytes: Int)
    /// The process ended normally, and so many calls had not ended.
    case end(pending: Int)
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
        case .looking(let node, let time): return "looking \(node) \(time)"
        case .order(let key, let nodes):
            return "order \(key) \(nodes.map(String.init).joined(separator: ","))"
        case .stall(let begin, let end): return "stall \(begin) \(end)"
        case .resources(let time, let descriptors, let kibibytes):
            return "resources \(time) \(descriptors) \(kibibytes)"
        case .end(let pending): return "end \(pending)"
        }
    }

    /// Parses a line; nil if it is incomplete, such as the torn last line of a killed process, or not a
    /// record.
    init?(_ line: some StringProtocol) {
        var words = line.split(separator: " ", maxSplits: 8)[...]
        func number() -> Int? { words.popFirst().flatMap { Int($0) } }
        /// Absent (`-`), a number, or a word that is not allowed here.
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
        case "looking":
            guard let node = number(), let time = number() else { return nil }
            self = .looking(node: node, time: Int64(time))
        case "order":
            guard let key = number(), let list = words.popFirst() else { return nil }
            let nodes = list.split(separator: ",").map { Int($0) }
            guard !nodes.contains(nil) else { return nil }
            self = .order(key: key, nodes: nodes.compactMap(\.self))
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
