import CachesPlatform
import Synchronization

/// One client of a server that has a thread of its own: see ``ServerThread``.
protocol ServedClient: AnyObject, SendableMetatype {
    /// The events to wait for: always for the same number of descriptors, in the same order.
    var polled: [pollfd] { get }

    /// When the client has work to do although no event has come; nil: never.
    var due: ContinuousClock.Instant? { get }

    /// Does the work that is possible now.
    ///
    /// - Parameter events: The events of each descriptor of ``polled``.
    /// - Returns: Whether the connection goes on.
    func handle(_ events: ArraySlice<Int16>) -> Bool
}

/// The loop of a server's thread: accepts, and lets each client read, answer and write.
final class ServerLoop<Client: ServedClient>: Sendable {
    /// How many connections have been accepted.
    let accepted = Atomic(0)

    private let makeClient: @Sendable (_ socket: consuming Descriptor, _ number: Int) -> Client
    private let sockets: Mutex<Sockets?>

    private struct Sockets: ~Copyable {
        let listener: Descriptor
        let control: Descriptor
    }

    /// A loop over a listening socket, that ends when the other end of `control` is closed.
    init(
        listener: consuming Descriptor, control: consuming Descriptor,
        _ makeClient: @escaping @Sendable (_ socket: consuming Descriptor, _ number: Int) -> Client
    ) {
        self.makeClient = makeClient
        sockets = Mutex(Sockets(listener: listener, control: control))
    }

    /// Runs the loop on the calling thread. All sockets are closed when it returns.
    func run() {
        let taken = sockets.withLock { sockets in
            let taken = sockets.take()
            return taken
        }
        guard let sockets = consume taken else { return }
        var clients: [Client] = []
        while true {
            var polled = [
                pollfd(fd: sockets.control.number, events: Int16(POLLIN), revents: 0),
                pollfd(fd: sockets.listener.number, events: Int16(POLLIN), revents: 0),
            ]
            let ends = clients.map { client in
                polled += client.polled
                return polled.count
            }
            let now = ContinuousClock.now
            let wait = clients.compactMap(\.due).min().map { due in
                Int32(clamping: Int64(max(.zero, due - now) / .milliseconds(1)) + 1)
            }
            _ = uninterrupted { unsafe poll(&polled, nfds_t(polled.count), wait ?? -1) }

            guard polled[0].revents == 0 else { return }
            let events = polled.map(\.revents)
            var start = 2
            clients = zip(clients, ends).filter { client, end in
                defer { start = end }
                return client.handle(events[start..<end])
            }.map(\.0)
            while let socket = sockets.listener.accept() {
                let client = makeClient(socket, accepted.add(1, ordering: .relaxed).oldValue)
                if client.handle([]) { clients.append(client) }
            }
        }
    }
}
