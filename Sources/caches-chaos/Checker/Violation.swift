/// Something that must not happen.
struct Violation: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        /// A read found a version that is older than the rule allows.
        case stale(version: Int, floor: Int)
        /// A bystander's key is gone, or has another value, at this time.
        case lost(key: String, by: Int64)
        case changed(key: String, by: Int64)
        /// A counter has a value that is not higher than an earlier one.
        case shrunk(to: Int, from: Int)
        /// A gate was claimed again before its claim had ended.
        case claimedTwice
        /// A node was put out, though no fault concerned it.
        case ejected(at: Int64)
        /// A node was out for so many microseconds after the last fault on the way to it.
        case keptOut(for: Int64)
        /// A call got the reply of another call.
        case misdelivered
        /// A call ended so many microseconds after its deadline.
        case late(by: Int64)
        /// An error that no fault explains, or that names the wrong node.
        case wrongError(code: String, node: Int?)
        /// Calls had not ended when their process was told to end; nil if the process did not end either.
        case hang(pending: Int?)
        /// The process holds more at the end than at the beginning.
        case leak(of: String, before: Int, after: Int)
    }

    /// The client's position; nil if the violation doesn't concern a client.
    var client: Int?
    /// The server's position, if no call names it.
    var server: Int?
    var call: Call?
    var kind: Kind

    init(client: Int?, server: Int? = nil, call: Call?, kind: Kind) {
        self.client = client
        self.server = server
        self.call = call
        self.kind = kind
    }
}

extension Violation: CustomStringConvertible {
    var description: String {
        let places = [client.map { "client \($0)" }, server.map { "server \($0)" }].compactMap(\.self)
        var text = places.joined(separator: ", ") + ": "
        switch kind {
        case .stale(let version, let floor):
            text += "stale: version \(version) was read, \(floor) is the oldest allowed"
        case .lost(let key, let time): text += "a bystander's key is gone at \(time) µs: \(key)"
        case .changed(let key, let time): text += "a bystander's key has changed at \(time) µs: \(key)"
        case .shrunk(let value, let floor): text += "a counter has become \(value), though it was \(floor)"
        case .claimedTwice: text += "claimed what had been claimed"
        case .ejected(let time): text += "put out at \(time) µs, though nothing was done to it"
        case .keptOut(let microseconds):
            text += "kept out for \(microseconds / 1000) ms after the last fault on the way to it"
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

    /// A few words, for counts.
    var name: String {
        switch kind {
        case .stale: "stale reads"
        case .lost, .changed, .shrunk, .claimedTwice: "innocent losses"
        case .ejected: "undeserved outages"
        case .keptOut: "nodes kept out"
        case .misdelivered: "replies to the wrong caller"
        case .late: "calls past their deadline"
        case .wrongError: "errors of the wrong kind"
        case .hang: "hangs"
        case .leak: "leaks"
        }
    }
}
