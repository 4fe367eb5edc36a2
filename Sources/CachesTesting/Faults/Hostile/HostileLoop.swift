import CachesPlatform
import Synchronization

/// The loop of a hostile server's thread: accepts, reads, asks the real server, answers.
final class HostileLoop: Sendable {
    /// The real server that says what the truth is.
    struct Target: Sendable {
        let port: UInt16
        let database: Int
    }

    let accepted = Atomic(0)
    let received = Atomic(0)
    let neighbours: Mutex<Neighbours>

    private let behaviour: HostileServer.Behaviour
    private let target: Target?
    private let sockets: Mutex<Sockets?>

    private struct Sockets: ~Copyable {
        let listener: Descriptor
        let control: Descriptor
    }

    /// A loop over a listening socket, that ends when the other end of `control` is closed.
    init(
        _ behaviour: HostileServer.Behaviour, neighbours: Neighbours, target: Target?,
        listener: consuming Descriptor, control: consuming Descriptor
    ) {
        self.behaviour = behaviour
        self.neighbours = Mutex(neighbours)
        self.target = target
        sockets = Mutex(Sockets(listener: listener, control: control))
    }

    /// Runs the loop on the calling thread. All sockets are closed when it returns.
    func run() {
        let taken = sockets.withLock { sockets in
            let taken = sockets.take()
            return taken
        }
        guard let sockets = consume taken else { return }
        var connections: [HostileConnection] = []
        while true {
            var polled = [
                pollfd(fd: sockets.control.number, events: Int16(POLLIN), revents: 0),
                pollfd(fd: sockets.listener.number, events: Int16(POLLIN), revents: 0),
            ]
            for connection in connections { polled += connection.polled }
            let now = ContinuousClock.now
            let due = connections.compactMap(\.due).min()
            let wait = due.map { Int32(clamping: Int64(max(.zero, $0 - now) / .milliseconds(1)) + 1) } ?? -1
            _ = uninterrupted { unsafe poll(&polled, nfds_t(polled.count), wait) }

            guard polled[0].revents == 0 else { return }
            var index = 2
            connections = connections.filter { connection in
                defer { index += 2 }
                return connection.handle(polled[index].revents, polled[index + 1].revents)
            }
            while let socket = sockets.listener.accept() {
                let number = accepted.add(1, ordering: .relaxed).oldValue
                let connection = HostileConnection(socket, number: number, of: self)
                if connection.handle(0, 0) { connections.append(connection) }
            }
        }
    }

    // MARK: For its connections

    /// A connection to the real server; nil if there is none, or it can't be connected to.
    func askTruth() -> DescriptorBox? {
        guard let target,
            let socket = try? LoopbackAddress.ipv4(port: target.port).connected(timeout: .seconds(5))
        else { return nil }
        let select = WireReply.array([.text("SELECT"), .text("\(target.database)")]).bytes
        guard socket.sendAll(select) else { return nil }
        _ = fcntl(socket.number, F_SETFL, O_NONBLOCK)
        return DescriptorBox(socket)
    }

    var hasTarget: Bool { target != nil }

    func courtesy(to command: HostileServer.Command) -> WireReply? {
        Courtesy(neighbours: neighbours.withLock(\.self)).reply(to: command)
    }

    func answer(to command: HostileServer.Command) -> HostileServer.Answer { behaviour.answer(command) }
}

/// A descriptor in a place where there may be none.
final class DescriptorBox {
    let descriptor: Descriptor

    init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
}
