// What a command is documented to answer. An error is none of it: a node has thrown those already.

extension Reply {
    /// The bytes of a string; nil if there is none.
    consuming func requireBytes(from node: Node) throws(CachesError) -> Bytes? {
        try requireBytes(fromNodeOf: node.name)
    }

    /// As above, of a reply that came over a line.
    @usableFromInline
    consuming func requireBytes(from line: Line) throws(CachesError) -> Bytes? {
        try requireBytes(fromNodeOf: line.name)
    }

    @inline(__always)
    private consuming func requireBytes(
        fromNodeOf name: @autoclosure () -> String
    ) throws(CachesError) -> Bytes? {
        switch self {
        case .string(let bytes): return bytes
        case .null: return nil
        default: throw unexpected(from: name())
        }
    }

    /// A counter: an integer, be it sent as one or as text.
    func requireCounter(from node: Node) throws(CachesError) -> Int {
        guard case .string = self else { return try requireInteger(from: node) }
        guard let counter = text.flatMap({ Int($0) }) else { throw unexpected(from: node) }
        return counter
    }

    /// A floating-point number, which is sent as text.
    func requireDouble(from node: Node) throws(CachesError) -> Double {
        guard let number = text.flatMap({ Double($0) }) else { throw unexpected(from: node) }
        return number
    }

    /// `OK`.
    func requireOK(from node: Node) throws(CachesError) {
        guard case .status = self else { throw unexpected(from: node) }
    }

    /// Text.
    func requireText(from node: Node) throws(CachesError) -> String {
        guard let text else { throw unexpected(from: node) }
        return text
    }
}
