extension Endpoint {
    /// An address that a server announces: of itself or of another one.
    ///
    /// A server may write any bytes in the place of a host. They get into look-ups, certificates' names,
    /// errors and logs, so a text that is neither a name nor an address is rejected.
    ///
    /// - Returns: nil if the host or port is invalid.
    package init?(announcedHost host: String, port: Int) {
        guard Self.isHost(host), PeerNumber.port.range.contains(Int64(port)) else { return nil }
        self = .tcp(host: host, port: port)
    }

    /// Whether a text is a host's name, or an address, with a zone (`fe80::1%eth0`) or without.
    package static func isHost(_ text: String) -> Bool {
        1...253 ~= text.utf8.count
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "A")...UInt8(ascii: "Z"):
                    true
                default: ".-_:%".utf8.contains(byte)
                }
            }
    }
}
