internal import CachesTransport

/// The timer of the latest of some waits that are numbered.
///
/// A state machine decides on waits under a lock, and they are begun without it: perhaps in another order. So one that
/// is begun too late takes no other's place.
struct RestartableTimer: Sendable {
    private var wait: (step: Int, token: EventLoop.TimerToken)?

    /// The timer, nil before the first.
    var token: EventLoop.TimerToken? { wait?.token }

    /// A wait has begun.
    /// - Returns: The timer that is of no use any more: the one before it, or its own.
    mutating func begin(_ step: Int, _ token: EventLoop.TimerToken) -> EventLoop.TimerToken? {
        if let wait, wait.step >= step { return token }
        defer { wait = (step, token) }
        return wait?.token
    }
}
