internal import DequeModule

/// The states of a connection: which caller waits for which reply, which party may send, and when it is over.
///
/// A value without socket, clock or lock. It is told what happened and says what to do; `Connection` keeps it
/// under its lock and does it.
///
///     opening ──opened()──► ready ──drain()──► draining
///        └──────────────────────┴─────────────────┴────close()──► closed
///
/// **The queue.** A server answers in the order in which it was asked, so the replies belong to the entries
/// from the front. An entry whose caller has left (cancelled, or its deadline passed) stays, without a
/// waiter, until its reply has come and was dropped: that is how nobody ever gets another's reply.
///
/// **The duty.** At most one party sends at a time. The party that adds the first bytes gets the duty; others
/// only append. It may be `handed` to the flusher, which takes it up when it gets to run; if tasks that
/// compute for long keep it from that, the loop's tick rescues the duty. A full socket makes it `blocked`:
/// the next writable event takes it up. While the connection opens, the opener has it, so that commands wait
/// and follow the greeting.
///
/// **The descriptor** is in use by the loop until that lets go of it, and by the holder of the duty. The last
/// one to leave after `close()` is told to close it: earlier, its number could become another socket's.
struct ConnectionStateMachine<Waiter: Sendable>: Sendable {
    enum Phase: Hashable { case opening, ready, draining, closed }

    enum WriterRole: Hashable { case idle, held, handed(since: Int64), blocked }

    /// Why a command is not taken.
    enum Refusal: Hashable { case closed, tooManyBytes, tooManyCommands }

    /// Why a waiter is sent away before its reply has come.
    enum Departure: Hashable { case cancelled, deadlinePassed }

    /// The next step when a party lets go of the descriptor.
    enum Release: Hashable { case nothing, closeDescriptor }

    private struct Entry {
        var waiter: Waiter?
        var replies: Int
        var bytes: Int
        var since: Int64
        var deadline: Int64
    }

    private(set) var phase = Phase.opening
    private(set) var duty = WriterRole.held
    private(set) var bytesInFlight = 0
    private(set) var commandsInFlight = 0

    /// How many calls ended with the replies that came last.
    private(set) var endedTogether = 0

    private var queue = Deque<Entry>()
    /// The number of the call at the front of the queue. Calls are numbered in the order in which they are
    /// taken.
    private var front = 0
    /// The sign of life that is waited for.
    private var vigil: Vigil?
    /// How many signs of life were asked for.
    private var signsOfLife = 0
    /// The numbers of calls with a word so long that the server may refuse it. They fill their bytes, so they
    /// are few.
    private var large: [Int] = []
    private var loopHolds = true
    private var lastProgress: Int64 = 0
    private var drainsWhenOpen = false

    private let maximumBytes: Int
    private let maximumCommands: Int

    init(maximumBytes: Int, maximumCommands: Int) {
        self.maximumBytes = maximumBytes
        self.maximumCommands = maximumCommands
    }

    /// The number of the call whose replies are due.
    var firstCall: Int { front }

    /// How many calls wait, those whose caller has left included.
    var waiting: Int { queue.count }

    /// Whether a call was answered since the connection opened. Signs of life don't count.
    var wasOfUse: Bool { front > signsOfLife }

    // MARK: Commands

    /// Whether a call of `commands` commands can't be taken now. A call that is larger than the limits is
    /// taken when nothing else is in flight, or it could never be.
    func refusal(of commands: Int) -> Refusal? {
        guard phase == .opening && !drainsWhenOpen || phase == .ready else { return .closed }
        guard !queue.isEmpty else { return nil }
        guard bytesInFlight < maximumBytes else { return .tooManyBytes }
        guard commandsInFlight + commands <= maximumCommands else { return .tooManyCommands }
        return nil
    }

    /// Whether a sign of life can't be asked for now. It passes every bound: they are there to keep calls
    /// from piling up before a server, and whether it lives has to be known then more than ever.
    var refusesSignOfLife: Bool { phase == .closed || isDraining }

    /// Takes a call whose bytes were appended to the outgoing bytes.
    /// - Returns: Whether the duty has fallen to the caller.
    mutating func enqueue(
        _ waiter: Waiter, replies: Int, bytes: Int, now: Int64, deadline: Int64
    ) -> Bool {
        queue.append(Entry(waiter: waiter, replies: replies, bytes: bytes, since: now, deadline: deadline))
        bytesInFlight += bytes
        commandsInFlight += replies
        return takeDuty()
    }

