extension Connection {
    /// Whether the server is told the connection's name.
    package var isNamed: Bool {
        !configuration.clientName.isEmpty
            && !NamelessPeers.shared.withLock {
                $0.contains(destination.endpoint, now: MonotonicClock.milliseconds)
            }
    }

    /// The first commands of the connection.
    func greeting(of opening: Opening?) -> Greeting {
        Greeting(destination, opening?.credentials, named: opening?.isNamed ?? true)
    }

    /// The peer has closed the connection instead of answering the greeting. If that may be because of the
    /// name, which is a courtesy, connects again without one.
    /// - Returns: Whether it does.
    func reopenWithoutName() -> Bool {
        guard let opening = unsafe inbound.pointee.opening, opening.stage == .greeting,
            let before = greeting(of: opening).repliesBeforeName,
            unsafe inbound.pointee.replies.count <= before,
            unsafe !inbound.pointee.replies.contains(where: \.isError), !opening.deadline.hasPassed
        else { return false }
        unsafe inbound.pointee.opening?.isNamed = false
        unsafe inbound.pointee.opening?.wasRefusedWithName = true
        reopen()
        return true
    }

    /// Begins again with connecting, within the time that is left for opening.
    func reopen() {
        unsafe inbound.pointee.opening?.stage = .preparing
        unsafe inbound.pointee.opening?.hasReceived = false
        unsafe inbound.pointee.registration.map(loop.deregister)
        unsafe inbound.pointee.registration = nil
        unsafe inbound.pointee.socket?.close()
        unsafe inbound.pointee.socket = nil
        unsafe inbound.pointee.tls = nil
        unsafe inbound.pointee.replies = []
        unsafe inbound.pointee.reader = ReplyReader(maximumReplyBytes: configuration.maximumReplyBytes)
        // The opener has the duty.
        unsafe outbound.pointee.socket = nil
        unsafe outbound.pointee.tls = nil
        unsafe outbound.pointee.plain = OutgoingBuffer()
        unsafe outbound.pointee.wire = OutgoingBuffer()
        do throws(CachesError) {
            // It ticks on without a socket.
            unsafe inbound.pointee.registration = try loop.register(self, nil)
            openThere()
        } catch { fail(error) }
    }

    /// Called when the connection is open. Remembers for the next one whether the peer refused the name.
    func noteNaming(of opening: Opening?) {
        guard opening?.wasRefusedWithName == true else { return }
        let endpoint = destination.endpoint
        NamelessPeers.shared.withLock { $0.insert(endpoint, now: MonotonicClock.milliseconds) }
    }
}
