import CachesPlatform

/// One client's connection through a proxy, on the proxy's thread.
final class ProxyConnection {
    private let client: Descriptor
    private let server: Descriptor
    private var toServer = ProxyFlow()
    private var toClient = ProxyFlow()
    private var isBroken = false

    /// nil if the server can't be connected to; the client's connection is then reset.
    init?(_ client: consuming Descriptor, target: UInt16) {
        guard let server = try? LoopbackAddress.ipv4(port: target).connected(timeout: .seconds(1)) else {
            client.resetOnClose()
            return nil
        }
        _ = fcntl(server.number, F_SETFL, O_NONBLOCK)
        for socket in [client.number, server.number] { Self.sendAtOnce(socket) }
        self.client = client
        self.server = server
    }

    /// It is not a proxy's place to hold small packets back.
    private static func sendAtOnce(_ socket: Int32) {
        var yes: Int32 = 1
        unsafe setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    }

    var isOver: Bool { isBroken || toServer.isOver && toClient.isOver }

    func reset() {
        isBroken = true
        client.resetOnClose()
        server.resetOnClose()
    }

    func faultChanged() { toClient.passed = 0 }

    /// The events to wait for, on the client's side and the server's. A descriptor without wanted events is
    /// left out: its hang-up would be reported without end.
    func polled(_ fault: FaultProxy.Fault, _ now: ContinuousClock.Instant) -> [pollfd] {
        let up = toServer.wants(swallowed: fault.swallows(.toServer), now)
        let down = toClient.wants(swallowed: fault.swallows(.toClient), now)
        return [(client.number, up.read, down.write), (server.number, down.read, up.write)].map {
            (number, reads, writes) in
            pollfd(
                fd: reads || writes ? number : -1,
                events: Int16(reads ? POLLIN : 0) | Int16(writes ? POLLOUT : 0), revents: 0)
        }
    }

    /// In how many milliseconds the next held bytes are due; nil if no bytes are held back.
    func wait(_ fault: FaultProxy.Fault, _ now: ContinuousClock.Instant) -> Int32? {
        [
            fault.swallows(.toServer) ? nil : toServer.due, fault.swallows(.toClient) ? nil : toClient.due,
        ].compactMap { $0 }.filter { $0 > now }.min().map { due in
            Int32(clamping: Int64((due - now) / .milliseconds(1)) + 1)
        }
    }

    func handle(_ clientEvents: Int16, _ serverEvents: Int16, _ fault: FaultProxy.Fault) {
        // A reset discards bytes that have not arrived, and networks lose bytes on their way.
        if (clientEvents | serverEvents) & Int16(POLLERR) != 0 { return reset() }
        let now = ContinuousClock.now
        var delay = Duration.zero
        if case .delay(let duration) = fault { delay = duration }
        var rate: Int?
        if case .rate(let bytes) = fault { rate = max(1, bytes) }
        var limit = Int.max
        if case .cut(let bytes) = fault { limit = bytes }
        let swallowed = (up: fault.swallows(.toServer), down: fault.swallows(.toClient))
        let isAlive =
            toServer.move(
                from: client, clientEvents, to: server, serverEvents, delay, swallowed.up, now, rate: rate)
            && toClient.move(
                from: server, serverEvents, to: client, clientEvents, delay, swallowed.down, now,
                rate: rate, limit: limit)
        if !isAlive { reset() }
        if toClient.passed >= limit {
            shutdown(client.number, Int32(SHUT_WR))
            isBroken = true
        }
    }
}

/// One direction of a connection.
struct ProxyFlow {
    /// The bytes read and not written yet, each piece with the time it may be written.
    private var held: [(due: ContinuousClock.Instant, bytes: ArraySlice<UInt8>)] = []
    private var hasEnded = false
    private var hasToldEnd = false
    /// When all bytes read so far will have passed.
    private var isFree = ContinuousClock.now

    /// How many bytes were written since the fault began.
    var passed = 0

    /// The most that is held back: more stays with its sender.
    private static let capacity = 1 << 20

    var isOver: Bool { hasToldEnd }
    var due: ContinuousClock.Instant? { held.first?.due }

    /// Whether there is something to read, and to write.
    func wants(swallowed: Bool, _ now: ContinuousClock.Instant) -> (read: Bool, write: Bool) {
        guard !swallowed else { return (false, false) }
        let size = held.reduce(0) { $0 + $1.bytes.count }
        return (!hasEnded && size < Self.capacity, held.first.map { $0.due <= now } ?? false)
    }

    /// Reads the incoming bytes, and writes those that are due.
    /// - Returns: false if either side is broken.
    mutating func move(
        from source: borrowing Descriptor, _ sourceEvents: Int16, to target: borrowing Descriptor,
        _ targetEvents: Int16, _ delay: Duration, _ swallowed: Bool, _ now: ContinuousClock.Instant,
        rate: Int?, limit: Int = .max
    ) -> Bool {
        guard !swallowed else { return true }
        if sourceEvents != 0, wants(swallowed: false, now).read {
            if let bytes = source.receive(atMost: min(65_536, max(1, (rate ?? .max) / 20))) {
                if bytes.isEmpty {
                    hasEnded = true
                } else {
                    let time = rate.map { Duration.seconds(Double(bytes.count) / Double($0)) } ?? .zero
                    isFree = max(isFree, now) + time
                    held.append((rate == nil ? now + delay : isFree, bytes[...]))
                }
            } else if errno != EAGAIN {
                return false
            }
        }
        while let (due, bytes) = held.first, due <= now, passed < limit {
            let sent = target.send(bytes.prefix(limit - passed))
            guard sent > 0 else { return errno == EAGAIN }
            passed += sent
            if sent == bytes.count { held.removeFirst() } else { held[0].bytes = bytes.dropFirst(sent) }
        }
        if hasEnded, held.isEmpty, !hasToldEnd {
            shutdown(target.number, Int32(SHUT_WR))
            hasToldEnd = true
        }
        return true
    }
}
