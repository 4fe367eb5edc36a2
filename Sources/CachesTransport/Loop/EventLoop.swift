private import CachesPlatform
private import DequeModule
internal import Synchronization

/// One thread that waits for all sockets, and runs what must happen when one of them is ready.
///
/// A turn of the loop:
///
///      ┌─► take in what other threads left in the inbox
///      │   run jobs (tasks that prefer this loop as their executor)
///      │   flush the connections that were written to in this turn
///      │   wait for sockets   ◄── wake() from other threads
///      │   tell each member whose socket is ready; they resume tasks, which become jobs here or elsewhere
///      │   go on with those that have much to receive, one after the other, until their time is over
///      └── tick and fire timers, if their time has come
///
/// **Fairness.** A socket that is ready is received from once, which is enough for nearly all. A socket with
/// more than fits into the buffer takes turns with others like it, for a fifth of a millisecond of each turn
/// of the loop, and takes as little at a time as a twentieth is enough for. So a server that sends without
/// end, or that sends slow replies, costs all others no more than that.
///
/// **Sleeping.** Waking a thread that waits in epoll costs a system call, so a thread that leaves work for
/// the loop does so only if the loop really sleeps. `posture` says what it does:
///
/// | posture  | the loop                      | a job or action is left | a command starts to wait |
/// |----------|-------------------------------|-------------------------|--------------------------|
/// | running  | will look at its inbox again  | nothing to do           | nothing to do            |
/// | dozing   | waits at most a tick          | wake                    | nothing to do            |
/// | sleeping | waits for as long as it takes | wake                    | wake                     |
/// | notified | was told not to wait          | nothing to do           | nothing to do            |
///
/// Both races are closed by order. A job is put into the inbox *before* posture is exchanged for `notified`,
/// and the loop looks into the inbox *after* it has said `running`. A command joins its connection's queue
/// *before* its sender reads posture, and the loop asks all members `needsTicks` (which takes each one's
/// lock) *after* it has said `sleeping`: one of the two sees the other.
///
/// **Ownership.** A registered member is held by the loop until it has been deregistered, on the loop's
/// thread: an event that is already in the loop's hands never meets a freed object. Tokens carry a
/// generation, so that an event for a descriptor that was closed and reused in the same turn is dropped.
///
/// The loop runs for as long as the process does. It can be the executor of tasks: see
/// ``CachesTransport/EventLoop/enqueue(_:)``.
// Safe: see `state`.
@safe public final class EventLoop: Sendable {
    /// How often waiting commands are looked at for deadlines and cancellation: half of the 10 ms in which a
    /// cancelled task is promised to be resumed.
    static let tickMilliseconds: Int64 = 5

    /// How many jobs run before the sockets are looked at again.
    private static let jobsPerTurn = 1024

    /// How long a turn goes on with those that have much to receive, in microseconds: a round trip on a local
    /// network, and fifty times the cost of a turn by itself.
    private static let receivingTime: Int64 = 200

    private enum LoopState {
        static let running: UInt8 = 0
        static let dozing: UInt8 = 1
        static let sleeping: UInt8 = 2
        static let notified: UInt8 = 3
    }

    private struct Inbox: Sendable {
        var jobs: [UnownedJob] = []
        var actions: [@Sendable () -> Void] = []

        /// Empties it, and gives a burst's memory back.
        mutating func clear() {
            jobs.removeAll(keepingCapacity: jobs.capacity <= 4096)
            actions.removeAll(keepingCapacity: actions.capacity <= 4096)
        }
    }

    private struct Slot {
        var member: (any LoopMember)?
        var generation: UInt32 = 0
    }

    /// The state that only the loop's thread touches.
    private struct Confined: ~Copyable {
        var poller: Poller
        var slots: [Slot] = []
        var freeSlots: [Int] = []
        var timers = TimerQueue()
        var jobs = Deque<UnownedJob>()
        var toFlush: [any LoopMember] = []
        /// Those that have more to receive.
        var toReceive = Deque<any LoopMember>()
        /// The inbox's buffers and these change places, so that taking it in allocates nothing.
        var taken = Inbox()
        var lastTick: Int64 = 0
        /// Whether the last wait ended without an event.
        var isIdle = false
    }

