extension Connection {
    var needsTicks: Bool {
        guard unsafe inbound.pointee.opening == nil else { return true }
        return shared.withLock { $0.machine.waiting > 0 || $0.machine.isDraining }
    }

    func tick(now: Int64) {
        if let opening = unsafe inbound.pointee.opening { tickOpening(opening) }
        let (mustFlush, departed, isStalled, isDrainOver) = shared.withLock { shared in
            let unsent =
                shared.machine.looksAtUnsent(now: now)
                ? unsafe inbound.pointee.socket?.unsentBytes : nil as Int?
            return (
                shared.machine.rescue(now: now, limit: EventLoop.tickMilliseconds),
                shared.machine.expire(now: now, minimumAge: Self.minimumAge, unsent: unsent) {
                    $0.isCancelled
                },
                shared.machine.isStalled(now: now, limit: configuration.stallTimeout.wholeMilliseconds),
                shared.machine.isDraining && shared.drainDeadline.milliseconds <= now
            )
        }
        if mustFlush { flush(as: .loop) }
        for (waiter, departure) in departed {
            switch departure {
            case .cancelled: waiter.resume(throwing: CancellationError())
            case .deadlinePassed: waiter.resume(throwing: deadlinePassed)
            }
        }
        if isDrainOver { fail(shared.withLock { $0.drainFailure } ?? closedByOwner) }
        if isStalled { fail(stalled) }
    }

    /// Commands that wait for less than this are not looked at by a tick: under load that is nearly all.
    private static let minimumAge: Int64 = 2

    /// It is over: everyone who waits gets `error`, and the descriptor is given up. From any thread; later
    /// calls do nothing.
    ///
    /// - Parameter first: The error for the call at the front instead.
    func fail(_ error: CachesError, first: CachesError? = nil) {
        var error = error.at(configuration.name)
        let (waiters, suspects, wasOpen) = shared.withLock { shared -> ([Waiter?]?, [Int], Bool) in
            let wasOpen = shared.machine.phase != .opening
            error.incident = Self.incident(error, shared.machine)
            let suspects = error.incident == .closedUnderLargeCommand ? shared.machine.suspects : []
            guard let waiters = shared.machine.close() else { return (nil, [], wasOpen) }
            shared.failure = error
            shared.isUnanswered = !waiters.isEmpty
            return (waiters, suspects, wasOpen)
        }
        guard let waiters else { return }
        flusher.stop()
        loop.execute { [self] in releaseSocket() }
        for (position, waiter) in waiters.enumerated() {
            guard let waiter else { continue }
            var own = (position == 0 ? first : nil)?.at(configuration.name) ?? error
            own.wasNotSent = !wasOpen
            own.mayBeItsCause = suspects.contains(position)
            waiter.resume(throwing: own)
        }
    }

    /// A reply could not be read. The call at the front, whose reply it would have been, gets `error`; for
    /// the others the connection was lost.
    func fail(misread error: CachesError) {
        var loss = connectionLost("because of a reply that could not be read")
        loss.underlying = error
        loss.incident = error.incident
        fail(loss, first: error)
    }

    /// The incident behind an end with `error`.
    private static func incident(
        _ error: CachesError, _ machine: ConnectionStateMachine<Waiter>
    ) -> Incident {
        switch error.incident {
        case nil where machine.phase == .opening: error.code == .tls ? .tlsFailed : .greetingFailed
        case .closedByPeer where machine.phase == .opening: .greetingFailed
        // The remaining cases, such as a failure of TLS in the middle.
        case nil, .closedByPeer:
            machine.waiting == 0
                ? .closedWhileIdle : machine.suspects.isEmpty ? .closedByPeer : .closedUnderLargeCommand
        case let incident?: incident
        }
    }

    /// The loop's part of the end.
    private func releaseSocket() {
        let wasOpening = unsafe inbound.pointee.opening != nil
        if let opening = unsafe inbound.pointee.opening {
            abandonAttempts()
            let isOwn = shared.withLock { $0.failure?.incident == .closedByOwner }
            if !isOwn { noteAddress(of: opening, worked: false) }
        }
        unsafe inbound.pointee.opening = nil
        unsafe inbound.pointee.registration.map(loop.deregister)
        unsafe inbound.pointee.registration = nil
        unsafe inbound.pointee.socket = nil
        let isUnused = shared.withLock { shared in
            // The opener's duty ends with the opening.
            if wasOpening { _ = shared.machine.releaseDuty() }
            return shared.machine.duty == .idle
        }
        // Nobody takes the duty of a closed connection: if it is idle, the loop owns the state that it
        // protects.
        if isUnused, let tls = unsafe outbound.pointee.tls {
            unsafe tls.sendCloseNotify(&outbound.pointee.wire)
            _ = pump()
        }
        if shared.withLock({ $0.machine.loopDidRelease() }) == .closeDescriptor { finish() }
    }

    /// Closes the descriptor. Called once, by its last holder.
    func finish() {
        // Where packets get lost, the kernel would send commands again for a quarter of an hour after the
        // end: a write would be carried out after those that followed it by other ways.
        if shared.withLock({ $0.isUnanswered }) { unsafe outbound.pointee.socket?.resetOnClose() }
        unsafe outbound.pointee.socket?.close()
        let (failure, closing) = shared.withLock { shared in
            shared.isOver = true
            defer { shared.closing = [] }
            return (shared.failure, shared.closing)
        }
        loop.execute { [self] in observer(.closed(failure ?? closedByOwner)) }
        closing.forEach { $0.resume() }
    }

    // MARK: Errors

    private var deadlinePassed: CachesError {
        if let opening = unsafe inbound.pointee.opening {
            var error = CachesError(
                .timeout,
                "The deadline passed before a connection to \(endpoint) was open; "
                    + "it was at: \(opening.stage).",
                advice: opening.stage.advice, node: configuration.name
            ).of(.stillOpening)
            error.wasNotSent = true
            return error
        }
        return CachesError(
            .timeout, "No reply came from \(endpoint) before the deadline.",
            advice: "Look at the server's load and SLOWLOG, or raise timeout=.", node: configuration.name
        ).of(.noReply)
    }

    private var stalled: CachesError {
        CachesError(
            .unreachable,
            "Nothing came from \(endpoint) for \(configuration.stallTimeout) while commands waited.",
            advice: "The server hangs, or the network drops its packets.", node: configuration.name
        ).of(.stalled)
    }
}
