/// A listener on a free loopback port that plays a script to each connection: behaviour that no real server
/// shows, and that clients must survive.
///
/// ```swift
/// let server = try ScriptedServer(.closesInMidReply(to: "GET"))
/// let pool = try CachePool([server.dsn()])
/// …
/// server.stop()
/// ```
///
/// It speaks plain TCP. One thread serves all connections, so that a slow client delays no other.
public final class ScriptedServer: Sendable {
    /// The port, on 127.0.0.1 alone.
    public let port: Int

    private let thread: ServerThread<ScriptedClient>

    /// Listens, and plays `script` to each connection from its start.
    ///
    /// - Throws: ``FleetError`` if the system refuses a socket.
    public init(_ script: Script) throws(FleetError) {
        let listener = try LoopbackListener()
        port = listener.port
        thread = try ServerThread(listener, label: "caches.scripted-server") { socket, _ in
            ScriptedClient(socket, script)
        }
    }

    /// A DSN that leads here, such as `redis://127.0.0.1:40123/0#scripted`. With `rediss`, the client starts
    /// a TLS handshake with a server that knows none.
    public func dsn(scheme: String = "redis", name: String = "scripted") -> String {
        "\(scheme)://127.0.0.1:\(port)/0#\(DSNText.encoded(name, allowing: "/"))"
    }

    /// How many connections it has accepted so far.
    public var acceptedConnections: Int { thread.accepted }

    /// Closes the port and all connections, and returns when that is done. Harmless when repeated.
    public func stop() { thread.stop() }
}
