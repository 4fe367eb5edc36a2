import CachesTransport

/// A flight whose type of values is not known.
protocol AnyFlight: AnyObject, Sendable {
    /// The key is written: the computed value is not stored from now on.
    /// - Returns: Whether it is being stored right now.
    func void() -> Bool

    /// Waits until nothing is being stored.
    /// - Throws: `CancellationError`.
    func waitUntilStored() async throws
}

/// One computation of a value, and the tasks that wait for it: ``FlightStateMachine`` with its continuations.
///
/// The lock is held to decide. Callers that are told something are resumed after it.
final class Flight<Value: Sendable>: AnyFlight {
    typealias Ticket = FlightStateMachine.Ticket
    typealias Lead = FlightStateMachine.Lead

    /// The message to a waiter.
    enum News: Sendable {
        case value(Value)
        case failure(any Error)
        /// The leader was cancelled. The caller that gets this computes the value.
        case lead(Lead)
        /// It has no result that can be shared: look at the cache, and join another flight.
        case again
    }

    private enum Waiter: Sendable {
        /// It has joined, and is about to wait.
        case expected
        case waiting(CheckedContinuation<News, any Error>)
        /// It was told before it waited.
        case told(News)
        /// It was cancelled before it waited.
        case cancelled
    }

    private struct Shared: Sendable {
        var machine: FlightStateMachine
        var waiters: [Ticket: Waiter] = [:]
        /// Writers of the key that wait for the end of storing.
        var writers: [Ticket: CheckedContinuation<Void, any Error>] = [:]
        var timer: EventLoop.TimerToken?
        private var last: Ticket = 0

        init(_ machine: FlightStateMachine) { self.machine = machine }

        mutating func nextTicket() -> Ticket {
            last += 1
            return last
        }

        /// - Returns: The waiters to resume with it. A task that does not wait yet finds it later.
        mutating func tell(_ news: News, _ tickets: [Ticket]) -> [CheckedContinuation<News, any Error>] {
            tickets.compactMap { ticket in
                guard case .waiting(let continuation) = waiters.removeValue(forKey: ticket) else {
                    waiters[ticket] = .told(news)
                    return nil
                }
                return continuation
            }
        }
    }

    private let shared: Locked<Shared>
    private let began = ContinuousClock.now

    /// - Parameter isShared: Whether others may wait for it.
    init(isShared: Bool) { shared = Locked(Shared(FlightStateMachine(isShared: isShared))) }

    // MARK: For waiters

    /// Whether no other caller leads it after this one.
    func isLed(by lead: Lead) -> Bool { shared.withLock { $0.machine.isLed(by: lead) } }

    /// Joins the waiters; nil: this flight can't be joined, or it has taken longer than `longest` by now.
    func join(longest: Duration) -> Ticket? {
        guard ContinuousClock.now - began < longest else {
            giveUp()
            return nil
        }
        return shared.withLock { shared in
            let ticket = shared.nextTicket()
            guard shared.machine.join(ticket) else { return nil }
            shared.waiters[ticket] = .expected
            if shared.timer == nil {
                shared.timer = EventLoops.forTimers.schedule(after: longest - (.now - began)) { [weak self] in
                    self?.giveUp()
                }
            }
            return ticket
        }
    }

    /// Waits for the result. Called once for each ticket.
    /// - Throws: `CancellationError`.
    func wait(_ ticket: Ticket) async throws -> News {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let news: Result<News, any Error>? = shared.withLock { shared in
                    switch shared.waiters.removeValue(forKey: ticket) {
                    case .told(let news): return .success(news)
                    case .cancelled: return .failure(CancellationError())
                    case .expected:
                        shared.waiters[ticket] = .waiting(continuation)
                        return nil
                    case .waiting, nil: preconditionFailure("a ticket is waited for once")
                    }
                }
                if let news { continuation.resume(with: news) }
            }
        } onCancel: {
            let waiter: CheckedContinuation<News, any Error>? = shared.withLock { shared in
                // A caller that has been told something takes it, so that no lead is lost.
                guard shared.machine.leave(ticket) else { return nil }
                guard case .waiting(let continuation) = shared.waiters.removeValue(forKey: ticket) else {
                    shared.waiters[ticket] = .cancelled
                    return nil
                }
                return continuation
            }
            waiter?.resume(throwing: CancellationError())
        }
    }

    /// Its result is no longer waited for, nor stored: it has taken too long.
    private func giveUp() {
        let waiters = shared.withLock { $0.tell(.again, $0.machine.giveUp()) }
        for waiter in waiters { waiter.resume(returning: .again) }
    }

    // MARK: For the leader

    /// The leader's task was cancelled.
    func cancelled(_ lead: Lead) {
        let next: (waiter: CheckedContinuation<News, any Error>, lead: Lead)? = shared.withLock { shared in
            guard case .by(let ticket, let lead) = shared.machine.cancelled(lead) else { return nil }
            return shared.tell(.lead(lead), [ticket]).first.map { ($0, lead) }
        }
        if let next { next.waiter.resume(returning: .lead(next.lead)) }
    }

    /// Whether the computed value may be stored.
    func beginToStore(_ lead: Lead) -> Bool { shared.withLock { $0.machine.beginToStore(lead) } }

    /// A leader has come to an end.
    func end(_ lead: Lead, _ news: News) {
        var waiters: [CheckedContinuation<News, any Error>] = []
        var writers: [Ticket: CheckedContinuation<Void, any Error>] = [:]
        let timer = shared.withLock { shared in
            guard let tickets = shared.machine.end(lead) else { return nil as EventLoop.TimerToken? }
            swap(&writers, &shared.writers)
            waiters = shared.tell(news, tickets)
            return shared.timer
        }
        if let timer { EventLoops.forTimers.cancel(timer) }
        for waiter in waiters { waiter.resume(returning: news) }
        for writer in writers.values { writer.resume() }
    }

    // MARK: For writers of the key

    func void() -> Bool {
        shared.withLock { shared in
            shared.machine.void()
            return shared.machine.isStoring
        }
    }

    func waitUntilStored() async throws {
        let ticket = shared.withLock { $0.nextTicket() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome: Result<Void, any Error>? = shared.withLock { shared in
                    guard !Task.isCancelled else { return .failure(CancellationError()) }
                    guard shared.machine.isStoring else { return .success(()) }
                    shared.writers[ticket] = continuation
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let writer = shared.withLock { $0.writers.removeValue(forKey: ticket) }
            writer?.resume(throwing: CancellationError())
        }
    }
}
