import CachesPlatform

/// One client of a scripted server. Each function says whether the connection goes on.
final class ScriptedClient: ServedClient {
    private let socket: Descriptor
    private var playback: ScriptPlayback
    private var outgoing: ArraySlice<UInt8> = []
    private var hasEnded = false

    init(_ socket: consuming Descriptor, _ script: ScriptedServer.Script) {
        self.socket = socket
        playback = ScriptPlayback(script)
    }

    var polled: [pollfd] {
        let events = Int16(outgoing.isEmpty ? POLLIN : POLLIN | POLLOUT)
        return [pollfd(fd: socket.number, events: events, revents: 0)]
    }

    var due: ContinuousClock.Instant? { nil }

    func handle(_ events: ArraySlice<Int16>) -> Bool {
        if let events = events.first, events & Int16(POLLIN | POLLHUP | POLLERR) != 0 {
            if let bytes = socket.receive() {
                guard !bytes.isEmpty else { return false }
                playback.received(bytes)
            } else if errno != EAGAIN {
                return false
            }
        }
        return play()
    }

    private func play() -> Bool {
        while !hasEnded {
            guard flush() else { return false }
            guard outgoing.isEmpty else { return true }
            switch playback.next() {
            case .wait:
                return true
            case .send(let bytes):
                outgoing = bytes[...]
            case .close:
                // Closing a socket that holds unread bytes resets it, and sent bytes may be lost with it. So
                // only this direction is closed, and incoming bytes are read until the client closes too.
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
