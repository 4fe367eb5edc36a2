internal import CachesTransport

/// An address as a server of a cluster writes it.
///
/// (https://redis.io/docs/latest/commands/cluster-slots/, "Nested Result Array")
struct ClusterNodeAddress: Hashable, Sendable {
    enum Host: Hashable, Sendable {
        case named(String)
        /// No host: an empty text, from a server without a better one, or null, from a server with
        /// `cluster-preferred-endpoint-type unknown-endpoint`. It means the server that was asked.
        case same
        /// `?`: the server should announce its host name, and has none.
        case unknown
    }

    let host: Host
    let port: Int

    init(host: String?, port: Int) {
        self.host =
            switch host {
            case nil, "": .same
            case "?": .unknown
            case let host?: .named(host)
            }
        self.port = port
    }

    /// Reads `host:port`, which for an IPv6 address has no brackets.
    init?(_ text: Substring) {
        guard let colon = text.lastIndex(of: ":"), let port = text[text.index(after: colon)...].number(.port)
        else { return nil }
        self.init(host: String(text[..<colon]), port: port)
    }

    /// The address; nil if the host is unknown, or neither a name nor an address.
    func endpoint(asked: Endpoint, _ map: AddressMap?) -> Endpoint? {
        switch (host, asked) {
        case (.named(let host), _): Endpoint(announcedHost: host, port: port).map(map.reached)
        case (.same, .tcp(let host, _)): map.reached(.tcp(host: host, port: port))
        case (.same, .unix): asked
        case (.unknown, _): nil
        }
    }

    /// The text that the server wrote, for people.
    var text: String {
        switch host {
        case .named(let host):
            Endpoint(announcedHost: host, port: port)?.description ?? "a host that is no name and no address"
        case .same: ":\(port)"
        case .unknown: "?:\(port)"
        }
    }
}
