internal import CachesTransport

// Commands as the nodes, the hand-over and the return of a node write them.
extension CommandWriter {
    /// Writes a command of plain words.
    mutating func words(_ words: String...) {
        begin(words.count)
        for word in words { argument(word) }
    }

    /// Writes a script with its keys and arguments.
    mutating func eval(_ script: StaticString, keys: [String], _ arguments: [String]) {
        begin(3 + keys.count + arguments.count)
        argument("EVAL")
        argument(script)
        argument(keys.count)
        for key in keys { argument(key) }
        for argument in arguments { self.argument(argument) }
    }

    /// Writes an `EXISTS` for a key.
    mutating func exists(_ key: String) {
        begin(2)
        argument("EXISTS")
        argument(key)
    }
}