    /// Takes a sign of life that is asked for: a call that leaves when nothing has moved for `patience`
    /// milliseconds.
    /// - Returns: Whether the duty has fallen to the caller.
    mutating func enqueueSignOfLife(
        _ waiter: Waiter, bytes: Int, now: Int64, patience: Int64, limit: Int64
    ) -> Bool {
        // One is watched over at a time. A former one that still waits leaves as any call does.
        if let former = vigil, former.call >= front { queue[former.call - front].deadline = now + patience }
        let call = front + queue.count
        vigil = Vigil(over: call, ahead: queue.count, now: now, patience: patience, limit: limit)
        signsOfLife += 1
        return enqueue(waiter, replies: 1, bytes: bytes, now: now, deadline: .max)
    }

    /// The call that was taken last has a word so long that the server may refuse it.
    mutating func noteLarge() {
        large.removeAll { $0 < front }
        large.append(front + queue.count - 1)
    }

    /// The waiting calls that may have made the server close the connection, by their places in the queue.
    var suspects: [Int] { large.filter { $0 >= front }.map { $0 - front } }

    /// Assigns the replies that came, in order, to the calls at the front of the queue.
    ///
    /// - Parameters:
    ///   - bytes: How much has come.
    ///   - replies: How many have come and belong to no call yet; those left when this returns are the front
    ///     call's first.
    ///   - completed: Gets each call that has all its replies: its waiter, nil if that has left, and how many
    ///     replies are its own.
    /// - Returns: false if replies came that nobody asked for.
    mutating func complete(
        _ replies: inout Int, bytes: Int, now: Int64, into completed: inout [(waiter: Waiter?, replies: Int)]
    ) -> Bool {
        lastProgress = now
        let before = queue.count
        defer {
            endedTogether = before - queue.count
            front &+= endedTogether
        }
        while let first = queue.first, first.replies <= replies {
            queue.removeFirst()
            bytesInFlight -= first.bytes
            commandsInFlight -= first.replies
            replies -= first.replies
            completed.append((first.waiter, first.replies))
        }
        guard replies != 0 else { return true }
        vigil?.moved(bytes)
        return !queue.isEmpty
    }

    /// Notes that commands went to the socket.
    mutating func progressed(now: Int64) { lastProgress = now }

    /// Notes that a part of a reply came, or a part of a command went.
    mutating func progressed(now: Int64, bytes: Int) {
        lastProgress = now
        vigil?.moved(bytes)
    }

    /// Whether the next ``expire(now:minimumAge:unsent:isCancelled:)`` needs the number of bytes that the
    /// peer has not got yet. While it opens, the opening has its own time.
    func looksAtUnsent(now: Int64) -> Bool { phase != .opening && (vigil?.isDue(now: now) ?? false) }

    /// Sends away the waiters that were cancelled or whose deadline has passed. Those that wait for less than
    /// `minimumAge` milliseconds are not looked at: under load that is all of them.
    ///
    /// - Parameter unsent: How many bytes the peer's system has not acknowledged, if that is known.
    mutating func expire(
        now: Int64, minimumAge: Int64, unsent: Int? = nil, isCancelled: (Waiter) -> Bool
    ) -> [(waiter: Waiter, departure: Departure)] {
        var departed: [(Waiter, Departure)] = []
        for index in queue.indices {
            guard now - queue[index].since >= minimumAge else { break }
            guard let waiter = queue[index].waiter else { continue }
            if queue[index].deadline <= now {
                queue[index].waiter = nil
                departed.append((waiter, .deadlinePassed))
            } else if isCancelled(waiter) {
                queue[index].waiter = nil
                departed.append((waiter, .cancelled))
            }
        }
        if let silent = expireSignOfLife(now: now, unsent: unsent) {
            departed.append((silent, .deadlinePassed))
        }
        return departed
    }

