internal import Synchronization

extension Connection: LoopMember {
    /// The least that one receipt takes in, however long its bytes take to be read.
    private static let leastAppetite = 2 << 10

    /// How long reading one receipt's bytes may take, in microseconds. 64 KiB of values take 20; of numbers
    /// in a list, the slowest kind, 2 000.
    private static let receiptTime: Int64 = 50

    /// How many waiters ahead of their turn the processor is told of: resuming so many takes about as long as
    /// a fetch from memory.
    private static let prefetched = 4

    /// How many replies' memory is kept for the next ones.
    private static let keptReplies = 1024

    func flush() { flush(as: .loop) }

    func descriptorReady(_ event: PollEvent) {
        guard unsafe inbound.pointee.opening == nil else { return advanceOpening(event) }
        if event.writable, isBlocked.exchange(false, ordering: .sequentiallyConsistent),
            shared.withLock({ $0.machine.writable() })
        {
            flush(as: .loop)
        }
        if event.readable { receive(untilEnd: event.ended) }
    }

    /// Receives from the socket. On the loop's thread.
    ///
    /// A short receipt means that the socket is drained, and the next bytes will be an event of their own;
    /// unless the end has been announced, which is an event only once. After a full one the rest comes in
    /// turns with others that have much to receive: see ``EventLoop``.
    func receive(untilEnd: Bool) {
        guard unsafe !inbound.pointee.isPutOff else {
            if untilEnd { unsafe inbound.pointee.endIsAnnounced = true }
            return
        }
        var receipt = unsafe receive(into: loop.receiveBuffer)
        if untilEnd {
            for _ in 0..<Self.lastReceipts where receipt == .short {
                receipt = unsafe receive(into: loop.receiveBuffer)
            }
        }
        guard receipt == .full || untilEnd && receipt == .short else { return }
        putOff(untilEnd: untilEnd)
    }

    /// How many short receipts there are at once until the end: with TLS and from proxies the last bytes come
    /// in pieces.
    private static let lastReceipts = 16

    /// Receives some of the bytes that were put off. How many at a time depends on how long they take to
    /// read, so that a server that sends slow replies without end does not keep the loop from others.
    func receiveMore() {
        unsafe inbound.pointee.isPutOff = false
        let untilEnd = unsafe inbound.pointee.endIsAnnounced
        let (appetite, start) = (unsafe inbound.pointee.appetite, MonotonicClock.preciseMicroseconds)
        let buffer = unsafe UnsafeMutableRawBufferPointer(rebasing: loop.receiveBuffer[..<appetite])
        let receipt = unsafe receive(into: buffer)
        guard receipt == .full || untilEnd && receipt == .short else { return }
        let time = MonotonicClock.preciseMicroseconds - start
        if time > Self.receiptTime {
            unsafe inbound.pointee.appetite = max(Self.leastAppetite, appetite / 2)
        } else if time < Self.receiptTime / 4 {
            unsafe inbound.pointee.appetite = min(appetite * 2, loop.receiveBuffer.count)
        }
        putOff(untilEnd: untilEnd)
    }

    private func putOff(untilEnd: Bool) {
        unsafe inbound.pointee.isPutOff = true
        unsafe inbound.pointee.endIsAnnounced = untilEnd
        loop.receiveLater(self)
    }

    private enum Receipt {
        /// There may be more.
        case full
        case short
        /// Nothing is there, or nothing more will come.
        case none
    }

    @inline(__always)
    private func receive(into buffer: UnsafeMutableRawBufferPointer) -> Receipt {
        // Gone when the loop has let go of the connection.
        guard let socket = unsafe inbound.pointee.socket else { return .none }
        switch unsafe socket.receive(into: buffer) {
        case .moved(let count):
            let bytes = unsafe UnsafeRawBufferPointer(rebasing: buffer[..<count])
            do throws(CachesError) { unsafe try take(bytes) } catch {
                // The end that TLS announces is the same for all who wait.
                error.code == .connectionLost ? failAtEnd(error) : fail(misread: error)
                return .none
            }
            return count < buffer.count ? .short : .full
        case .wouldBlock: return .none
        case .ended: failAtEnd(endOfStream())
        case .failed(let error): failAtEnd(connectionLost("while receiving: \(error)"))
        }
        return .none
    }

    /// The peer sends nothing more. On the loop's thread.
    func failAtEnd(_ error: CachesError) {
        guard unsafe inbound.pointee.opening == nil, unsafe inbound.pointee.reader.hasRefusedCommand else {
            return fail(error.of(.closedByPeer))
        }
        // A call of several commands gets no replies if one of them was refused: so the refusal is its error.
        guard case .error(let answer)? = unsafe inbound.pointee.replies.last, answer.refusesCommand else {
            return fail(error.of(.commandRefused))
        }
        fail(error.of(.commandRefused), first: answer.error(node: configuration.name).of(.commandRefused))
    }

