package import CachesTransport

// What a command is documented to answer. An error is none of it: a node has thrown those already.

extension Reply {
    /// The reply, unless it is an error: one of many, which are not thrown by themselves.
    package func unlessError(from source: any ReplySource) throws(CachesError) -> Reply {
        if case .error(let error) = self { throw error.error(node: source.name) }
        return self
    }

    /// An integer.
    package func requireInteger(from source: any ReplySource) throws(CachesError) -> Int {
        guard case .integer(let integer) = self else { throw unexpected(from: source) }
        return Int(integer)
    }

    /// As many replies as were asked for.
    package func requireArray(of count: Int, from source: any ReplySource) throws(CachesError) -> ReplyArray {
        guard case .array(let array) = self, array.count == count else { throw unexpected(from: source) }
        return array
    }

    /// A list.
    package func requireArray(from source: any ReplySource) throws(CachesError) -> ReplyArray {
        guard case .array(let array) = self else { throw unexpected(from: source) }
        return array
    }

    /// A page of a scan: where to go on, and the items.
    package func requireScan(from source: any ReplySource) throws(CachesError) -> (
        cursor: String, items: ReplyArray
    ) {
        let page = try requireArray(of: 2, from: source)
        guard let cursor = page.first?.text else { throw unexpected(from: source) }
        return (cursor, try page[page.index(after: page.startIndex)].requireArray(from: source))
    }

    /// The error for any other reply.
    package func unexpected(from source: any ReplySource) -> CachesError { unexpected(from: source.name) }

    /// The error for any other reply.
    package func unexpected(from name: String) -> CachesError {
        CachesError(
            .protocolViolation, "The reply is not of the kind that the command gives.",
            advice: "Is there a proxy before the server that answers for it?", node: name)
    }
}
