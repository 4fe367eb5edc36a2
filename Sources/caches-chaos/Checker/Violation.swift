/// Something that must not happen.
struct Violation: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        /// A read found a version that is older than the rule allows.
        case stale(version: Int, floor: Int)
        /// A reply was another call's.
        case misdelivered
        /// A call ended so many microseconds after its deadline.
        case late(by: Int64)
        /// An error that nothing that was done explains, or that names the wrong node.
        case wrongError(code: String, node: Int?)
        /// Calls had not ended when their process was to end; nil: the process had not, either.
        case hang(pending: Int?)
        /// The process holds more at the end than at the beginning.
        case leak(of: String, before: Int, after: Int)
    }

    /// The client's position.
    var client: Int
    var call: Call?
    var kind: Kind
}

extension Violation: CustomStringConvertible {
    var description: String {
        var text = "client \(client): "
        switch kind {
        case .stale(let version, let floor):
            text += "stale: version \(version) was read, \(floor) is the oldest allowed"
        case .misdelivered: text += "a reply was another call's"
        case .late(let microseconds): text += "ended \(microseconds / 1000) ms after its deadline"
        case .wrongError(let code, let node):
            text += "an error that nothing explains: \(code) on \(node.map { "node \($0)" } ?? "no node")"
        case .hang(let pending):
            text += pending.map { "\($0) calls did not end" } ?? "the process did not end"
        case .leak(let what, let before, let after): text += "leak: \(before) \(what) became \(after)"
        }
        if let call {
            text +=
                " (\(call.operation.rawValue) of key \(call.key) on node \(call.node), from \(call.begin) to \(call.end) µs)"
        }
        return text
    }

    /// One word, for counts.
    var name: String {
        switch kind {
        case .stale: "stale reads"
        case .misdelivered: "replies to the wrong caller"
        case .late: "calls past their deadline"
        case .wrongError: "errors of the wrong kind"
        case .hang: "hangs"
        case .leak: "leaks"
        }
    }
}
