import Dispatch
import Synchronization

/// A free loopback port that is listened on.
struct LoopbackListener: ~Copyable {
    let socket: Descriptor
    let port: Int

    init() throws(FleetError) {
        let socket = try LoopbackAddress.ipv4(port: 0).bound()
        try socket.listen(backlog: 128)
        port = Int(try LoopbackAddress.port(of: socket))
        self.socket = socket
    }

    /// The socket alone.
    consuming func take() -> Descriptor { socket }
}

/// A thread that serves all connections to a port, so that a slow client delays no other. It ends with this
/// object.
final class ServerThread<Client: ServedClient>: Sendable {
    private let loop: ServerLoop<Client>
    /// Closing this ends the loop.
    private let control: Mutex<Descriptor?>
    private let thread: DispatchQueue

    /// Serves a port.
    ///
    /// - Parameter makeClient: Makes a client of an accepted socket. They are counted from 0.
    init(
        _ listener: consuming LoopbackListener, label: String,
        _ makeClient: @escaping @Sendable (_ socket: consuming Descriptor, _ number: Int) -> Client
    ) throws(FleetError) {
        let pair = try Descriptor.socketPair()
        control = Mutex(pair.ours)
        let loop = ServerLoop(listener: listener.take(), control: pair.theirs, makeClient)
        self.loop = loop
        thread = DispatchQueue(label: label)
        thread.async { loop.run() }
    }

    deinit { control.withLock { $0 = nil } }

    /// How many connections have been accepted so far.
    var accepted: Int { loop.accepted.load(ordering: .relaxed) }

    /// Closes the port and all connections, and returns when that is done. Harmless when repeated.
    func stop() {
        control.withLock { $0 = nil }
        thread.sync {}
    }
}
