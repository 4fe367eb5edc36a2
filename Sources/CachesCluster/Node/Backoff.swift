/// How long to wait before another attempt: to connect, or at a lock that is held.
///
/// The wait doubles with each failure up to a cap, and is drawn at random from its upper half: the clients of
/// a server that died come back spread out, and not in step.
package struct Backoff: Sendable {
    /// Before the second attempt. Default 100 ms: a server that restarts is missed for no longer than it takes
    /// to start.
    let first: Duration

    /// The most. Default 5 s: a dead server costs each client a packet in that time, and one that returns is
    /// used again within it.
    let cap: Duration

    /// Makes a back-off with other times than a connection's.
    package init(first: Duration = .milliseconds(100), cap: Duration = .seconds(5)) {
        self.first = first
        self.cap = cap
    }

    /// The wait after `failures` failures in a row, 1 or more. `jitter`, from 0 to 1, picks from the range.
    package func delay(after failures: Int, jitter: Double) -> Duration {
        let doublings = min(max(failures, 1) - 1, 30)
        let ceiling = min(first * (1 << doublings), cap)
        return ceiling / 2 + ceiling / 2 * jitter
    }
}