    /// Decrypts, parses and hands out.
    func take(_ bytes: UnsafeRawBufferPointer) throws(CachesError) {
        guard let tls = unsafe inbound.pointee.tls else {
            return unsafe try digest(bytes)
        }
        var received = unsafe bytes
        while true {
            let plain = unsafe loop.plainTextBuffer
            let opened = unsafe tls.open(received, into: plain)
            unsafe try digest(UnsafeRawBufferPointer(rebasing: plain[..<opened.count]))
            if let failure = opened.failure { throw failure }
            if opened.mustSend { flushTLS() }
            if opened.peerClosed { throw endOfStream() }
            guard opened.hasMore else { return }
            unsafe received = UnsafeRawBufferPointer(start: nil, count: 0)
        }
    }

    /// Parses, and hands out. Callers get their replies up to one that can't be read; the caller of that one
    /// gets the error.
    private func digest(_ bytes: UnsafeRawBufferPointer) throws(CachesError) {
        do throws(CachesError) { unsafe try parse(bytes) } catch {
            try handOut(bytes.count)
            throw error
        }
        try handOut(bytes.count)
    }

    /// Parses bytes into `inbound.replies`.
    func parse(_ bytes: UnsafeRawBufferPointer) throws(CachesError) {
        var replies = unsafe inbound.pointee.replies
        unsafe inbound.pointee.replies = []
        defer { unsafe inbound.pointee.replies = replies }
        unsafe try inbound.pointee.reader.read(bytes) { replies.append($0) }
    }

    /// Resumes the callers whose replies have come, with so many bytes.
    private func handOut(_ bytes: Int) throws(CachesError) {
        guard unsafe inbound.pointee.opening == nil else { return try answerGreeting() }
        if let messages { deliver(messages) }
        let now = MonotonicClock.milliseconds
        var remaining = unsafe inbound.pointee.replies.count
        guard remaining > 0 else { return shared.withLock { $0.machine.progressed(now: now, bytes: bytes) } }
        var completed = unsafe inbound.pointee.completed
        unsafe inbound.pointee.completed = []
        let (wasAsked, isDrained) = shared.withLock { shared in
            let wasAsked = shared.machine.complete(&remaining, bytes: bytes, now: now, into: &completed)
            return (wasAsked, shared.machine.isDrained)
        }
        var (next, isOverBudget) = (0, false)
        for (waiter, _) in completed.prefix(Self.prefetched) { waiter?.prefetch() }
        for index in completed.indices {
            let later = index + Self.prefetched
            if later < completed.count { completed[later].waiter?.prefetch() }
            let (waiter, count) = completed[index]
            unsafe waiter?.resume(taking: next..<next + count, of: &inbound.pointee.replies)
            next += count
        }
        if unsafe next == inbound.pointee.replies.count {
            unsafe inbound.pointee.replies.removeAll(keepingCapacity: next <= Self.keptReplies)
        } else {
            unsafe inbound.pointee.replies.removeFirst(next)
            // The remaining replies belong to one call, and wait for its others.
            let call = shared.withLock { $0.machine.firstCall }
            unsafe isOverBudget = inbound.pointee.kept.add(bytes, of: call) > maximumKeptBytes
        }
        completed.removeAll(keepingCapacity: true)
        unsafe inbound.pointee.completed = completed
        guard wasAsked else {
            throw CachesError(
                .protocolViolation, "The server sent a reply that nobody asked for.",
                advice: "No command of this library is answered so; check what else speaks on this port."
            ).of(.unaskedReply)
        }
        guard !isOverBudget else { throw repliesTooLarge }
        if isDrained { abort() }
    }

    /// How many bytes of replies wait for others of the same call.
    private var maximumKeptBytes: Int { max(configuration.maximumReplyBytes, 512 << 20) }

    // MARK: Errors

    private var repliesTooLarge: CachesError {
        CachesError(
            .tooLarge,
            "The server answered one call of several commands with more than \(maximumKeptBytes) bytes.",
            advice: "Ask for less at once, or raise max-reply-bytes."
        ).of(.replyTooLarge)
    }

    func connectionLost(_ how: String) -> CachesError {
        CachesError(
            .connectionLost, "The connection to \(endpoint) was lost \(how).",
            advice: "Check that the server runs; the next call connects again.", node: configuration.name)
    }

    private func endOfStream() -> CachesError {
        connectionLost(
            unsafe inbound.pointee.reader.isInsideReply
                ? "in the middle of a reply: the server closed it" : "because the server closed it")
    }
}
