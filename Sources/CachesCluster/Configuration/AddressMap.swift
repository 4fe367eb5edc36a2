public import CachesTransport

/// Maps the addresses that the servers of a cluster, or Sentinels, announce to the addresses that clients
/// use.
///
/// Servers tell clients the addresses by which they know each other. Behind network address translation, a
/// port forwarding or a proxy, clients may not reach those. A map gives the address that reaches each server
/// instead.
///
/// ```swift
/// var node = try NodeConfiguration(dsn: "redis+cluster://gateway.example:7001#main")
/// node.addressMap = AddressMap { announced in
///     guard case .tcp(_, let port) = announced else { return announced }
///     return .tcp(host: "gateway.example", port: port + 1000)
/// }
/// ```
///
/// It applies to every address that a server announces: in `CLUSTER SLOTS`, `MOVED` and `ASK`, and by
/// Sentinels for the primary, its replicas and the other Sentinels. The hosts in a DSN are used as they are.
///
/// The option `map=` of a DSN is such a map: `map=10.0.0.1:6379=gateway.example:7001,10.0.0.2=other.example`.
public struct AddressMap: Hashable, Sendable {
    /// By host and port.
    private(set) var addresses: [Endpoint: Endpoint] = [:]

    /// By host: the port stays.
    private(set) var hosts: [String: String] = [:]

    private var transform: Transform?

    /// Two closures can't be compared: a map equals only its own copies.
    private final class Transform: Hashable, Sendable {
        let body: @Sendable (Endpoint) -> Endpoint

        init(_ body: @escaping @Sendable (Endpoint) -> Endpoint) { self.body = body }

        static func == (one: Transform, other: Transform) -> Bool { one === other }

        func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
    }

    /// A map without entries, which leaves every address as it is.
    public init() {}

    /// A map that calls a closure for each address that has no entry.
    ///
    /// A pool that is reconfigured treats a map with another closure as another map, and opens new
    /// connections: keep the map, and copy it.
    ///
    /// - Parameter transform: Returns the address to use for an announced one. It is called under a lock, on
    ///   any thread: it must be quick, and must not call the pool.
    public init(_ transform: @escaping @Sendable (_ announced: Endpoint) -> Endpoint) {
        self.transform = Transform(transform)
    }

    /// Maps one address. Host names are case-insensitive.
    public mutating func map(_ announced: Endpoint, to reached: Endpoint) {
        addresses[announced.lowercased] = reached
    }

    /// Maps all ports of a host to the same ports of another. An entry for the whole address takes
    /// precedence.
    public mutating func map(host announced: String, to reached: String) {
        hosts[announced.lowercased()] = reached
    }

    /// The hosts of the entries' right sides, in a fixed order.
    var reachedHosts: [String] {
        let outer = addresses.values.compactMap { if case .tcp(let host, _) = $0 { host } else { nil } }
        return Set(outer + hosts.values).sorted()
    }

    /// The address to use for one that a server announced.
    public func reached(_ announced: Endpoint) -> Endpoint {
        let key = announced.lowercased
        if let address = addresses[key] { return address }
        if case .tcp(let host, let port) = key, let other = hosts[host] {
            return .tcp(host: other, port: port)
        }
        return transform?.body(announced) ?? announced
    }
}

extension AddressMap? {
    /// The address to use for one that a server announced.
    func reached(_ announced: Endpoint) -> Endpoint { self?.reached(announced) ?? announced }
}

extension Endpoint {
    fileprivate var lowercased: Endpoint {
        if case .tcp(let host, let port) = self { .tcp(host: host.lowercased(), port: port) } else { self }
    }
}

// MARK: - As text

extension AddressMap {
    /// Reads `inner:port=outer:port,inner=outer`, IPv6 addresses in brackets; nil if the text is malformed,
    /// or names an address twice.
    init?(text: String) {
        for entry in text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = entry.split(separator: "=", omittingEmptySubsequences: false).map(Side.init)
            guard sides.count == 2, let inner = sides[0], let outer = sides[1] else { return nil }
            switch (inner.port, outer.port) {
            case (let port?, let other?):
                let endpoint = Endpoint.tcp(host: inner.host, port: port)
                guard addresses[endpoint] == nil else { return nil }
                map(endpoint, to: .tcp(host: outer.host, port: other))
            case (nil, nil):
                guard hosts[inner.host] == nil else { return nil }
                map(host: inner.host, to: outer.host)
            default: return nil
            }
        }
    }

    /// The text of the entries, in a fixed order; nil if there are no entries. A closure has no text.
    var text: String? {
        let bracketed: (String) -> String = { $0.contains(":") ? "[\($0)]" : $0 }
        let entries =
            addresses.map { "\($0)=\($1)" }.sorted()
            + hosts.map { "\(bracketed($0))=\(bracketed($1))" }.sorted()
        return entries.isEmpty ? nil : entries.joined(separator: ",")
    }

    /// A host, and perhaps a port.
    private struct Side {
        let host: String
        let port: Int?

        init?(_ text: Substring) {
            let host: Substring
            let rest: Substring
            if text.first == "[" {
                guard let close = text.firstIndex(of: "]") else { return nil }
                host = text[text.index(after: text.startIndex)..<close]
                rest = text[text.index(after: close)...]
                guard host.contains(":"),
                    host.utf8.allSatisfy({ $0.isASCIILetterOrDigit || ":.%-_".utf8.contains($0) })
                else { return nil }
            } else {
                host = text.prefix { $0 != ":" }
                rest = text[host.endIndex...]
                guard !host.isEmpty,
                    host.utf8.allSatisfy({ $0.isASCIILetterOrDigit || ".-_".utf8.contains($0) })
                else { return nil }
            }
            self.host = host.lowercased()
            guard !rest.isEmpty else {
                port = nil
                return
            }
            guard rest.first == ":", let port = rest.dropFirst().wholeNumber, 1...65_535 ~= port else {
                return nil
            }
            self.port = port
        }
    }
}

extension OptionForm where Value == AddressMap {
    /// `10.0.0.1:6379=gateway:7001,10.0.0.2=other`.
    static var addressMap: OptionForm {
        OptionForm(
            "pairs of addresses: `inner:port=outer:port` or `inner=outer`, commas between them, IPv6 in brackets",
            parse: { AddressMap(text: $0) }, print: { $0.text ?? "" })
    }
}
