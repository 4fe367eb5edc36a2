// What a command is documented to answer. An error is none of it: a node has thrown those already.

extension Reply {
    /// The bytes of a string; nil if there is none.
    func requireBytes(from node: Node) throws(CachesError) -> Bytes? {
        switch self {
        case .string(let bytes): return bytes
        case .null: return nil
        default: throw unexpected(from: node)
        }
    }

    /// An integer.
    func requireInteger(from node: Node) throws(CachesError) -> Int {
        guard case .integer(let integer) = self else { throw unexpected(from: node) }
        return Int(integer)
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

    /// As many replies as were asked for.
    func requireArray(of count: Int, from node: Node) throws(CachesError) -> ReplyArray {
        guard case .array(let array) = self, array.count == count else { throw unexpected(from: node) }
        return array
    }

    /// A list.
    func requireArray(from node: Node) throws(CachesError) -> ReplyArray {
        guard case .array(let array) = self else { throw unexpected(from: node) }
        return array
    }

    /// A page of a scan: where to go on, and the items.
    func requireScan(from node: Node) throws(CachesError) -> (cursor: String, items: ReplyArray) {
        let page = try requireArray(of: 2, from: node)
        guard let cursor = page.first?.text else { throw unexpected(from: node) }
        return (cursor, try page[page.index(after: page.startIndex)].requireArray(from: node))
    }

    /// Text.
    func requireText(from node: Node) throws(CachesError) -> String {
        guard let text else { throw unexpected(from: node) }
        return text
    }

    func unexpected(from node: Node) -> CachesError {
        CachesError(
            .protocolViolation, "The reply is not of the kind that the command gives.",
            advice: "Is there a proxy before the server that answers for it?", node: node.name)
    }
}
