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
        /// A read found this version, nil for nothing; a write stored it. A counter's new value. Of a claim 1
        /// if it was made, else 0. For all others nil.
        case done(version: Int?)
        /// What came was not what this call asked for.
        case misdelivered
        /// The error's code, and the position of the node that it names, nil for none.
        case failed(code: String, node: Int?)
    }

    var operation: Operation
    /// The key's number, of each operation's own; -1 for none.
    var key: Int
    /// The position of the node that owns it; -1 for none: several may be concerned.
    var node: Int
    /// What a write wrote: versions of a key count up, and only one task writes it.
    var version: Int?
    var begin: Int64
    var end: Int64
    var outcome: Outcome
}

extension Call {
    /// The error's code, nil if it did not fail.
    var failure: String? {
        if case .failed(let code, _) = outcome { code } else { nil }
    }

    /// What a call that has not failed stored or got.
    var result: Int? {
        if case .done(let version) = outcome { version } else { nil }
    }
}
