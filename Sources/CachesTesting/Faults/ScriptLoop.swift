import CachesPlatform
import Synchronization

/// The loop of a scripted server's thread: accepts, reads, plays, writes.
final class ScriptLoop: Sendable {
    /// How many connections have been accepted.
    let accepted = Atomic(0)

    private let script: ScriptedServer.Script
    private let sockets: Mutex<Sockets?>

    private struct Sockets: ~Copyable {
        let listener: Descriptor
        let control: Descriptor
    }

    /// A loop over a listening socket, that ends when the other end of `control` is closed.
    init(_ script: ScriptedServer.Script, listener: consuming Descriptor, control: consuming Descriptor) {
        self.script = script
        sockets = Mutex(Sockets(listener: listener, control: control))
    }

    /// Runs the loop on the calling thread. All sockets are closed when it returns.
    func run() {
        let taken = sockets.withLock { sockets in
            let taken = sockets.take()
            return taken
        }
        guard let sockets = consume taken else { return }
        var connections: [Connection] = []
        while true {
            var polled = [
                pollfd(fd: sockets.control.number, events: Int16(POLLIN), revents: 0),
                pollfd(fd: sockets.listener.number, events: Int16(POLLIN), revents: 0),
            ]
            polled += connections.map { pollfd(fd: $0.socket.number, events: $0.events, revents: 0) }
            _ = uninterrupted { unsafe poll(&polled, nfds_t(polled.count), -1) }

            guard polled[0].revents == 0 else { return }
            connections = zip(connections, polled.dropFirst(2)).filter { $0.handle($1.revents) }.map(\.0)
            while let socket = sockets.listener.accept() {
                accepted.add(1, ordering: .relaxed)
                let connection = Connection(socket, script)
                if connection.play() { connections.append(connection) }
            }
        }
    }
}

/// One client of a scripted server. Each function says whether the connection goes on.
private final class Connection {
    let socket: Descriptor
    private var playback: ScriptPlayback
    private var outgoing: ArraySlice<UInt8> = []
    private var hasEnded = false

    init(_ socket: consuming Descriptor, _ script: ScriptedServer.Script) {
        self.socket = socket
        playback = ScriptPlayback(script)
    }

    /// What to wait for.
    var events: Int16 { Int16(outgoing.isEmpty ? POLLIN : POLLIN | POLLOUT) }

    func handle(_ events: Int16) -> Bool {
        if events & Int16(POLLIN | POLLHUP | POLLERR) != 0 {
            if let bytes = socket.receive() {
                guard !bytes.isEmpty else { return false }
                playback.received(bytes)
            } else if errno != EAGAIN {
                return false
            }
        }
        return play()
    }

    func play() -> Bool {
        while !hasEnded {
            guard flush() else { return false }
            guard outgoing.isEmpty else { return true }
            switch playback.next() {
            case .wait:
                return true
            case .send(let bytes):
                outgoing = bytes[...]
            case .close:
                // Closing a socket that holds unread bytes resets it, and what was sent may be lost with it.
                // So only this direction is closed, and what comes is read until the client closes too.
                shutdown(socket.number, Int32(SHUT_WR))
                hasEnded = true
            case .reset:
                socket.resetOnClose()
                return false
            }
        }
        return true
    }

    private func flush() -> Bool {
        while !outgoing.isEmpty {
            let sent = socket.send(outgoing)
            guard sent > 0 else { return errno == EAGAIN }
            outgoing = outgoing.dropFirst(sent)
        }
        return true
    }
}
