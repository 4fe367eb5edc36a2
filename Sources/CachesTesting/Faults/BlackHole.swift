/// An address that swallows connections: no answer, no refusal, as behind a firewall that drops packets.
///
/// It listens with the shortest possible queue of connections, fills it, and never accepts one. Linux then
/// drops every further SYN, so that `connect` waits until the client gives up. (Darwin's queue is longer:
/// connections are made there, and nothing ever answers.)
public final class BlackHole: Sendable {
    /// The port, on 127.0.0.1 alone.
    public let port: Int

    private let listener: Descriptor
    private let filler: Descriptor

    /// Opens the hole.
    ///
    /// - Throws: ``FleetError`` if the system refuses a socket.
    public init() throws(FleetError) {
        listener = try LoopbackAddress.ipv4(port: 0).bound()
        try listener.listen(backlog: 0)
        let port = try LoopbackAddress.port(of: listener)
        self.port = Int(port)
        // A queue of length 0 holds one connection.
        filler = try LoopbackAddress.ipv4(port: port).connected()
    }

    /// A DSN that leads here, such as `redis://127.0.0.1:40123/0#hole`.
    public func dsn(scheme: String = "redis", name: String = "hole") -> String {
        "\(scheme)://127.0.0.1:\(port)/0#\(DSNText.encoded(name, allowing: "/"))"
    }
}