    private let posture = Atomic<UInt8>(LoopState.running)
    private let inbox = Locked(Inbox())
    private let timerIdentifiers = Atomic<UInt64>(1)
    private let name: String

    /// The descriptor that wakes the poller; less than 0 while the process has no descriptors to spare for
    /// one. Written by the loop's thread, once.
    private let wakeDescriptor = Atomic<Int32>(-1)

    // The pointer is set once in init and points to memory that lives as long as the loop, that is, for ever.
    // Only the loop's thread touches that memory.
    private nonisolated(unsafe) let state: UnsafeMutablePointer<Confined>

    /// The buffer that sockets receive into, shared by all connections of the loop: an idle one owns no such
    /// buffer.
    // Like `state`: set once, never freed, its bytes touched by the loop's thread alone.
    nonisolated(unsafe) let receiveBuffer: UnsafeMutableRawBufferPointer

    /// The buffer that TLS decrypts into, under the same terms.
    nonisolated(unsafe) let plainTextBuffer: UnsafeMutableRawBufferPointer

    /// The most that one system call receives: four TLS records of full size.
    private static let bufferBytes = 64 << 10

    // Written by the loop's thread before `init` returns (it waits for that), never after.
    private let thread = Atomic<UInt>(0)

    init(name: String) {
        self.name = name
        unsafe state = .allocate(capacity: 1)
        unsafe state.initialize(to: Confined(poller: Poller()))
        let buffers = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * Self.bufferBytes, alignment: 64)
        unsafe receiveBuffer = UnsafeMutableRawBufferPointer(rebasing: buffers[..<Self.bufferBytes])
        unsafe plainTextBuffer = UnsafeMutableRawBufferPointer(rebasing: buffers[Self.bufferBytes...])
        startThread()
    }

    /// Whether the caller runs on the loop's thread.
    public var isCurrent: Bool { thread.load(ordering: .relaxed) == currentThread() }

    /// Runs `action` on the loop's thread, soon. It must not block.
    package func execute(_ action: @escaping @Sendable () -> Void) {
        inbox.withLock { $0.actions.append(action) }
        wake()
    }

    /// Makes sure that the loop ticks, since something waits now.
    func noteWaiting() {
        if posture.load(ordering: .sequentiallyConsistent) == LoopState.sleeping { wake() }
    }

    private func wake() {
        let before = posture.exchange(LoopState.notified, ordering: .sequentiallyConsistent)
        guard before == LoopState.dozing || before == LoopState.sleeping else { return }
        let descriptor = wakeDescriptor.load(ordering: .acquiring)
        if descriptor >= 0 { Poller.wake(descriptor) }
    }
}

// MARK: - For members, on the loop's thread

extension EventLoop {
    /// A member's place on the loop.
    struct Registration: Sendable {
        fileprivate let slot: Int
        fileprivate let descriptor: Int32?
    }

    /// Gives `member` the events of `descriptor`, and ticks. Without a descriptor, only ticks.
    func register(_ member: any LoopMember, _ descriptor: Int32?) throws(CachesError) -> Registration {
        assertCurrent()
        let slot = unsafe state.pointee.freeSlots.popLast() ?? state.pointee.slots.count
        if unsafe slot == state.pointee.slots.count { unsafe state.pointee.slots.append(Slot()) }
        if let descriptor {
            do throws(CachesError) {
                try openPoller()
                let generation = unsafe state.pointee.slots[slot].generation
                let token = UInt64(generation) << 32 | UInt64(slot)
                try unsafe state.pointee.poller.add(descriptor, token: token)
            } catch {
                unsafe state.pointee.freeSlots.append(slot)
                throw error
            }
        }
        unsafe state.pointee.slots[slot].member = member
        return Registration(slot: slot, descriptor: descriptor)
    }

    /// Opens the poller. In a process without a free descriptor, each call that would use one throws, until
    /// one is free.
    private func openPoller() throws(CachesError) {
        guard wakeDescriptor.load(ordering: .relaxed) < 0 else { return }
        try unsafe state.pointee.poller.open()
        wakeDescriptor.store(unsafe state.pointee.poller.wakeDescriptor, ordering: .releasing)
    }

