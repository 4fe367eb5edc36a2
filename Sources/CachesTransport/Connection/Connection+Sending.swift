internal import Synchronization

extension Connection {
    /// The holder of the duty to send.
    enum Sender {
        /// A task that sends a command.
        case caller
        /// The connection's ``Flusher``.
        case flusher
        /// The loop's thread.
        case loop
    }

    /// Callers send by themselves as long as no more calls than this are in flight, nor ended together just
    /// now. Above it, another call's bytes are likely to come within the time of a system call, and it pays
    /// to gather them: of tasks that were answered together, the first would else send its command alone, and
    /// wake the server for it.
    private static let loneCallers = 2

    /// A word of more bytes may be more than the server takes: 1 MiB is the least that its
    /// `proto-max-bulk-len` and `client-query-buffer-limit` can be set to.
    package static let suspiciousBytes = 1 << 20

    private enum Submission {
        case refused(ConnectionStateMachine<Waiter>.Refusal)
        case tooLarge(bytes: Int)
        /// A party sends, or will.
        case queued(isFirst: Bool)
        /// The duty is the caller's.
        case mustFlush
        /// The duty was handed to the flusher.
        case mustSignal
    }

    /// Encodes one command and queues its waiter.
    @usableFromInline
    func submit(
        _ continuation: ReplyContinuation<Reply>, _ deadline: Deadline, _ write: (inout CommandWriter) -> Void
    ) {
        submit(.one(continuation), replies: 1, deadline, write)
    }

    /// Encodes a call's commands and queues its waiter.
    func submit(
        _ continuation: Waiter.Continuation, replies: Int, _ deadline: Deadline,
        _ write: (inout CommandWriter) -> Void
    ) {
        let waiter = Waiter(continuation)
        guard !waiter.isCancelled else { return continuation.resume(throwing: CancellationError()) }
        let now = MonotonicClock.milliseconds
        guard deadline.milliseconds > now else {
            return continuation.resume(throwing: Self.tooLate.at(configuration.name))
        }
        let isOnLoop = loop.isCurrent
        let submission = shared.withLock { shared in
            let submission = Self.encode(waiter, replies, now, deadline, &shared, write)
            guard case .mustFlush = submission, !isOnLoop,
                max(shared.machine.waiting, shared.machine.endedTogether) > Self.loneCallers
            else { return submission }
            _ = shared.machine.handOver(now: now)
            return .mustSignal
        }
        switch submission {
        case .refused(let refusal): continuation.resume(throwing: error(for: refusal))
        case .tooLarge(let bytes):
            continuation.resume(
                throwing: CommandWriter.tooLarge(bytes).at(configuration.name).of(.commandTooLarge))
        case .queued(let isFirst):
            if isFirst { loop.noteWaiting() }
        case .mustFlush:
            if isOnLoop { loop.flushAtEndOfTurn(self) } else { flush(as: .caller) }
            loop.noteWaiting()
        case .mustSignal:
            flusher.signal()
            loop.noteWaiting()
        }
    }

    /// Asks whether the peer lives: encodes one small command, and waits for its reply as long as bytes move.
    ///
    /// It is taken however many calls wait. No time is set for the whole: it ends when nothing has moved for
    /// `patience`, or with the connection. See ``Vigil``.
    ///
    /// - Throws: ``CachesError``, also for an error that the server answers.
    package func signOfLife(
        patience: Duration, _ write: (inout CommandWriter) -> Void
    ) async throws -> Reply {
        let reply = try await ReplyContinuation<Reply>.wait { continuation in
            submitSignOfLife(continuation, patience, write)
        }
        if case .error(let error) = reply { throw error.error(node: configuration.name) }
        return reply
    }

