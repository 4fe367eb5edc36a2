/// Where a server listens.
public enum Endpoint: Hashable, Sendable {
    /// A host name or a numeric IPv4 or IPv6 address (without brackets), and a port.
    case tcp(host: String, port: Int)

    /// The path of a unix domain socket.
    case unix(path: String)
}

extension Endpoint {
    /// Whether it is a name, which a name service turns into addresses.
    package var isName: Bool {
        if case .tcp = self { !isNumeric } else { false }
    }

    /// Whether it is a numeric address, and no name.
    var isNumeric: Bool {
        guard case .tcp = self,
            case .success(.some) = Result(catching: { try Resolver.literalAddresses(of: self) })
        else { return false }
        return true
    }
}

extension Endpoint: CustomStringConvertible {
    /// `host:port`, `[v6 address]:port` or `unix:/path`.
    public var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }
}
