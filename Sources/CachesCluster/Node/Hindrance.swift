internal import CachesTransport

/// Why no connection can be opened, if the cause is this process or its environment rather than the server.
///
/// The server's health stays as it is: nothing has been heard of it. But calls must not spend their deadlines
/// on a name service that is out, one after the other. So until a connection has opened they fail at once
/// with the reason, and after each pause one of them begins to open a connection again.
///
/// A value without a clock.
struct Hindrance: Sendable {
    /// The last failure.
    let reason: CachesError

    /// The number of failures in a row.
    let failures: Int

    /// When to try again.
    let until: ContinuousClock.Instant

    /// Follows `former`, if there is one.
    init(
        _ reason: CachesError, after former: Hindrance?, _ backoff: Backoff, jitter: Double,
        now: ContinuousClock.Instant
    ) {
        self.reason = reason
        failures = (former?.failures ?? 0) + 1
        until = now + backoff.delay(after: failures, jitter: jitter)
    }

    /// The error of calls meanwhile.
    var error: CachesError {
        var error = reason
        error.wasNotSent = true
        return error
    }
}
