internal import CachesTransport

/// Which server owns which slots, as a server of the cluster tells it: the answer to `CLUSTER SLOTS`.
///
/// (https://redis.io/docs/latest/commands/cluster-slots/) Of the two commands that tell it, this one is taken, since
/// every version of Redis and Valkey has it, it names the port that is right for the way in which it is asked, plain or
/// TLS, and a server answers it from a cache. `CLUSTER SHARDS` came with Redis 7, and tells more than is needed here.
struct SlotTable: Hashable, Sendable {
    /// Slots that one server owns.
    struct Range: Hashable, Sendable {
        var slots: ClosedRange<Int>
        var master: Endpoint
        var replicas: [Endpoint]
    }

    /// In the order told. A slot that is in none has no owner.
    var ranges: [Range]

    /// - Parameters:
    ///   - reply: What the server answered.
    ///   - asked: Where it was asked: what a server is called that does not know its own address.
    /// - Returns: nil if that is no answer to the command.
    init?(_ reply: Reply, asked: Endpoint) {
        guard case .array(let entries) = reply else { return nil }
        ranges = []
        for entry in entries {
            guard let fields = entry.array.map(Array.init), fields.count >= 3,
                let first = fields[0].integer, let last = fields[1].integer,
                0 <= first, first <= last, last < HashSlot.count,
                let master = Self.endpoint(fields[2], asked)
            else { return nil }
            ranges.append(
                Range(
                    slots: Int(first)...Int(last), master: master,
                    replicas: fields[3...].compactMap { Self.endpoint($0, asked) }))
        }
    }

    private static func endpoint(_ reply: Reply, _ asked: Endpoint) -> Endpoint? {
        guard let fields = reply.array.map(Array.init), fields.count >= 2, let port = fields[1].integer,
            1...65_535 ~= port
        else { return nil }
        return Announcement(host: fields[0].text, port: Int(port)).endpoint(asked: asked)
    }
}

/// An address as a server of a cluster writes it.
struct Announcement: Hashable, Sendable {
    /// nil where the server doesn't say: then it is the one that was asked.
    let host: String?
    let port: Int

    init(host: String?, port: Int) {
        // Servers that were told nothing better write an empty text, and those whose host name is not set a `?`.
        self.host = host == "" || host == "?" ? nil : host
        self.port = port
    }

    /// Reads `host:port`, which for an IPv6 address has no brackets.
    init?(_ text: Substring) {
        guard let colon = text.lastIndex(of: ":"), let port = text[text.index(after: colon)...].wholeNumber,
            1...65_535 ~= port
        else { return nil }
        self.init(host: String(text[..<colon]), port: port)
    }

    func endpoint(asked: Endpoint) -> Endpoint {
        if let host { return .tcp(host: host, port: port) }
        guard case .tcp(let host, _) = asked else { return asked }
        return .tcp(host: host, port: port)
    }
}
