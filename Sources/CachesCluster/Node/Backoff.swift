/// How long to wait before another attempt to connect, or to take a lock that is held.
///
/// The wait doubles with each failure up to a cap, and is drawn at random from its upper half, so that the
/// clients of a dead server come back spread out, not in step.
package struct Backoff: Sendable {
    /// Before the second attempt.
    let first: Duration

    /// The most.
    let cap: Duration

    package init(first: Duration, cap: Duration) {
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

extension HealthConfiguration {
    /// How long a node that is out is left alone.
    var backoff: Backoff { Backoff(first: firstRetry, cap: retryCap) }
}
