/// Hosts that servers may announce and be verified as: one, or all whose names end alike.
public struct HostPattern: Hashable, Sendable {
    /// `cache-1.example.com`, `10.0.0.7`, or `*.cache.example.com`.
    public let text: String

    /// Reads a pattern: a host's name or address, or `*.` and the end of the names, however many labels come
    /// before it.
    ///
    /// nil if the text is not a pattern; a suffix has at least two labels, since no one owns all of `*.com`.
    public init?(_ text: String) {
        let name = text.hasPrefix("*.") ? String(text.dropFirst(2)) : text
        guard Endpoint.isHost(name), !name.hasPrefix("."), !name.hasSuffix(".") else { return nil }
        guard name == text || name.contains("."), name == text || !name.contains(":") else { return nil }
        self.text = text.lowercased()
    }

    /// Whether it holds for a host. Case and a trailing dot (the root) are ignored.
    public func matches(_ host: String) -> Bool {
        guard text.hasPrefix("*.") else { return text.isSameHost(as: host) }
        let (host, suffix) = (host.withoutRoot.lowercased(), text.dropFirst())
        return host.utf8.count > suffix.utf8.count && host.hasSuffix(suffix) && !host.hasPrefix(".")
    }
}

extension HostPattern: CustomStringConvertible {
    public var description: String { text }
}

extension String {
    /// Whether two texts name one host.
    package func isSameHost(as other: String) -> Bool {
        withoutRoot.lowercased() == other.withoutRoot.lowercased()
    }

    /// A name as certificates and SNI have it. Without the dot that may end a name for the resolver, so that
    /// no search domain is tried ([RFC 6066, section 3](https://www.rfc-editor.org/rfc/rfc6066#section-3)).
    package var withoutRoot: String { hasSuffix(".") ? String(dropLast()) : self }
}