    private mutating func expireSignOfLife(now: Int64, unsent: Int?) -> Waiter? {
        guard let watched = vigil else { return nil }
        let place = watched.call - front
        guard place >= 0, let waiter = queue[place].waiter else {
            vigil = nil
            return nil
        }
        guard looksAtUnsent(now: now) else { return nil }
        let isSilent = vigil?.isSilent(now: now, ahead: place, unsent: unsent) ?? false
        // Bytes that moved only in the system's buffers have not been noted before.
        if vigil?.hasMoved == true { lastProgress = now }
        guard isSilent else { return nil }
        vigil = nil
        queue[place].waiter = nil
        return waiter
    }

    /// Whether replies are due, but the peer has neither sent nor taken anything for more than `limit`
    /// milliseconds.
    func isStalled(now: Int64, limit: Int64) -> Bool {
        guard phase == .ready || phase == .draining, let first = queue.first else { return false }
        return now - max(lastProgress, first.since) > limit
    }

    // MARK: The duty to send

    /// Takes the duty if nobody has it.
    mutating func takeDuty() -> Bool {
        guard duty == .idle, phase != .closed else { return false }
        duty = .held
        return true
    }

    /// The holder leaves it to the flusher.
    mutating func handOver(now: Int64) -> Release {
        guard phase != .closed else { return releaseDuty() }
        precondition(duty == .held, "the duty was handed over by someone who does not have it")
        duty = .handed(since: now)
        return .nothing
    }

    /// The flusher runs.
    /// - Returns: Whether the duty is its own; it may have been rescued, or the connection is closed.
    mutating func takeUp() -> Bool {
        guard case .handed = duty else { return false }
        duty = .held
        return true
    }

    /// The loop ticks.
    /// - Returns: Whether the duty is now the loop's, since the flusher has not run for `limit` milliseconds.
    mutating func rescue(now: Int64, limit: Int64) -> Bool {
        guard case .handed(let since) = duty, now - since >= limit else { return false }
        return takeUp()
    }

    /// The holder found nothing more to send, or can't.
    mutating func releaseDuty() -> Release {
        precondition(duty == .held, "the duty was released by someone who does not have it")
        duty = .idle
        return phase == .closed && !loopHolds ? .closeDescriptor : .nothing
    }

    /// The holder found the socket full: the next writable event takes the duty up.
    mutating func block() -> Release {
        guard phase != .closed else { return releaseDuty() }
        precondition(duty == .held, "the duty was given up by someone who does not have it")
        duty = .blocked
        return .nothing
    }

    /// The socket became writable.
    /// - Returns: Whether the duty is now the loop's.
    mutating func writable() -> Bool {
        guard duty == .blocked else { return false }
        duty = .held
        return true
    }

    // MARK: Beginning and end

    /// The greeting was answered. The opener keeps the duty, to send the gathered commands.
    mutating func opened(now: Int64) {
        precondition(phase == .opening, "a connection opens once")
        phase = drainsWhenOpen ? .draining : .ready
        lastProgress = now
        vigil?.begin(now: now)
    }

    /// Takes no more calls. Waiting calls may end.
    /// - Returns: Whether nothing waits, so that it can be closed.
    mutating func drain() -> Bool {
        switch phase {
        case .opening:
            drainsWhenOpen = true
            return queue.isEmpty
        case .ready:
            phase = .draining
            return queue.isEmpty
        case .draining: return queue.isEmpty
        case .closed: return false
        }
    }

    /// Whether it was told to drain.
    var isDraining: Bool { phase == .draining || phase == .opening && drainsWhenOpen }

    /// Whether it was told to drain and has.
    var isDrained: Bool { phase == .draining && queue.isEmpty }

    /// It is over.
    /// - Returns: The waiters to resume, with nil in the place of each that has left; nil if it was over
    ///   before.
    mutating func close() -> [Waiter?]? {
        guard phase != .closed else { return nil }
        phase = .closed
        if duty != .held { duty = .idle }
        defer {
            queue = []
            vigil = nil
            large = []
            bytesInFlight = 0
            commandsInFlight = 0
        }
        return queue.map(\.waiter)
    }

    /// The loop has let go of the descriptor, after `close()`.
    mutating func loopDidRelease() -> Release {
        precondition(phase == .closed, "the loop holds a connection's descriptor until it is closed")
        loopHolds = false
        return duty == .held ? .nothing : .closeDescriptor
    }
}
