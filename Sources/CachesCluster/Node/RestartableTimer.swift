internal import CachesTransport

/// The timer of the latest of several numbered waits.
///
/// A state machine decides on waits under a lock, and they begin outside it: perhaps in another order. So a
/// wait that begins too late replaces no other.
struct RestartableTimer: Sendable {
    private var wait: (step: Int, token: EventLoop.TimerToken)?

    /// The timer, nil before the first.
    var token: EventLoop.TimerToken? { wait?.token }

    /// Records a wait that has begun.
    /// - Returns: The obsolete timer: the previous one, or the given one.
    mutating func begin(_ step: Int, _ token: EventLoop.TimerToken) -> EventLoop.TimerToken? {
        if let wait, wait.step >= step { return token }
        defer { wait = (step, token) }
        return wait?.token
    }
}
