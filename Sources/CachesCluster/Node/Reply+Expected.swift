public import CachesTransport

// The documented replies of commands. An error is not among them: a node has thrown those already.

extension Reply {
    /// The reply, unless it is an error: for one of many replies, whose errors are not thrown separately.
    package func unlessError(from source: any ReplySource) throws(CachesError) -> Reply {
        if case .error(let error) = self { throw error.error(node: source.name) }
        return self
    }

    /// An integer of any size, for callers that only compare it or pass it on. For calculations use a
    /// ``PeerNumber``.
    public func requireInteger(from source: any ReplySource) throws(CachesError) -> Int {
        guard case .integer(let integer) = self else { throw unexpected(from: source) }
        return Int(integer)
    }

    /// A number within the range of `kind`.
    package func requireNumber(_ kind: PeerNumber, from source: any ReplySource) throws(CachesError) -> Int {
        guard case .integer(let integer) = self, let number = kind.checked(integer) else {
            throw unexpected(from: source, expected: kind.name)
        }
        return number
    }

    /// How many of the given items a command was carried out on.
    package func requireCount(
        atMost most: Int, from source: any ReplySource
    ) throws(CachesError) -> Int {
        guard case .integer(let integer) = self, 0 <= integer, integer <= most else {
            throw unexpected(from: source, expected: PeerNumber.count(atMost: most).name)
        }
        return Int(integer)
    }

    /// An array of exactly `count` replies.
    public func requireArray(of count: Int, from source: any ReplySource) throws(CachesError) -> ReplyArray {
        guard case .array(let array) = self, array.count == count else { throw unexpected(from: source) }
        return array
    }

    /// A list.
    public func requireArray(from source: any ReplySource) throws(CachesError) -> ReplyArray {
        guard case .array(let array) = self else { throw unexpected(from: source) }
        return array
    }

    /// A page of a scan: the next cursor, and the items.
    package func requireScan(from source: any ReplySource) throws(CachesError) -> (
        cursor: String, items: ReplyArray
    ) {
        let page = try requireArray(of: 2, from: source)
        // Servers give an unsigned number of 64 bits; it is passed on as it is.
        guard let cursor = page.first?.text, cursor.utf8.count <= 20, cursor.wholeDigits else {
            throw unexpected(from: source, expected: "a cursor")
        }
        return (cursor, try page[page.index(after: page.startIndex)].requireArray(from: source))
    }

    /// The error for a reply that the command is not documented to give.
    ///
    /// - Parameter expected: The reply that should have come: "a number".
    public func unexpected(
        from source: any ReplySource, expected: String? = nil
    ) -> CachesError {
        unexpected(from: source.name, expected: expected)
    }

    /// The error for any other reply.
    package func unexpected(from name: String, expected: String? = nil) -> CachesError {
        let instead = expected.map { ", where \($0) was expected" } ?? ", which the command does not answer"
        return CachesError(
            .protocolViolation, "The reply is \(kind)\(instead).",
            advice: "Is there a proxy before the server that answers for it?", node: name)
    }
}

extension CachesError {
    /// The same error with the name of the command in it, if it is about an unexpected reply.
    package func naming(command: String) -> CachesError {
        let start = "The reply is "
        guard code == .protocolViolation, message.hasPrefix(start) else { return self }
        var error = self
        error.message = "The reply to \(command.printable) is \(message.dropFirst(start.count))"
        return error
    }
}

extension String {
    fileprivate var wholeDigits: Bool { !isEmpty && utf8.allSatisfy(\.isASCIIDigit) }
}