    /// Ends a registration by ``register(_:_:)``. The descriptor may be closed after it.
    func deregister(_ registration: Registration) {
        assertCurrent()
        if let descriptor = registration.descriptor { unsafe state.pointee.poller.remove(descriptor) }
        unsafe state.pointee.slots[registration.slot].member = nil
        unsafe state.pointee.slots[registration.slot].generation &+= 1
        unsafe state.pointee.freeSlots.append(registration.slot)
    }

    /// Calls the member's `flush()` when the tasks that are ready have run, so that one system call carries
    /// all their commands.
    func flushAtEndOfTurn(_ member: any LoopMember) {
        assertCurrent()
        unsafe state.pointee.toFlush.append(member)
    }

    /// Calls the member's `receiveMore()`, once, when it is its turn.
    func receiveLater(_ member: any LoopMember) {
        assertCurrent()
        unsafe state.pointee.toReceive.append(member)
    }

    private func assertCurrent() {
        assert(isCurrent, "this may only be called on the event loop's thread")
    }
}

// MARK: - Timers

extension EventLoop {
    /// Names a timer, to cancel it by.
    public struct TimerToken: Hashable, Sendable {
        let identifier: UInt64
    }

    /// Runs `action` on the loop's thread after `delay`, give or take the clock's 1 to 10 ms. It must not
    /// block. A timer that is not cancelled keeps the objects that `action` refers to.
    @discardableResult
    public func schedule(after delay: Duration, _ action: @escaping @Sendable () -> Void) -> TimerToken {
        let identifier = timerIdentifiers.wrappingAdd(1, ordering: .relaxed).newValue
        let due = Deadline.after(delay).milliseconds
        execute { [self] in
            unsafe state.pointee.timers.add(identifier, due: due, action)
        }
        return TimerToken(identifier: identifier)
    }

    /// Forgets a timer. One that is due at this moment may still run.
    public func cancel(_ token: TimerToken) {
        execute { [self] in unsafe state.pointee.timers.remove(token.identifier) }
    }
}

// MARK: - As an executor

extension EventLoop: TaskExecutor {
    /// Takes a job of a task that prefers this loop.
    ///
    /// Tasks that run here wait for no other thread between a reply and its use, which halves the CPU time of
    /// a small command. The price: **a task that blocks or computes for long stalls all sockets of the
    /// loop.** It is therefore opt-in:
    ///
    /// ```swift
    /// await withTaskExecutorPreference(EventLoops.forTasks) { … }
    /// ```
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        guard !isCurrent else { return unsafe state.pointee.jobs.append(job) }
        inbox.withLock { $0.jobs.append(job) }
        wake()
    }
}

// MARK: - The thread

extension EventLoop {
    private func startThread() {
        // The thread owns one reference to the loop, for ever.
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        #if canImport(Darwin)
            var handle: pthread_t?
        #else
            var handle = pthread_t()
        #endif
        let status = unsafe pthread_create(
            &handle, nil,
            { context in
                #if canImport(Darwin)
                    let loop = unsafe Unmanaged<EventLoop>.fromOpaque(context).takeUnretainedValue()
                #else
                    let loop = unsafe Unmanaged<EventLoop>.fromOpaque(context!).takeUnretainedValue()
                #endif
                loop.thread.store(currentThread(), ordering: .releasing)
                setThreadName(loop.name)
                loop.run()
            }, context)
        guard status == 0 else {
            fatalError("caches can't start its event loop's thread. \(SystemError(number: status))")
        }
        while thread.load(ordering: .acquiring) == 0 { sched_yield() }
    }

    private func run() -> Never {
        blockSignals()
        // If that fails, it is tried again for the first socket.
        try? openPoller()
        var events: [PollEvent] = []
        events.reserveCapacity(pollEventsAtOnce)
        while true {
            takeInbox()
            runJobs()
            flushWritten()
            events.removeAll(keepingCapacity: true)
            wait(into: &events)
            for event in events {
                let slot = Int(truncatingIfNeeded: event.token & 0xFFFF_FFFF)
                let generation = UInt32(truncatingIfNeeded: event.token >> 32)
                guard unsafe state.pointee.slots[slot].generation == generation,
                    let member = unsafe state.pointee.slots[slot].member
                else { continue }
                member.descriptorReady(event)
            }
            receivePutOff()
            // After the sockets: a loop that was kept from running must not call a reply late that is there.
            passTime()
        }
    }