    private func submitSignOfLife(
        _ continuation: ReplyContinuation<Reply>, _ patience: Duration,
        _ write: (inout CommandWriter) -> Void
    ) {
        let waiter = Waiter(.one(continuation))
        guard !waiter.isCancelled else { return continuation.resume(throwing: CancellationError()) }
        let mustSignal: Bool? = shared.withLock { shared in
            guard !shared.machine.refusesSignOfLife else { return nil }
            let now = MonotonicClock.milliseconds
            let before = shared.writer.buffer.count
            shared.writer.start()
            write(&shared.writer)
            shared.writer.finish(expecting: 1)
            let mustFlush = shared.machine.enqueueSignOfLife(
                waiter, bytes: shared.writer.buffer.count - before, now: now,
                patience: patience.wholeMilliseconds, limit: configuration.stallTimeout.wholeMilliseconds)
            // Never sent by the caller itself: one more round trip does not matter here.
            if mustFlush { _ = shared.machine.handOver(now: now) }
            return mustFlush
        }
        guard let mustSignal else { return continuation.resume(throwing: error(for: .closed)) }
        if mustSignal { flusher.signal() }
        loop.noteWaiting()
    }

    private static func encode(
        _ waiter: Waiter, _ replies: Int, _ now: Int64, _ deadline: Deadline, _ shared: inout Shared,
        _ write: (inout CommandWriter) -> Void
    ) -> Submission {
        if let refusal = shared.machine.refusal(of: replies) { return .refused(refusal) }
        let before = shared.writer.buffer.count
        shared.writer.start()
        write(&shared.writer)
        shared.writer.finish(expecting: replies)
        guard shared.writer.largestArgument <= CommandWriter.maximumArgumentBytes else {
            shared.writer.buffer.truncate(to: before)
            return .tooLarge(bytes: shared.writer.largestArgument)
        }
        let isFirst = shared.machine.waiting == 0
        let mustFlush = shared.machine.enqueue(
            waiter, replies: replies, bytes: shared.writer.buffer.count - before, now: now,
            deadline: deadline.milliseconds)
        if shared.writer.largestArgument > suspiciousBytes { shared.machine.noteLarge() }
        return mustFlush ? .mustFlush : .queued(isFirst: isFirst)
    }

    // MARK: Errors

    private static let tooLate = {
        var error = CachesError(
            .timeout, "The deadline had passed before the command was sent.",
            advice: "Give the call more time, or look for what took it before this call.")
        error.wasNotSent = true
        error.incident = .tooLate
        return error
    }()

    private func error(for refusal: ConnectionStateMachine<Waiter>.Refusal) -> CachesError {
        switch refusal {
        case .closed:
            var error = shared.withLock { $0.failure } ?? closedByOwner
            error.wasNotSent = true
            return error
        case .tooManyBytes:
            return CachesError(
                .overloaded,
                "More than \(configuration.maximumBytesInFlight) bytes of commands wait for this node.",
                advice: "Send less at once, or raise max-in-flight-bytes.", node: configuration.name
            ).of(.overloaded)
        case .tooManyCommands:
            return CachesError(
                .overloaded,
                "\(configuration.maximumCommandsInFlight) commands wait for this node.",
                advice: "Send fewer at once, or raise max-in-flight.", node: configuration.name
            ).of(.overloaded)
        }
    }
}

// MARK: - With the duty

extension Connection {
    /// Sends the waiting bytes, until all are gone or the socket is full. The caller holds the duty and gives
    /// it up here.
    func flush(as sender: Sender) {
        var isFirstRound = true
        while true {
            switch pump() {
            case nil: break
            case .wouldBlock:
                guard leaveToLoop() else { continue }
                return
            case .failed(let error): return stopFlushing(afterSending: error)
            case .moved, .ended: preconditionFailure("pumping ends with nothing left, or with a reason")
            }
            switch takeMore() {
            case .something: break
            case .nothing(let release):
                if release == .closeDescriptor { finish() }
                return
            }
            do throws(CachesError) { try seal() } catch { return stopFlushing(error) }
            // A caller has a reply of its own to wait for: it sends once, and leaves bytes that others add
            // meanwhile.
            if sender == .caller, !isFirstRound { return handOver() }
            isFirstRound = false
        }
    }

    /// Sends the bytes taken, until all are gone (nil) or the socket takes no more. The caller holds the
    /// duty.
    func pump() -> Socket.Progress? {
        guard let socket = unsafe outbound.pointee.socket else { return nil }
        return unsafe outbound.pointee.tls == nil
            ? Self.pump(&outbound.pointee.plain, to: socket) : Self.pump(&outbound.pointee.wire, to: socket)
    }

