import Dispatch
import Synchronization

/// A TCP proxy before a server that treats connections as networks do: it delays, cuts, refuses and swallows.
///
/// ```swift
/// let proxy = try FaultProxy(to: fleet.servers[0])
/// let pool = try CachePool([proxy.dsn, fleet.dsns[1]])
/// proxy.fault = .blackHole(.both)      // from now on nothing passes, and nobody is told
/// proxy.fault = .none                  // and what was held arrives
/// ```
///
/// It does not look at the bytes it carries, so TLS passes through it too. One thread serves all connections
/// of a proxy. For faults of the server process itself, use ``LocalServer/kill()`` and
/// ``LocalServer/pause()``.
public final class FaultProxy: Sendable {
    /// The port, on 127.0.0.1 alone.
    public let port: Int

    /// The server's DSN with the proxy's port in place of the server's: name, password and certificates stay.
    public let dsn: String

    private let loop: ProxyLoop
    private let thread = DispatchQueue(label: "caches.fault-proxy")

    /// Listens on a free port, and lets everything pass.
    ///
    /// - Throws: ``FleetError`` if the system refuses a socket, or the server has no port but a unix socket.
    public init(to server: LocalServer) throws(FleetError) {
        guard let target = server.port else {
            throw FleetError(
                .system, "\(server.name) listens on a unix socket, which no network is before.",
                advice: "Give it another transport.")
        }
        let reservation = try PortReservation.make()
        port = Int(reservation.port)
        dsn = server.dsn.replacingFirst(":\(target)/", with: ":\(port)/")
        let control = try Descriptor.socketPair()
        let loop = try ProxyLoop(
            reservation, target: UInt16(target), control: control.theirs, signal: control.ours)
        self.loop = loop
        thread.async { loop.run() }
    }

    deinit { loop.stop() }

    /// The fault that applies to the traffic, from the moment it is set, also on open connections. Default:
    /// nothing.
    public var fault: Fault {
        get { loop.fault }
        set { loop.fault = newValue }
    }

    /// Resets all connections that are open; new ones are taken.
    public func resetConnections() { loop.resetConnections() }

    /// How many connections are open.
    public var openConnections: Int { loop.openConnections.load(ordering: .relaxed) }

    /// Closes the port and all connections, and returns when that is done. Harmless when repeated.
    public func stop() {
        loop.stop()
        thread.sync {}
    }
}

extension FaultProxy {
    /// A network's fault.
    public enum Fault: Hashable, Sendable {
        /// It lets it pass.
        case none
        /// Everything takes so long each way.
        case delay(Duration)
        /// So many bytes a second pass each way, 1 or more, in pieces of at most a twentieth of that: a slow
        /// link.
        case rate(bytesPerSecond: Int)
        /// Each connection is closed in order after so many more bytes of the server's, 0 or more.
        case cut(afterBytes: Int)
        /// New connections are refused, open ones are reset.
        case refuse
        /// Nothing passes in a direction, and neither side is told: also that the other has closed is not.
        /// When the fault is over, the held bytes arrive, as TCP sends lost bytes again, except those sent
        /// over a connection that its sender has reset meanwhile. New connections are made, by the kernel,
        /// and are as silent; for one that is not even made there is ``BlackHole``.
        case blackHole(Direction)
    }

    /// A way through a proxy.
    public enum Direction: String, Hashable, Sendable, CaseIterable {
        /// From the client to the server.
        case toServer
        /// From the server to the client: commands are carried out, and nobody hears of it.
        case toClient
        /// Both.
        case both
    }
}

extension FaultProxy.Fault {
    /// Whether nothing passes in a direction.
    func swallows(_ direction: FaultProxy.Direction) -> Bool {
        guard case .blackHole(let hole) = self else { return false }
        return hole == .both || hole == direction
    }
}

extension String {
    fileprivate func replacingFirst(_ text: String, with other: String) -> String {
        guard let range = firstRange(of: text) else { return self }
        return self[..<range.lowerBound] + other + self[range.upperBound...]
    }
}
