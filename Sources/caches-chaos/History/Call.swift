/// A call and how it ended.
struct Call: Hashable, Sendable {
    enum Operation: String, Hashable, Sendable, CaseIterable {
        case read, write, echo
        /// Adds one to a counter that all clients share.
        case count
        /// Claims a gate that has been claimed for longer than the run takes.
        case claim
        /// Writes many values, or reads them, by one call.
        case bulk
        /// Writes or reads a value that is larger than the server or the client takes.
        case oversized
    }

    enum Outcome: Hashable, Sendable {
        /// The call succeeded. The version that a read found, nil for no value, or that a write stored; the
        /// new value of a counter; 1 if a claim was made, otherwise 0. For all other operations nil.
        case done(version: Int?)
        /// The reply was not the one that this call asked for.
        case misdelivered
        /// The error's code, and the position of the node that it names, nil if it names no node.
        case failed(code: String, node: Int?)
    }

    var operation: Operation
    /// The key's number, counted for each operation by itself; -1 without a key.
    var key: Int
    /// The position of the node that owns the key; -1 if several nodes may be concerned.
    var node: Int
    /// The version that a write wrote: versions of a key count up, and only one task writes a key.
    var version: Int?
    var begin: Int64
    var end: Int64
    var outcome: Outcome
}

extension Call {
    /// The error's code; nil if the call did not fail.
    var failure: String? {
        if case .failed(let code, _) = outcome { code } else { nil }
    }

    /// The version or number that a successful call stored or got.
    var result: Int? {
        if case .done(let version) = outcome { version } else { nil }
    }
}