    private func takeInbox() {
        inbox.withLock { unsafe swap(&$0, &state.pointee.taken) }
        unsafe state.pointee.jobs.append(contentsOf: state.pointee.taken.jobs)
        // By index: an action may leave another, which goes to the inbox and not into this list.
        var next = 0
        while let action = unsafe next < state.pointee.taken.actions.count
            ? state.pointee.taken.actions[next] : nil
        {
            action()
            next += 1
        }
        unsafe state.pointee.taken.clear()
    }

    private func runJobs() {
        let executor = unsafe asUnownedTaskExecutor()
        for _ in 0..<Self.jobsPerTurn {
            guard let job = unsafe state.pointee.jobs.popFirst() else { return }
            unsafe job.runSynchronously(on: executor)
        }
    }

    private func flushWritten() {
        while let member = unsafe state.pointee.toFlush.popLast() { member.flush() }
    }

    private func receivePutOff() {
        guard unsafe !state.pointee.toReceive.isEmpty else { return }
        let end = MonotonicClock.preciseMicroseconds + Self.receivingTime
        while let member = unsafe state.pointee.toReceive.popFirst() {
            member.receiveMore()
            guard MonotonicClock.preciseMicroseconds < end else { return }
        }
    }

    private func passTime() {
        let now = MonotonicClock.preciseMilliseconds
        guard unsafe now - state.pointee.lastTick >= Self.tickMilliseconds else { return }
        unsafe state.pointee.lastTick = now
        // By index: a member may leave, or another come, while they are told.
        var slot = 0
        while unsafe slot < state.pointee.slots.count {
            if let member = unsafe state.pointee.slots[slot].member { member.tick(now: now) }
            slot += 1
        }
        while let action = unsafe state.pointee.timers.popDue(now: now) { action() }
    }

    private func wait(into events: inout [PollEvent]) {
        var timeout = Int32(Self.tickMilliseconds)
        if unsafe !state.pointee.jobs.isEmpty || !state.pointee.toFlush.isEmpty
            || !state.pointee.toReceive.isEmpty
        {
            timeout = 0
        } else if unsafe state.pointee.isIdle, takePosture(LoopState.sleeping) {
            if anyMemberNeedsTicks {
                posture.store(LoopState.running, ordering: .sequentiallyConsistent)
                if !takePosture(LoopState.dozing) { timeout = 0 }
            } else {
                timeout = -1
                if let due = unsafe state.pointee.timers.earliest {
                    timeout = Int32(clamping: max(0, due - MonotonicClock.milliseconds) + 1)
                }
            }
        } else if !takePosture(LoopState.dozing) {
            timeout = 0
        }
        unsafe state.pointee.poller.wait(milliseconds: timeout, into: &events)
        unsafe state.pointee.isIdle = events.isEmpty
        posture.store(LoopState.running, ordering: .sequentiallyConsistent)
    }

    /// Says what the loop is about to do, unless work has been left for it in the meantime.
    private func takePosture(_ wanted: UInt8) -> Bool {
        posture.compareExchange(
            expected: LoopState.running, desired: wanted, ordering: .sequentiallyConsistent
        ).exchanged
    }

    private var anyMemberNeedsTicks: Bool {
        unsafe state.pointee.slots.contains { $0.member?.needsTicks ?? false }
    }
}

private func setThreadName(_ name: String) {
    #if canImport(Darwin)
        unsafe _ = pthread_setname_np(name)
    #else
        unsafe caches_set_thread_name(name)
    #endif
}

/// Signals are the application's business: none is delivered to the loop's thread, except those that a fault
/// of its own code raises, for the application's crash handler.
private func blockSignals() {
    var signals = sigset_t()
    unsafe sigfillset(&signals)
    for fault in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE] { unsafe sigdelset(&signals, fault) }
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
}