    private static func pump(_ buffer: inout OutgoingBuffer, to socket: Socket) -> Socket.Progress? {
        while !buffer.isEmpty {
            let progress = unsafe buffer.withPending { unsafe socket.send($0) }
            guard case .moved(let count) = progress else { return progress }
            buffer.consume(count)
        }
        return nil
    }

    /// Gives the duty up until the socket is writable.
    ///
    /// The loop may have been told of that already, before the duty said that it waits for it, and would not
    /// be told again. So the socket is tried once more in the same step: if it still takes nothing, the
    /// loop's news can only come after that step.
    /// - Returns: false if the socket took something after all: the caller goes on.
    private func leaveToLoop() -> Bool {
        let release: ConnectionStateMachine<Waiter>.Release? = shared.withLock { shared in
            // Before the socket is tried: news that comes right after must find it set.
            isBlocked.store(true, ordering: .sequentiallyConsistent)
            guard case .wouldBlock = pump() else { return nil }
            // A part of a large value may have gone: that is progress, however long the whole takes.
            shared.machine.progressed(now: MonotonicClock.milliseconds, bytes: newlySent())
            return shared.machine.block()
        }
        if release == .closeDescriptor { finish() }
        return release != nil
    }

    /// How many bytes have gone to the socket since the last call. The caller holds the duty.
    private func newlySent() -> Int {
        let sent = unsafe outbound.pointee.plain.sent + outbound.pointee.wire.sent
        let before = unsafe outbound.pointee.notedAsSent
        unsafe outbound.pointee.notedAsSent = sent
        // Less than before: those bytes have all gone, and these were taken since.
        return sent < before ? sent : sent - before
    }

    private enum Taken {
        case something
        case nothing(ConnectionStateMachine<Waiter>.Release)
    }

    private func takeMore() -> Taken {
        shared.withLock { shared in
            guard shared.machine.phase != .closed, !shared.writer.buffer.isEmpty || shared.mustSendTLS else {
                return .nothing(shared.machine.releaseDuty())
            }
            shared.mustSendTLS = false
            // All that was taken before is with the kernel now.
            shared.machine.progressed(now: MonotonicClock.milliseconds)
            unsafe swap(&shared.writer.buffer, &outbound.pointee.plain)
            return .something
        }
    }

    /// Encrypts the bytes taken, if the connection is encrypted.
    func seal() throws(CachesError) {
        guard let tls = unsafe outbound.pointee.tls else { return }
        unsafe try tls.seal(&outbound.pointee.plain, into: &outbound.pointee.wire)
    }

    /// Leaves the rest to the flusher.
    private func handOver() {
        let release = shared.withLock { $0.machine.handOver(now: MonotonicClock.milliseconds) }
        if release == .closeDescriptor { finish() }
        flusher.signal()
    }

    /// Sends the bytes handed over, unless the loop did.
    func flushHandedOver() {
        if shared.withLock({ $0.machine.takeUp() }) { flush(as: .flusher) }
    }

    /// The peer takes nothing more. Its last words may lie unread in the socket, such as a refusal of the
    /// command being sent. So the receiver reports the end, on the loop.
    private func stopFlushing(afterSending error: SystemError) {
        let lost = connectionLost("while sending: \(error)")
        loop.execute { [self] in
            receive(untilEnd: true)
            // Else there is so much to read that the next turn goes on with it, and finds the end.
            if unsafe !inbound.pointee.isPutOff { failAtEnd(lost) }
            // Until here nobody else tries to send.
            if shared.withLock({ $0.machine.releaseDuty() }) == .closeDescriptor { finish() }
        }
    }

    private func stopFlushing(_ error: CachesError) {
        fail(error)
        let release = shared.withLock { $0.machine.releaseDuty() }
        if release == .closeDescriptor { finish() }
    }

    /// Sends TLS's own records, such as a key update. On the loop's thread.
    func flushTLS() {
        let mustFlush = shared.withLock { shared in
            shared.mustSendTLS = true
            return shared.machine.takeDuty()
        }
        if mustFlush { flush(as: .loop) }
    }
}
